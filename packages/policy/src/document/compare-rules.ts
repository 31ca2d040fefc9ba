import type { CapabilitySet, Grant } from '@bulkhead/capability'
import { comparedCharactersMax, comparisonCharactersMin } from './limits.js'

/** A rule as a set of its own, whose pattern is parsed once however often it is compared. */
export type ComparedRule = { readonly rule: Grant; readonly set: CapabilitySet }

/**
 * Compares the rules of one policy, each with each, as far as the work stays bounded: whoever hands a policy in chooses how
 * many patterns there are and how long they take. When the work is spent, rules are `unknown` to each other.
 */
export class RuleComparer {
  #left = comparedCharactersMax

  /** Whether some rules were not compared. */
  get isSpent(): boolean {
    return this.#left < 0
  }

  /** Whether one allows all that the other does, or they allow the same. */
  relation(one: ComparedRule, other: ComparedRule): 'wider' | 'same' | 'other' | 'unknown' {
    if (one.rule.kind !== other.rule.kind) return 'other'
    this.#left -= comparisonCharactersMin + one.rule.pattern.length * other.rule.pattern.length
    if (this.isSpent) return 'unknown'
    if (!one.set.covers(other.set)) return 'other'
    return other.set.covers(one.set) ? 'same' : 'wider'
  }
}
