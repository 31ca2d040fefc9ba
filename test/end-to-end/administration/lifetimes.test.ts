import { describe, expect, it, vi } from 'vitest'
import { bytes } from '../messages/message-tree.js'
import { startTree, treeFolder } from '../supervision/supervised-tree.js'

const types = (story: readonly string[]): readonly string[] => story.map((line) => line.split(' ')[0] ?? '')

describe('a child that lives for one message', () => {
  it('begins anew for each: no caller finds what another one left', async () => {
    const tree = await startTree(treeFolder(), {
      fresh: { entry: 'lifetime = "call"' },
      kept: {},
    })
    expect(tree.report('fresh')).toMatchObject({ state: 'dormant', incarnation: 0 })
    for (const count of ['1', '2', '3']) {
      expect(await tree.tell('kept', 'count')).toBe(count)
      expect(await tree.tell('fresh', 'count')).toBe('1')
    }
    await tree.saw('fresh', 'child.dormant', 4)
    expect(tree.report('fresh')).toMatchObject({ incarnation: 3, restarts: 0, restartsLeft: 3, score: 0 })
    expect(tree.report('kept')).toMatchObject({ state: 'running', incarnation: 1 })
    expect(types(tree.story('fresh')).slice(2)).toEqual(
      [1, 2, 3].flatMap(() => ['child.starting', 'child.ready', 'child.exited', 'child.dormant']),
    )
  }, 60_000)

  it('is given all messages of a burst, one instance after the other, none twice', async () => {
    const tree = await startTree(treeFolder(), { fresh: { entry: 'lifetime = "call"\ninstances = 2' } })
    const answers = await Promise.all(Array.from({ length: 12 }, () => tree.tell('fresh', 'count')))
    expect(answers).toEqual(answers.map(() => '1'))
    await vi.waitFor(() => {
      for (const member of ['fresh-1', 'fresh-2']) expect(tree.report(member).state).toBe('dormant')
    }, 10_000)
    const { children } = tree.runtime.messages()
    expect(children.map(({ handled }) => handled).reduce((sum, count) => sum + count, 0)).toBe(12)
    expect(Math.min(...children.map(({ handled }) => handled))).toBeGreaterThan(0)
  }, 60_000)

  it('that crashes in its message is restarted like any other, and pays for it', async () => {
    const tree = await startTree(treeFolder(), { fresh: { entry: 'lifetime = "call"' } })
    await tree.runtime.publish('fresh.do', bytes('trap'))
    await tree.saw('fresh', 'child.restarting')
    expect(await tree.tell('fresh', 'count')).toBe('1')
    expect(tree.report('fresh')).toMatchObject({ restartsLeft: 2 })
    expect(tree.runtime.deadLetters.list()).toMatchObject([{ reason: 'lost-in-crash', receiver: 'fresh' }])
  }, 60_000)

  it('does not begin anew in what it has done: what each instance was denied is counted together', async () => {
    const tree = await startTree(treeFolder(), { fresh: { entry: 'lifetime = "call"' } })
    const steal = (goods: number) => tree.runtime.publish('fresh.do', bytes(`publish stolen${goods}.goods x`))
    for (const goods of [1, 2, 3, 4, 5]) await steal(goods)
    await tree.saw('fresh', 'child.reduced')
    expect(await tree.tell('fresh', 'count')).toBe('1')
    expect(tree.report('fresh')).toMatchObject({ level: 'reduced', needsRelease: true })
    for (const goods of [6, 7, 8, 9, 10]) await steal(goods)
    await tree.saw('fresh', 'child.isolated')
    // In a process of its own, one for each message.
    expect(await tree.tell('fresh', 'count')).toBe('1')
    expect(await tree.tell('fresh', 'count')).toBe('1')
    expect(tree.report('fresh').level).toBe('process')
    expect(await tree.runtime.release('fresh', 'mended')).toEqual(['fresh'])
    expect(await tree.tell('fresh', 'count')).toBe('1')
    expect(tree.report('fresh').level).toBe('reduced')
  }, 90_000)

  it('may publish and ask, and stops in order with a message in hand', async () => {
    const tree = await startTree(treeFolder(), {
      fresh: {
        entry: 'lifetime = "call"',
        grants: ['messaging.subscribe = ["fresh.do"]', 'messaging.request = ["kept.do"]'],
      },
      kept: {},
    })
    expect(await tree.tell('fresh', 'request kept.do 5000 count')).toBe('= 1')
    expect(await tree.tell('fresh', 'request kept.do 5000 count')).toBe('= 2')
    const slow = tree.tell('fresh', 'sleep 500')
    await tree.saw('fresh', 'child.ready', 3)
    // It is ready, and has the message a moment later.
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(await tree.runtime.terminateChild('root', 'fresh')).toEqual({ kind: 'terminated' })
    expect(await slow).toBe('ok')
    expect(tree.report('fresh').state).toBe('stopped')
  }, 60_000)
})

describe('a child that lives until it is idle', () => {
  it('keeps its state while it has work, sleeps without, and is woken by the next message', async () => {
    const tree = await startTree(treeFolder(), { nap: { entry: 'lifetime = "idle 300ms"' } })
    expect(tree.report('nap').state).toBe('dormant')
    for (const count of ['1', '2', '3']) expect(await tree.tell('nap', 'count')).toBe(count)
    await tree.saw('nap', 'child.dormant', 2)
    expect(tree.report('nap')).toMatchObject({ state: 'dormant', incarnation: 1, next: { what: 'wake' } })
    // What was in its memory is gone, what was in its mailbox is not.
    await tree.runtime.publish('nap.do', bytes('count'))
    expect(await tree.tell('nap', 'count')).toBe('2')
    expect(tree.report('nap')).toMatchObject({ state: 'running', incarnation: 2, restarts: 0 })
  }, 60_000)

  it('is woken by another component, at first and by the lane that it has since', async () => {
    const tree = await startTree(treeFolder(), {
      nap: { entry: 'lifetime = "idle 200ms"' },
      caller: { grants: ['messaging.subscribe = ["caller.do"]', 'messaging.request = ["nap.do"]'] },
    })
    for (const round of [1, 2, 3]) {
      expect(await tree.tell('caller', 'request nap.do 10000 count')).toBe('= 1')
      await tree.saw('nap', 'child.dormant', round + 1)
    }
    expect(tree.report('nap').incarnation).toBe(3)
  }, 60_000)

  it('is not idle with a message in hand, however long that takes', async () => {
    const tree = await startTree(treeFolder(), { nap: { entry: 'lifetime = "idle 100ms"' } })
    expect(await tree.tell('nap', 'sleep 700')).toBe('ok')
    expect(tree.report('nap').incarnation).toBe(1)
  }, 60_000)

  it('that nothing could wake is refused, with its line', async () => {
    const program = { guest: 'hello', grants: [], entry: 'kind = "command"\nlifetime = "idle 1s"' }
    await expect(startTree(treeFolder(), { program })).rejects.toThrow(
      /bulkhead\.toml:\d+:\d+: its lifetime is `idle …`/,
    )
  }, 60_000)
})
