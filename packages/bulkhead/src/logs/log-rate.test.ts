import { expect, it } from 'vitest'
import { LogRate } from './log-rate.js'

function rateOf(bytesPerSecond: number) {
  const state = { bytesPerSecond, nowMs: 0 }
  const rate = new LogRate(
    () => state.bytesPerSecond * 3_600,
    () => BigInt(state.nowMs) * 1_000_000n,
  )
  return { state, rate }
}

it('saves up one second, lets one piece more through, and then keeps to the rate', () => {
  const { state, rate } = rateOf(1_000)
  rate.charge(1_000)
  expect(rate.waitMs()).toBe(0)
  rate.charge(500)
  expect(rate.waitMs()).toBe(500)
  expect(rate.spent()).toEqual({ used: 1_000, limit: 1_000 })
  state.nowMs = 500
  expect(rate.waitMs()).toBe(0)
  state.nowMs = 10_000
  expect(rate.spent().used).toBe(0)
  let taken = 0
  for (; state.nowMs < 20_000; state.nowMs += 10) {
    if (rate.waitMs() > 0) continue
    rate.charge(100)
    taken += 100
  }
  expect(taken).toBeGreaterThanOrEqual(10_900)
  expect(taken).toBeLessThanOrEqual(11_100)
})

it('holds to another rate at once, and zero is none', () => {
  const { state, rate } = rateOf(1_000)
  rate.charge(10_000)
  expect(rate.waitMs()).toBe(9_000)
  state.bytesPerSecond = 0
  expect([rate.isNothing, rate.waitMs(), rate.spent().limit]).toEqual([true, 0, 0])
  rate.charge(1)
})
