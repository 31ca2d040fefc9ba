import { type RateBucketMemory, RateCells } from './rate-cells.js'
import { paceOf, type RateSettings } from './rate-settings.js'

/**
 * Puts other settings in force, for all threads at once: when it returns, nothing is admitted by the old ones, and who
 * waits in `takeWaiting` looks again. What was spent stays spent: the instant is kept (SPEC 12), so a bucket that was
 * empty at one take an hour is empty for the rest of that hour at any rate.
 *
 * One thread at a time: the one that made the bucket.
 *
 * @throws {BulkheadError} `usage` as `createQuotaBlock`; the old settings stay in force.
 * @example
 * ```ts
 * changeRate(rates.messages, { rate: { amount: 0, perMs: 1_000 } }) // nothing more
 * ```
 */
export function changeRate(memory: RateBucketMemory, settings: RateSettings): void {
  const pace = paceOf(settings)
  const cells = new RateCells(memory)
  cells.writePace(pace)
  cells.voidTakes()
}
