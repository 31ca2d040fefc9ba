import fc from 'fast-check'
import { expect, it } from 'vitest'
import { StormGuard } from './storm-guard.js'

it('lets 20 restarts pass in a second, and says when the next one may', () => {
  const guard = new StormGuard()
  expect(Array.from({ length: 20 }, (_, i) => guard.take(i))).toEqual(Array.from({ length: 20 }, () => 0))
  expect(guard.take(20)).toBe(980)
  expect(guard.take(999)).toBe(1)
  expect(guard.take(1_000)).toBe(0)
  expect(guard.take(1_000)).toBe(1)
})

it('never lets 21 pass within any second, and never refuses the 20th', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 200 }), (waits) => {
      const guard = new StormGuard()
      const taken: number[] = []
      let nowMs = 0
      for (const wait of waits) {
        nowMs += wait
        const recent = taken.filter((instant) => instant > nowMs - 1_000).length
        const delayMs = guard.take(nowMs)
        expect(delayMs === 0).toBe(recent < 20)
        if (delayMs === 0) taken.push(nowMs)
        else expect(delayMs).toBeLessThanOrEqual(1_000)
      }
    }),
  )
})
