import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backoffDelayMs, countDelay, forgiveAfterHealth } from './backoff.js'
import { freshAccount } from './restart-account.js'

const almostOne = 1 - Number.EPSILON

it('doubles from 200 ms to 30 s', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((failures) => backoffDelayMs(failures, almostOne))
  expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
})

it('A11. is jittered in its upper half, and never passes the cap', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
      const nominalMs = backoffDelayMs(failures, almostOne)
      const delayMs = backoffDelayMs(failures, random)
      expect(delayMs).toBeGreaterThanOrEqual(nominalMs / 2)
      expect(delayMs).toBeLessThanOrEqual(nominalMs)
    }),
  )
  expect(backoffDelayMs(0, 0)).toBe(100)
  expect(backoffDelayMs(50, 0)).toBe(15_000)
})

it('A12. starts over after max(10 s, twice the last delay) of health', () => {
  const short = countDelay({ ...freshAccount, failuresInARow: 3 }, 1_600)
  expect(forgiveAfterHealth(short, 9_999).failuresInARow).toBe(4)
  expect(forgiveAfterHealth(short, 10_000).failuresInARow).toBe(0)
  const long = countDelay({ ...freshAccount, failuresInARow: 7 }, 25_600)
  expect(forgiveAfterHealth(long, 51_199).failuresInARow).toBe(8)
  expect(forgiveAfterHealth(long, 51_200).failuresInARow).toBe(0)
})
