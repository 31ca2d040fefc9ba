// Administrative calls in random order on real components. A failing run is repeated with BULKHEAD_SEED=<the seed it names>.

import type { ChildReport } from 'bulkhead'
import { expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { bytes } from '../messages/message-tree.js'
import { type SupervisedTree, startTree, treeFolder } from './supervised-tree.js'

const ids = ['a', 'b', 'c', 'd'] as const
const steps = 60
/** Each of them waits for the backoff after the one before, which doubles from 100 ms. */
const endsMax = 5
const { BULKHEAD_SEED: asked } = process.env
const seed = asked === undefined ? Date.now() % 1_000_000 : Number(asked)

/** Park and Miller's generator: the same calls for the same seed. */
function randomFrom(start: number): (below: number) => number {
  let state = (start % 2_147_483_646) + 1
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** What each call may answer; whatever else it answers is a fault. */
const calls: Readonly<Record<string, (tree: SupervisedTree, id: string) => Promise<string>>> = {
  terminate: async ({ runtime }, id) => (await runtime.terminateChild('root', id)).kind,
  restart: async ({ runtime }, id) => (await runtime.restartChild('root', id)).kind,
  release: async ({ runtime }, id) => String((await runtime.release(id, 'fuzz')).length),
  crash: async ({ runtime }, id) => String((await runtime.publish(`${id}.do`, bytes('trap'))).receivers),
  end: async ({ runtime }, id) => String((await runtime.publish(`${id}.do`, bytes('exit 0'))).receivers),
  list: async ({ runtime }) => runtime.whichChildren('root').kind,
  count: async ({ runtime }) => runtime.countChildren('root').kind,
  spec: async ({ runtime }, id) => runtime.getChildSpec('root', id).kind,
  upgrade: async ({ runtime }, id) =>
    await runtime.upgrade(id, guestFile('messages-operator')).then(
      ({ outcome }) => outcome,
      ({ code }) => code,
    ),
}

it(`whatever is called in whatever order, what holds of a tree holds (seed ${seed})`, async () => {
  const entry = 'restart = "permanent"\nshutdown = "500ms"'
  const tree = await startTree(treeFolder(), Object.fromEntries(ids.map((id) => [id, { entry }])), {
    supervisor: 'intensity = { restarts = 1_000 }',
  })
  const random = randomFrom(seed)
  const names = Object.keys(calls)
  const told: string[] = []
  for (let step = 0; step < steps; step++) {
    const [name = '', id = 'a'] = [names[random(names.length)], ids[random(ids.length)]]
    const ends = told.filter((call) => call.startsWith(`crash ${id}`) || call.startsWith(`end ${id}`))
    if ((name === 'crash' || name === 'end') && ends.length === endsMax) continue
    const answer = await calls[name]?.(tree, id)
    told.push(`${name} ${id} → ${answer}`)
    check(tree, told)
  }
  // Whoever was left stopped is started, and all of them answer.
  for (const id of ids) {
    if (tree.report(id).state === 'stopped') await tree.runtime.restartChild('root', id)
    expect(await tree.tell(id, 'print here'), told.join('\n')).toBe('ok')
  }
  await tree.runtime.stop()
  check(tree, told)
  expect(tree.runtime.children().every(({ state }) => state === 'stopped')).toBe(true)
}, 180_000)

/** No start before the end of the one before was seen; incarnations count up by one; the views agree with each other. */
function check({ runtime, events }: SupervisedTree, told: readonly string[]): void {
  const why = told.join('\n')
  const incarnations = new Map<string, number>()
  const running = new Set<string>()
  for (const { type, child = '', incarnation } of events) {
    if (type === 'child.starting') {
      expect(running.has(child), why).toBe(false)
      expect(incarnation, why).toBe((incarnations.get(child) ?? 0) + 1)
      incarnations.set(child, incarnation ?? 0)
      running.add(child)
    }
    if (type === 'child.exited') running.delete(child)
  }
  const reports = new Map<string, ChildReport>(runtime.children().map((report) => [report.id, report]))
  expect([...reports.keys()].sort(), why).toEqual([...ids])
  for (const [id, { state, incarnation, restartsLeft, score, level }] of reports) {
    expect(incarnation, why).toBe(incarnations.get(id))
    expect(restartsLeft, why).toBeGreaterThanOrEqual(0)
    expect([score, level], why).toEqual([0, 'thread'])
    if (state === 'running') expect(running.has(id), why).toBe(true)
    if (state === 'stopped' || state === 'backoff') expect(running.has(id), why).toBe(false)
  }
}
