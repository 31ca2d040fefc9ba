import { BulkheadError, type GrantLimits, type Request, type Rule } from '@bulkhead/vocabulary'
import { compileTable, firstLayerList } from './capability-table.js'
import type { Grant } from './grant.js'
import { grantCovers, type ParsedRule, parseGrant, type RuleContext } from './grant-cover.js'
import { type KindCatalogue, noCustomKinds } from './kind-catalogue.js'
import { RuleFinder } from './rule-finder.js'

/** A list of grants, any one of which suffices. */
type Alternatives = readonly ParsedRule[]

/** The rule that allows, and within which limits: the narrowest of the lists, in each the most generous rule that matches. */
export type Permission = Rule & { readonly limits?: GrantLimits }

/**
 * An immutable set of capabilities. It grows by nothing: `intersect` and `attenuate` only narrow.
 *
 * Inside it is a list of lists: each list must allow a request, any grant of a list may. That is how an intersection stays
 * exact: two wildcard patterns have in general no single pattern for what both match.
 *
 * @example
 * ```ts
 * const set = CapabilitySet.of(manifest.capabilities, { componentId: 'ingest' })
 * set.check({ kind: 'filesystem', action: 'read', resource: '/data/a.csv' })?.pattern // '/data/**'
 * ```
 */
export class CapabilitySet {
  readonly #required: readonly Alternatives[]
  readonly #componentId: string
  readonly #kinds: KindCatalogue
  #finder: RuleFinder | undefined

  private constructor(required: readonly Alternatives[], componentId: string, kinds: KindCatalogue) {
    this.#required = required
    this.#componentId = componentId
    this.#kinds = kinds
  }

  /**
   * @throws {PatternError} when a pattern does not follow its grammar.
   * @throws {BulkheadError} `usage` when an action is not one of its kind, or a limit stands where nothing would obey it.
   */
  static of(grants: readonly Grant[], options: RuleContext = {}): CapabilitySet {
    const { componentId = '', kinds = noCustomKinds } = options
    return new CapabilitySet([grants.map((grant) => parseGrant(grant, { componentId, kinds }))], componentId, kinds)
  }

  /** The grants that the set was made of. An intersection allows at most these; what is left of them, `check` says. */
  get grants(): readonly Grant[] {
    return (this.#required[0] ?? []).map(({ grant }) => grant)
  }

  /** The rule that allows the request, or `undefined`. Knows no deny rules and no forbidden list: those are the `Decider`'s. */
  check(request: Request): Permission | undefined {
    const finder = this.#rules()
    if (finder.find(request) !== undefined) return undefined
    if (finder.found.subarray(firstLayerList).includes(-1)) return undefined
    const rule = finder.table.rules[finder.found[firstLayerList] ?? -1]
    const limits = finder.limitsFound(request)
    return rule === undefined || limits === undefined ? rule : { ...rule, limits }
  }

  /**
   * What both sets allow, within the narrower limits.
   *
   * @throws {BulkheadError} `usage` when the sets belong to different components, whose `self:` means different things, or
   * speak of different custom kinds.
   */
  intersect(other: CapabilitySet): CapabilitySet {
    if (other.#componentId !== this.#componentId) {
      throw new BulkheadError(
        'usage',
        `the sets belong to \`${this.#componentId}\` and \`${other.#componentId}\`: they have no intersection`,
        { hint: 'make both with the same `componentId`' },
      )
    }
    if (other.#kinds !== this.#kinds) {
      throw new BulkheadError('usage', 'the sets speak of different custom kinds: they have no intersection', {
        hint: 'make both with the same `kinds`',
      })
    }
    return new CapabilitySet([...this.#required, ...other.#required], this.#componentId, this.#kinds)
  }

  /**
   * A set of exactly these grants, all of which this set must cover.
   *
   * @throws {BulkheadError} `usage`, naming the first grant that is not covered.
   */
  attenuate(grants: readonly Grant[]): CapabilitySet {
    for (const grant of grants) {
      if (this.covers(grant)) continue
      const { document, line } = grant.origin
      const where = line === undefined ? document : `${document}:${line}`
      const what = `${grant.kind}.${grant.action} ${grant.pattern}`
      throw new BulkheadError('usage', `\`${what}\` (${where}) is not covered by the set that it should narrow`, {
        details: { kind: grant.kind, action: grant.action, pattern: grant.pattern },
        hint: 'a set can be narrowed, never widened',
      })
    }
    return CapabilitySet.of(grants, { componentId: this.#componentId, kinds: this.#kinds })
  }

  /**
   * Whether every request that the grant or set allows is allowed here, within no narrower limits. Sound: never true
   * wrongly; may be false although it holds.
   */
  covers(other: Grant | CapabilitySet): boolean {
    const context = { componentId: this.#componentId, kinds: this.#kinds }
    const others = other instanceof CapabilitySet ? other.#required : [[parseGrant(other, context)]]
    return this.#required.every((wide) => others.some((narrow) => alternativesCover(wide, narrow, this.#kinds)))
  }

  #rules(): RuleFinder {
    this.#finder ??= new RuleFinder(
      compileTable({
        version: 0,
        componentId: this.#componentId,
        kinds: this.#kinds,
        forbidden: [],
        deny: [],
        operator: [],
        layers: this.#required.map((list) => ({ layer: 'manifest', grants: list.map(({ grant }) => grant) })),
      }),
    )
    return this.#finder
  }
}

/** Each grant of the narrow list fits into one of the wide list. */
function alternativesCover(wide: Alternatives, narrow: Alternatives, kinds: KindCatalogue): boolean {
  return narrow.every((grant) => wide.some((candidate) => grantCovers(candidate, grant, kinds)))
}
