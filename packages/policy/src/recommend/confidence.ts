import type { Origination } from './draft-line.js'
import { fullConfidenceHours, fullConfidenceUses } from './limits.js'

const hourMs = 3_600_000

/**
 * How much speaks for a line, from 0 to 1 in hundredths:
 *
 * ```
 * confidence = evidence × (0.2 + 0.4 × uses + 0.4 × span)
 * uses       = log(1 + uses seen) ÷ log(1 + 64), at most 1
 * span       = log(1 + hours between the first and the last use) ÷ log(1 + 168), at most 1; 0 without times
 * evidence   = 1 for an exact name; 1 − 1 ÷ (distinct names) where a wildcard stands for them
 * ```
 *
 * So one use of one name is worth 0.27, the same name 64 times in one run 0.6, and over a week 1; a wildcard from three
 * names at most 0.67, from ten 0.9.
 */
export function confidenceOf(how: Origination, seen: Seen): number {
  const uses = scaled(seen.covers, fullConfidenceUses)
  const span = scaled(seen.spanMs / hourMs, fullConfidenceHours)
  const evidence = how === 'exact' || how === 'kept' ? 1 : 1 - 1 / seen.resources
  return Math.round(evidence * (0.2 + 0.4 * uses + 0.4 * span) * 100) / 100
}

/** What speaks for a line: uses, distinct names, and how far apart the first and the last use were. */
export type Seen = { readonly covers: number; readonly resources: number; readonly spanMs: number }

function scaled(value: number, full: number): number {
  return Math.min(1, Math.log1p(value) / Math.log1p(full))
}
