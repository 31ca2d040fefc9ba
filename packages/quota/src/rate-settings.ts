import { BulkheadError, type Rate } from '@bulkhead/vocabulary'
import { amountMax, burstNsMax } from './limits.js'

/** How much a bucket lets through. */
export type RateSettings = {
  /** Zero lets nothing through. */
  readonly rate: Rate
  /** How much at once, after a rest; one second's worth and at least 1 unless said. Zero lets nothing through. */
  readonly burst?: number
}

/** Checked settings, in what the arithmetic is done in: `amount` units in every `perNs`, `burstNs` at once. */
export type Pace = { readonly amount: bigint; readonly perNs: bigint; readonly burstNs: bigint }

/**
 * Checks settings. The burst becomes a time, that in which it is earned, rounded up to a whole nanosecond so that a take
 * of the whole burst always fits.
 *
 * @throws {BulkheadError} `usage` for what is no rate or burst, and for a burst that takes more than 104 days to earn.
 */
export function paceOf(settings: RateSettings): Pace {
  const { amount, perMs } = settings.rate
  if (!isAmount(amount)) throw new BulkheadError('usage', `\`${amount}\` is not an amount of a rate`)
  if (!Number.isSafeInteger(perMs) || perMs < 1 || perMs > 86_400_000) {
    throw new BulkheadError('usage', `\`${perMs}\` ms is not the time of a rate`, { hint: 'from 1 ms to a day' })
  }
  const burst = settings.burst ?? secondsWorth(settings.rate)
  if (!isAmount(burst)) throw new BulkheadError('usage', `\`${burst}\` is not a burst`)
  const perNs = BigInt(perMs) * 1_000_000n
  if (amount === 0) return { amount: 0n, perNs, burstNs: 0n }
  const burstNs = divideUp(BigInt(burst) * perNs, BigInt(amount))
  if (burstNs > BigInt(burstNsMax)) {
    throw new BulkheadError('usage', `a burst of ${burst} takes more than 104 days to earn at ${amount} in ${perMs} ms`)
  }
  return { amount: BigInt(amount), perNs, burstNs }
}

export function isAmount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= amountMax
}

export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}

function secondsWorth({ amount, perMs }: Rate): number {
  return Number(divideUp(BigInt(amount) * 1_000n, BigInt(perMs)))
}
