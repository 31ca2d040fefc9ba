import { expect, test } from 'vitest'
import { CpuWatch } from './cpu-watch.js'

const windowMs = 10_000

/** Looks each second at a thread that uses so many percent of a core; `visits` says how often it had come by the guard. */
function look(watch: CpuWatch, seconds: number, percent: number, visits: (second: number) => number = () => 0) {
  for (let second = 0; second <= seconds; second++) {
    const found = watch.take({ atMs: second * 1000, usedMs: second * 10 * percent, visits: visits(second) })
    if (found !== undefined) return { second, percent: found }
  }
  return undefined
}

test('twice the share over the whole window is too much; a little less is not', () => {
  expect(look(new CpuWatch(20, windowMs), 60, 40)).toEqual({ second: 10, percent: 40 })
  expect(look(new CpuWatch(20, windowMs), 60, 38)).toBeUndefined()
  expect(look(new CpuWatch(20, windowMs), 9, 100)).toBeUndefined()
})

test('a guest that comes by the guard is held to its share there, and not stopped', () => {
  expect(look(new CpuWatch(20, windowMs), 60, 100, (second) => Math.floor(second / 9))).toBeUndefined()
  expect(look(new CpuWatch(20, windowMs), 60, 100, (second) => Math.min(second, 5))).toEqual({
    second: 15,
    percent: 100,
  })
})

test('what was saved up by idling for long does not count: only the last window does', () => {
  const watch = new CpuWatch(20, windowMs)
  for (let second = 0; second < 3_600; second++) {
    expect(watch.take({ atMs: second * 1000, usedMs: 0, visits: 0 })).toBeUndefined()
  }
  let stoppedAfter = 0
  for (let second = 1; second <= 60 && stoppedAfter === 0; second++) {
    const reading = { atMs: 3_599_000 + second * 1000, usedMs: second * 1000, visits: 0 }
    if (watch.take(reading) !== undefined) stoppedAfter = second
  }
  expect(stoppedAfter).toBe(4)
})

test('a thread that never waits is told as a little less than a whole core', () => {
  expect(look(new CpuWatch(50, windowMs), 60, 98)).toMatchObject({ second: 10 })
})

test('twice more than half a core is more than a thread can use', () => {
  expect([10, 50, 51, 100].map((share) => CpuWatch.canExceed(share))).toEqual([true, true, false, false])
})
