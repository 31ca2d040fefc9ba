import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CpuShare } from './cpu-share.js'
import { cpuBurstNs } from './limits.js'

const second = 1_000_000_000n
const percents = fc.integer({ min: 1, max: 99 })
/** What a guest does between two readings: computes for so long, and idles for so long. */
const stretches = fc.array(fc.tuple(fc.bigInt(0n, 3n * second), fc.bigInt(0n, 3n * second)), { maxLength: 50 })

/** Pays, and answers what is owed then. */
function paid(share: CpuShare, usedNs: bigint, nowNs: bigint): bigint {
  share.pay(usedNs, nowNs)
  return share.debtNs(nowNs)
}

test('an hour of idling saves up one second', () => {
  const share = new CpuShare(50, 0n)
  share.pay(0n, 3600n * second)
  expect(paid(share, 2n * second, 3602n * second)).toBe(second)
})

test('half of a core: what is saved up is used at once, then every second is paid with another', () => {
  const share = new CpuShare(50, 0n)
  expect(paid(share, second / 2n, second / 2n)).toBe(0n)
  expect(paid(share, second, (3n * second) / 2n)).toBe(second / 2n)
  const other = new CpuShare(50, 0n)
  // Ten seconds of computing cost twenty; ten have passed, and one was saved up.
  expect(paid(other, 10n * second, 10n * second)).toBe(9n * second)
})

test('a guest that waits as told never used more than its share of the time, what it had saved up, and its last stretch', () => {
  fc.assert(
    fc.property(percents, stretches, (percent, story) => {
      const share = new CpuShare(percent, 0n)
      let nowNs = 0n
      let usedNs = 0n
      for (const [computes, idles] of story) {
        const allowed = ((nowNs + cpuBurstNs) * BigInt(percent)) / 100n
        expect(usedNs).toBeLessThanOrEqual(allowed)
        nowNs += computes + idles
        usedNs += computes
        nowNs += paid(share, computes, nowNs)
      }
    }),
  )
})

test('a guest that keeps to its share never waits', () => {
  fc.assert(
    fc.property(percents, stretches, (percent, story) => {
      const share = new CpuShare(percent, 0n)
      let nowNs = 0n
      for (const [computes] of story) {
        nowNs += (computes * 100n) / BigInt(percent) + 1n
        expect(paid(share, computes, nowNs)).toBe(0n)
      }
    }),
  )
})

test('a wait is no longer than what was used costs', () => {
  fc.assert(
    fc.property(percents, stretches, (percent, story) => {
      const share = new CpuShare(percent, 0n)
      let nowNs = 0n
      for (const [computes, idles] of story) {
        nowNs += computes + idles
        const waitNs = paid(share, computes, nowNs)
        expect(waitNs).toBeGreaterThanOrEqual(0n)
        expect(waitNs).toBeLessThanOrEqual((computes * 100n) / BigInt(percent) + 1n)
        nowNs += waitNs
      }
    }),
  )
})

test('a share that changes costs what is used from then on', () => {
  const share = new CpuShare(50, 0n)
  share.change(10, 0n)
  expect(paid(share, second, second)).toBe(8n * second)
})

test('what is owed shrinks with a larger share, and does not grow with a smaller one', () => {
  const share = new CpuShare(1, 0n)
  expect(paid(share, second, second)).toBe(98n * second)
  share.change(50, second)
  expect(share.debtNs(second)).toBe((98n * second) / 50n)
  share.change(1, second)
  expect(share.debtNs(second)).toBe((98n * second) / 50n)
})
