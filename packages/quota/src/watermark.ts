import { hysteresisPercent } from './limits.js'
import type { Spent } from './rate-bucket.js'

/** The marks of usage that are worth an event, in percent (SPEC 11), lowest first. */
export const usageMarks = [80, 95, 100] as const

/** A mark; 0 is below all of them. */
export type UsageMark = 0 | (typeof usageMarks)[number]

export type WatermarkStep = {
  /** The state to hand in with the next sample. */
  readonly mark: UsageMark
  /** The mark that this sample reached and the one before had not: one event. Of several, the highest. */
  readonly raised?: Exclude<UsageMark, 0>
}

/**
 * One sample of a quota's usage. A mark is raised when the usage reaches it, and again only after the usage was more
 * than five points below it: a quota that hovers at a mark is one event. Zero of zero is below all marks.
 *
 * @param mark the state after the sample before; 0 at the beginning.
 * @example
 * ```ts
 * const step = stepWatermark(marks.get(child) ?? 0, ledger.spent())
 * marks.set(child, step.mark)
 * if (step.raised !== undefined) emit(step.raised === 100 ? 'quota.exceeded' : 'quota.warning', step.raised)
 * ```
 */
export function stepWatermark(mark: UsageMark, { used, limit }: Spent): WatermarkStep {
  const reached = highest((each) => isAtLeast(used, limit, each))
  if (reached > mark) return { mark: reached, raised: reached as Exclude<UsageMark, 0> }
  const held = highest((each) => each <= mark && isAtLeast(used, limit, each - hysteresisPercent))
  return { mark: held }
}

function highest(holds: (mark: Exclude<UsageMark, 0>) => boolean): UsageMark {
  return usageMarks.findLast(holds) ?? 0
}

/** Exact up to 2⁵³ of both, which products of numbers are not. */
function isAtLeast(used: number, limit: number, percent: number): boolean {
  return used > 0 && BigInt(used) * 100n >= BigInt(limit) * BigInt(percent)
}
