import { expect, it } from 'vitest'
import { climbs, freshScore, scoreAt, scoreFault } from './isolation-score.js'

const minute = 60_000
const step = 5 * minute

it.each([
  ['crash', 0],
  ['host', 0],
  ['normal', 0],
  ['resource', 2],
  ['security', 5],
] as const)('%s adds %i', (fault, points) => {
  expect(scoreFault(freshScore, fault, 7, step)).toEqual({ points, sinceMs: 7 })
})

it('is halved once, rounding up, for each full step: 5, 3, 2, 1, 1', () => {
  const score = { points: 5, sinceMs: 100 }
  const after = [0, 1, 2, 3, 4, 1_000_000].map((steps) => scoreAt(score, 100 + steps * step, step).points)
  expect(after).toEqual([5, 3, 2, 1, 1, 1])
  expect(scoreAt(score, 100 + step - 1, step)).toEqual(score)
})

it('carries what is left of a step, so that asking changes nothing', () => {
  let asked = { points: 5, sinceMs: 0 }
  for (let nowMs = 0; nowMs <= 3 * step; nowMs += minute) asked = scoreAt(asked, nowMs, step)
  expect(asked).toEqual(scoreAt({ points: 5, sinceMs: 0 }, 3 * step, step))
})

it('does not count backwards when the clock does', () => {
  expect(scoreAt({ points: 3, sinceMs: 10 * step }, 0, step)).toEqual({ points: 3, sinceMs: 10 * step })
})

it('climbs at 4', () => {
  expect([3, 4, 5].map((points) => climbs({ points, sinceMs: 0 }))).toEqual([false, true, true])
})
