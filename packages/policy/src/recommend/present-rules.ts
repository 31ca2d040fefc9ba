import { CapabilitySet, compileTable, Decider, type Grant } from '@bulkhead/capability'
import type { TalliedAccess } from './access-tally.js'
import type { Naming } from './exact-pattern.js'
import { unusedRoundsMax } from './limits.js'

/** The rules in force, and which of them what was done needs. */
export class PresentRules {
  readonly #grants: readonly Grant[]
  readonly #naming: Naming
  readonly #set: CapabilitySet
  readonly #all: Decider

  constructor(grants: readonly Grant[], naming: Naming) {
    this.#grants = grants
    this.#naming = naming
    this.#set = CapabilitySet.of(grants, naming)
    this.#all = this.#deciderOf(grants.map((_, index) => index))
  }

  /** The rule that allows the access; of several the most generous. */
  ruleFor(access: TalliedAccess): Grant | undefined {
    const index = ruleIndex(this.#all, access)
    return index === undefined ? undefined : this.#grants[index]
  }

  /** Whether the rules allow all that the grant would. */
  cover(grant: Grant): boolean {
    return this.#set.covers(grant)
  }

  /** The rule that a record names, where the name of what was asked for is not whole any more. */
  ruleNamed(pattern: string | undefined, { kind, action }: TalliedAccess): Grant | undefined {
    const named = this.#grants.filter((grant) => grant.kind === kind && grant.pattern === pattern)
    return named.find((grant) => grant.action === action) ?? named[0]
  }

  /**
   * The rules that match no access. The first rule that matches an access hides the others, so what is left is asked again
   * without those found, until nothing more is found. A policy of rules inside rules would take as many rounds as it has
   * rules: after a few, each is asked alone, and the first access that it matches is enough.
   */
  unused(accesses: readonly TalliedAccess[], alsoUsed: ReadonlySet<Grant>): readonly Grant[] {
    let left = this.#grants.flatMap((grant, index) => (alsoUsed.has(grant) ? [] : [index]))
    for (let round = 0; round < unusedRoundsMax; round++) {
      const decider = this.#deciderOf(left)
      const found = new Set(accesses.map((access) => ruleIndex(decider, access)))
      const still = left.filter((index) => !found.has(index))
      if (still.length === left.length) return this.#grantsAt(left)
      left = still
    }
    return this.#grantsAt(left).filter((grant) => {
      const alone = CapabilitySet.of([grant], this.#naming)
      return !accesses.some((access) => alone.check(access) !== undefined)
    })
  }

  #grantsAt(indexes: readonly number[]): readonly Grant[] {
    return indexes.flatMap((index) => this.#grants[index] ?? [])
  }

  /** A rule's line is its index here: that is how it is known again. */
  #deciderOf(indexes: readonly number[]): Decider {
    const grants = indexes.flatMap((index) => {
      const grant = this.#grants[index]
      return grant === undefined ? [] : [{ ...grant, origin: { document: 'present', line: index } }]
    })
    // `approval`, so that shared name spaces are judged by the rules alone: what was granted was approved.
    const layers = [{ layer: 'approval', grants }] as const
    return new Decider(compileTable({ version: 1, ...this.#naming, forbidden: [], deny: [], operator: [], layers }))
  }
}

function ruleIndex(decider: Decider, { kind, action, resource }: TalliedAccess): number | undefined {
  const decision = decider.decide({ kind, action, resource })
  return decision.verdict === 'granted' ? decision.rule.origin.line : undefined
}
