// What real members use of the processor and of memory is seen from outside, told, and charged where it is too much.

import { expect, it, onTestFinished, vi } from 'vitest'
import { bytes } from '../messages/message-tree.js'
import { startTree, treeFolder } from './supervised-tree.js'

const mebibyte = 1024 * 1024

/** Waits until something holds: a loaded machine gives a thread of low priority little of its time. */
async function until(holds: () => boolean, what: () => unknown): Promise<void> {
  for (const end = Date.now() + 120_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`it did not come true: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

it('tells of a member that uses more of the processor than its share, stops and charges one that goes on', async () => {
  const quotas = '[quotas]\ncpu = "2%"\ndeadline = "10m"'
  const { runtime, events, story, report } = await startTree(treeFolder(), {
    greedy: { manifest: quotas },
    idle: { manifest: quotas },
    owner: { manifest: '[quotas]\ncpu = "100%"\ndeadline = "10m"' },
  })
  for (const child of ['greedy', 'owner']) await runtime.publish(`${child}.do`, bytes('spin'))
  const of = (child: string, type: string) => events.filter((event) => event.child === child && event.type === type)
  await until(
    () => of('greedy', 'child.degraded').length > 0,
    () => story('greedy'),
  )
  expect(of('greedy', 'child.degraded')[0]?.reason).toMatch(/it uses \d+ % of a core; its share is 2 %/)
  await until(
    () => of('greedy', 'child.exited').length > 0,
    () => story('greedy'),
  )
  const [exited] = of('greedy', 'child.exited')
  expect(exited).toMatchObject({ class: 'resource' })
  await until(
    () => report('greedy').score > 0,
    () => report('greedy'),
  )
  // Who does nothing is within its share, and who may use all of a core cannot use more.
  for (const child of ['idle', 'owner']) {
    expect(report(child).state).toBe('running')
    expect(story(child).filter((line) => line.includes('of a core'))).toEqual([])
  }
}, 300_000)

it('stops and charges who is furthest over its share where more than 0.9 of the memory is in use, and nobody before', async () => {
  const { runtime, events, story, report, tell } = await startTree(treeFolder(), { greedy: {}, modest: {} })
  expect(await tell('greedy', 'grow 900')).not.toBe('-1')
  expect(await tell('modest', 'grow 10')).not.toBe('-1')
  expect(events.filter(({ type }) => type === 'child.exited')).toEqual([])
  // As if this process had been given so much: what it holds is more than that by far.
  const small = vi.spyOn(process, 'constrainedMemory').mockReturnValue(96 * mebibyte)
  onTestFinished(() => small.mockRestore())
  const exited = () => events.filter(({ type }) => type === 'child.exited')
  await until(
    () => exited().length > 0,
    () => story('greedy'),
  )
  expect(exited()).toMatchObject([{ child: 'greedy', class: 'resource' }])
  expect(exited()[0]?.reason).toBe('memory runs out, and it is furthest over its share')
  await until(
    () => report('greedy').score > 0,
    () => report('greedy'),
  )
  // It comes back when there is room for it.
  await until(
    () => report('greedy').state === 'waiting',
    () => story('greedy'),
  )
  expect(report('greedy').reason).toBe('memory')
  small.mockRestore()
  await until(
    () => report('greedy').state === 'running',
    () => story('greedy'),
  )
  expect(await tell('modest', 'count')).toBe('1')
  expect(runtime.children().map(({ restarts }) => restarts)).toEqual([1, 0])
}, 300_000)
