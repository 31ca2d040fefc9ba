import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { bytes } from '../messages/message-tree.js'
import { type Supervised, startTree, treeFolder } from '../supervision/supervised-tree.js'

/** Other bytes that do the same: a custom section at the end. */
function padded(folder: string, name: string, guest = 'messages-operator'): string {
  const file = join(folder, `${name}.wasm`)
  writeFileSync(file, Buffer.concat([readFileSync(guestFile(guest)), Buffer.from([0, 5, 1, 0x78, 1, 2, name.length])]))
  return file
}

function manifest(folder: string, version: string, topics: readonly string[]): string {
  const file = join(folder, `a-${version}.component.toml`)
  const grants = `messaging.subscribe = ${JSON.stringify(topics)}`
  writeFileSync(file, `[component]\nid = "a"\nversion = "${version}"\n[capabilities]\n${grants}\n`)
  return file
}

async function start(children: Readonly<Record<string, Supervised>> = { a: {} }, top = '', supervisor = '') {
  const folder = treeFolder()
  return { folder, ...(await startTree(folder, children, { top, supervisor })) }
}

describe('an upgrade', () => {
  it('runs the new component as the next incarnation, and loses no message', async () => {
    const { runtime, folder, tell, report, story } = await start()
    expect(await tell('a', 'count')).toBe('1')
    let upgrading = true
    const upgraded = runtime.upgrade('a', padded(folder, 'two')).finally(() => {
      upgrading = false
    })
    const answers: string[] = []
    while (upgrading) answers.push(await tell('a', 'count'))
    const { outcome, from, to, difference, isWider } = await upgraded
    expect({ outcome, isWider, difference }).toEqual({
      ...{ outcome: 'upgraded', isWider: false },
      difference: { added: [], removed: [], changed: [] },
    })
    expect(from.digest).not.toBe(to.digest)
    answers.push(await tell('a', 'count'))
    // Each is answered once: by the old one until it is asked to stop, then by the new one, which counts from the beginning.
    const first = answers.indexOf('1')
    expect(first).toBeGreaterThan(0)
    const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => String(from + index))
    expect(answers).toEqual([...numbers(2, first), ...numbers(1, answers.length - first)])
    expect(report('a')).toMatchObject({ state: 'running', incarnation: 2, restartsLeft: 3, score: 0 })
    expect(report('a').component).toContain('two.wasm')
    expect(story('a').some((line) => line.startsWith('child.upgraded'))).toBe(true)
    expect((await runtime.policy.show('a')).child).toBe('a')
  }, 60_000)

  it('that asks for more is shown, and waits for a yes; with it the new topics are its own', async () => {
    const { runtime, folder, report, tell } = await start()
    const file = padded(folder, 'two')
    const more = manifest(folder, '2.0.0', ['a.do', 'b.do'])
    const asked = await runtime.upgrade('a', file, { manifest: more })
    expect(asked).toMatchObject({ outcome: 'approval-required', isWider: true, to: { version: '2.0.0' } })
    expect(asked.difference.added.join()).toContain('b.do')
    expect(report('a').incarnation).toBe(1)
    await expect(runtime.request('b.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
    expect(await runtime.upgrade('a', file, { manifest: more, approve: true })).toMatchObject({ outcome: 'upgraded' })
    expect(Buffer.from((await runtime.request('b.do', bytes('count'))).body).toString()).toBe('1')
    expect(await tell('a', 'count')).toBe('2')
  }, 60_000)

  it('that asks for less, or the same in other words, asks nobody', async () => {
    const { runtime, folder, tell } = await start({
      a: { grants: ['messaging.subscribe = ["a.*", "b.do"]'] },
    })
    const less = manifest(folder, '2.0.0', ['a.do'])
    expect(await runtime.upgrade('a', padded(folder, 'two'), { manifest: less })).toMatchObject({
      outcome: 'upgraded',
      isWider: false,
    })
    expect(await tell('a', 'count')).toBe('1')
    await expect(runtime.request('b.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
  }, 60_000)

  it('is taken back by itself after a fault, with the rules from before', async () => {
    const { runtime, folder, tell, saw, report } = await start()
    const file = padded(folder, 'bad', 'messages-trapping')
    const more = manifest(folder, '2.0.0', ['a.do', 'b.do'])
    await runtime.upgrade('a', file, { manifest: more, approve: true })
    await runtime.publish('a.do', bytes('anything'))
    await saw('a', 'child.upgrade-rolled-back')
    await saw('a', 'child.restarted', 2)
    expect(await tell('a', 'count')).toBe('1')
    await vi.waitFor(() =>
      expect(report('a')).toMatchObject({ state: 'running', component: guestFile('messages-operator') }),
    )
    await expect(runtime.request('b.do', bytes('count'))).rejects.toMatchObject({ code: 'no-subscriber' })
    expect(await runtime.upgrade('a', padded(folder, 'good'))).toMatchObject({ outcome: 'upgraded' })
  }, 60_000)

  it('to bytes that are quarantined under another name is refused until whoever ran them is released', async () => {
    const { runtime, folder, saw, report } = await start(
      { a: {}, bad: { guest: 'messages-trapping', entry: 'restart = "permanent"' } },
      '',
      'intensity = { restarts = 0 }',
    )
    await runtime.publish('bad.do', bytes('anything'))
    await saw('bad', 'child.quarantined')
    const file = padded(folder, 'same-code', 'messages-trapping')
    await expect(runtime.upgrade('a', file)).rejects.toMatchObject({
      code: 'component-quarantined',
      hint: expect.stringContaining('bulkhead release'),
    })
    expect(report('a')).toMatchObject({ state: 'running', incarnation: 1 })
    await runtime.release('bad', 'looked at')
    expect(await runtime.upgrade('a', file)).toMatchObject({ outcome: 'upgraded' })
    expect(report('a')).toMatchObject({ state: 'running', incarnation: 2 })
  }, 60_000)

  it('is not taken back when its probation is over', async () => {
    const { runtime, folder, saw, report } = await start({ a: {} }, 'time_scale = 1000')
    const file = padded(folder, 'bad', 'messages-trapping')
    await runtime.upgrade('a', file)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await runtime.publish('a.do', bytes('anything'))
    await saw('a', 'child.restarted', 2)
    expect(report('a').component).toContain('bad.wasm')
  }, 60_000)

  it('of a pool renews each of its members', async () => {
    const { runtime, folder, report, saw, tell } = await start({ a: { entry: 'instances = 3' } })
    await runtime.upgrade('a', padded(folder, 'two'))
    for (const member of ['a-1', 'a-2', 'a-3']) {
      await saw(member, 'child.ready', 2)
      expect(report(member)).toMatchObject({ incarnation: 2, restartsLeft: 3 })
    }
    expect(await tell('a', 'print still here')).toBe('ok')
  }, 60_000)

  it('of one that sleeps is what wakes next', async () => {
    const { runtime, folder, report, tell } = await start({ a: { entry: 'lifetime = "call"' } })
    await runtime.upgrade('a', padded(folder, 'two'))
    expect(report('a')).toMatchObject({ state: 'dormant', incarnation: 0 })
    expect(await tell('a', 'count')).toBe('1')
    expect(report('a').component).toContain('two.wasm')
  }, 60_000)

  it('is refused, and the child runs on as it was, where the bytes are none or do something else', async () => {
    const { runtime, folder, report, tell } = await start()
    const broken = join(folder, 'broken.wasm')
    writeFileSync(broken, 'no component')
    const up = (file: string) => runtime.upgrade('a', file)
    await expect(up(broken)).rejects.toMatchObject({ code: 'component-invalid' })
    await expect(up(guestFile('hello'))).rejects.toMatchObject({ code: 'component-invalid' })
    await expect(up(guestFile('messages-operator'))).rejects.toMatchObject({ code: 'usage' })
    await expect(up('./nothing.wasm')).rejects.toThrow('nothing.wasm')
    await expect(runtime.upgrade('nobody', broken)).rejects.toMatchObject({ code: 'usage' })
    expect(report('a')).toMatchObject({ incarnation: 1, state: 'running' })
    expect(await tell('a', 'count')).toBe('1')
    await runtime.upgrade('a', padded(folder, 'two'))
    await expect(up(padded(folder, 'three'))).rejects.toMatchObject({ code: 'update-conflict' })
  }, 60_000)
})
