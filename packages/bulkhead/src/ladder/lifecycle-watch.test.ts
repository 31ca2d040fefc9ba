import type { Clock } from '@bulkhead/vocabulary'
import { beforeEach, expect, it } from 'vitest'
import { LifecycleWatch } from './lifecycle-watch.js'

let nowMs = 0
let due: { atMs: number; run: () => void }[] = []
const clock: Pick<Clock, 'after'> = {
  after: (ms, run) => {
    const timer = { atMs: nowMs + ms, run }
    due.push(timer)
    return () => {
      due = due.filter((each) => each !== timer)
    }
  },
}
const told: (string | undefined)[] = []

function pass(ms: number): void {
  const endMs = nowMs + ms
  for (let next = due[0]; next !== undefined && next.atMs <= endMs; next = due[0]) {
    due.shift()
    nowMs = next.atMs
    next.run()
  }
  nowMs = endMs
}

function watch(): LifecycleWatch {
  const tell = (reason: string | undefined): void => void told.push(reason)
  return new LifecycleWatch({ clock: clock as Clock, answerMs: 1_000, everyMs: 5_000, tell })
}

beforeEach(() => {
  due = []
  told.length = 0
})

it('hands on what a component answers in time', () => {
  const watched = watch()
  watched.hear({ kind: 'lifecycle', stage: 'asked', words: '' })
  pass(999)
  watched.hear({ kind: 'lifecycle', stage: 'well', words: '' })
  watched.hear({ kind: 'lifecycle', stage: 'asked', words: '' })
  watched.hear({ kind: 'lifecycle', stage: 'ill', words: 'torn' })
  watched.hear({ kind: 'lifecycle', stage: 'shutdown', words: '' })
  pass(60_000)
  expect(told).toEqual([undefined, 'it says of its health: torn'])
})

it('counts a silence once a round, and not again when the answer comes late', () => {
  const watched = watch()
  watched.hear({ kind: 'lifecycle', stage: 'asked', words: '' })
  pass(2_000)
  expect(told).toEqual([expect.stringMatching(/^its `health` has not answered within 1.?s$/)])
  pass(5_000)
  expect(told).toHaveLength(2)
  watched.hear({ kind: 'lifecycle', stage: 'well', words: '' })
  pass(60_000)
  expect(told).toHaveLength(2)
  watched.hear({ kind: 'lifecycle', stage: 'asked', words: '' })
  watched.end()
  pass(60_000)
  expect(told).toHaveLength(2)
})
