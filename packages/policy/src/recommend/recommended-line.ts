import type { Grant } from '@bulkhead/capability'
import type { TalliedAccess } from './access-tally.js'
import { confidenceOf } from './confidence.js'
import type { DraftLine, Origination } from './draft-line.js'
import { examplesMax } from './limits.js'

/** One rule that is recommended, and why. Instants are milliseconds since 1970 UTC. */
export type RecommendedLine = {
  readonly grant: Grant
  /** Accesses that it is there for, repeats counted. */
  readonly covers: number
  /** Distinct names among them. */
  readonly resources: number
  /** 0 to 1; see `confidenceOf`. */
  readonly confidence: number
  /** In our words, one line: safe to print. */
  readonly reason: string
  /** Names as they were asked for: the component's words, not yet made safe to print. */
  readonly examples: readonly string[]
  readonly firstSeen?: number
  readonly lastSeen?: number
  /** Whether it allows more than what is granted now. */
  readonly widens: boolean
}

/** @param grant without an origin of its own: the recommendation is its origin */
export function recommendedLine(grant: Grant, draft: DraftLine, widens: boolean): RecommendedLine {
  const { members } = draft
  const covers = members.reduce((sum, { count }) => sum + count, 0)
  const resources = new Set(members.map(({ resource }) => resource))
  const span = spanOf(members)
  const seen = { covers, resources: resources.size, spanMs: span === undefined ? 0 : span.lastSeen - span.firstSeen }
  return {
    grant,
    covers,
    resources: seen.resources,
    confidence: confidenceOf(draft.how, seen),
    reason: `${usesIn(members)}${namesIn(draft.how, seen.resources)}`,
    examples: [...resources].slice(0, examplesMax),
    ...span,
    widens,
  }
}

function spanOf(members: readonly TalliedAccess[]): { firstSeen: number; lastSeen: number } | undefined {
  let firstSeen = Number.POSITIVE_INFINITY
  let lastSeen = Number.NEGATIVE_INFINITY
  for (const member of members) {
    firstSeen = Math.min(firstSeen, member.firstSeen ?? firstSeen)
    lastSeen = Math.max(lastSeen, member.lastSeen ?? lastSeen)
  }
  return lastSeen === Number.NEGATIVE_INFINITY ? undefined : { firstSeen, lastSeen }
}

function usesIn(members: readonly TalliedAccess[]): string {
  const sums = { granted: 0, denied: 0 }
  for (const { verdict, count } of members) sums[verdict] += count
  if (sums.denied === 0) return `used ${times(sums.granted)}`
  return sums.granted === 0
    ? `asked for ${times(sums.denied)}, refused so far`
    : `used ${times(sums.granted)}, refused ${times(sums.denied)}`
}

function namesIn(how: Origination, names: number): string {
  switch (how) {
    case 'exact':
      return ''
    case 'siblings':
      return `: ${names} names that differ in the last part only`
    case 'varying':
      return `: ${names} names that differ in a number, date or hash`
    case 'below':
      return `: ${names} names below one place`
    case 'domain':
      return `: ${names} hosts of one domain`
    case 'kept':
      return ': names that no pattern can say, or that the log cut short, so the rule in force stays'
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
