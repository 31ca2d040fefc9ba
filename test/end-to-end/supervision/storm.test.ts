// Many real components that crash again and again beside two that do not. Who is throttled when is counted on simulated children
// (supervisors/src/storm.test.ts): how fast threads are made is the machine's affair.

import { expect, it } from 'vitest'
import { type Supervised, startTree, treeFolder } from './supervised-tree.js'

const crashers = 60

it('sixty crash as soon as they start: each costs what its budget forgives, and starves nobody', async () => {
  const children: Record<string, Supervised> = { steady: {}, calm: {} }
  // A program that traps at once; as a permanent child it is started again each time.
  const crasher = { guest: 'trap', grants: [], entry: 'restart = "permanent"\nexpect = "quarantined"' }
  for (let n = 0; n < crashers; n++) children[`crasher-${n}`] = crasher
  const tree = await startTree(treeFolder(), children, {
    top: 'overcommit = 1000',
    supervisor: 'intensity = { restarts = 1 }',
  })
  const { runtime, events, tell } = tree
  const ended = () => runtime.children().filter(({ state }) => state === 'quarantined').length
  let asked = 0
  while (ended() < crashers && asked < 20_000) {
    asked++
    // Each answer comes, in order, from the one incarnation there ever was.
    expect(await tell('steady', 'count')).toBe(String(asked))
    expect(await tell('calm', 'count')).toBe(String(asked))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(ended()).toBe(crashers)
  expect(asked).toBeGreaterThan(1)
  // A crash loop costs as many starts as its budget forgives, and one more; whatever they cost, they are counted.
  const starts = new Map<string, number>()
  for (const { type, child = '' } of events) {
    if (type === 'child.starting') starts.set(child, (starts.get(child) ?? 0) + 1)
  }
  expect(starts.get('steady')).toBe(1)
  expect(starts.get('calm')).toBe(1)
  for (let n = 0; n < crashers; n++) expect(starts.get(`crasher-${n}`)).toBe(2)
  // Each start follows an exit that was seen.
  const running = new Set<string>()
  for (const { type, child = '' } of events) {
    if (type === 'child.starting') {
      expect(running.has(child)).toBe(false)
      running.add(child)
    }
    if (type === 'child.exited') running.delete(child)
  }
}, 240_000)
