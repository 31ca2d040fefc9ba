import type { Decision, Layer, Request, Rule } from '@bulkhead/vocabulary'
import { type CapabilityTable, denyList, firstLayerList, forbiddenList, operatorList } from './capability-table.js'
import { DecisionCache } from './decision-cache.js'
import { canonicalNamespace } from './namespace-pattern.js'
import { deniedReason, errorReason, forbiddenReason, noRuleReason } from './reasons.js'
import { RuleFinder } from './rule-finder.js'

/**
 * Decides requests by one table: forbidden list, deny rules, then each layer in order; the first that refuses is the
 * decision's layer. Pure lookup, no message, no look at the disk. Its cache lives and dies with it, so that a new table
 * means a new `Decider` and no decision outlives the table that made it.
 *
 * INVARIANT (fails-closed): whatever goes wrong while deciding, also in the request's own shape, is a denial of layer `error`.
 *
 * @example
 * ```ts
 * const decider = new Decider(table)
 * decider.decide({ kind: 'filesystem', action: 'write', resource: '/etc/passwd' })
 * // { verdict: 'denied', layer: 'manifest', reason: 'no rule of the manifest allows filesystem.write here' }
 * ```
 */
export class Decider {
  readonly table: CapabilityTable
  readonly #finder: RuleFinder
  readonly #cache = new DecisionCache()
  /** By index of the rule; a rule belongs to one list, so to one layer. */
  readonly #grantedBy: (Decision | undefined)[] = []

  constructor(table: CapabilityTable) {
    this.table = table
    this.#finder = new RuleFinder(table)
  }

  /** Never throws. The decision is frozen and may be the same object for the same question. */
  decide(request: Request): Decision {
    try {
      const cached = this.#cache.get(request)
      if (cached !== undefined) return cached
      const decision = Object.freeze(this.#decideUncached(request))
      this.#cache.set(request, decision)
      return decision
    } catch (thrown) {
      return Object.freeze({ verdict: 'denied', layer: 'error', reason: errorReason(thrown) })
    }
  }

  #decideUncached(request: Request): Decision {
    const malformed = this.#finder.find(request)
    if (malformed !== undefined) return { verdict: 'denied', layer: this.#firstLayer(), reason: malformed }
    const forbidden = this.#ruleOf(forbiddenList)
    if (forbidden !== undefined) {
      return { verdict: 'denied', layer: 'forbidden', rule: forbidden, reason: forbiddenReason(request.hostPath) }
    }
    const deny = this.#ruleOf(denyList)
    if (deny !== undefined) return { verdict: 'denied', layer: 'deny', rule: deny, reason: deniedReason(deny.pattern) }
    const refused = this.#refuseByLayers(request)
    if (refused === undefined) return this.#granted(this.#firstLayer(), this.#finder.found[firstLayerList] ?? -1)
    const operator = this.#finder.found[operatorList] ?? -1
    return operator === -1 ? refused : this.#granted('operator', operator)
  }

  #refuseByLayers({ kind, action, resource }: Request): Decision | undefined {
    const { layers } = this.table
    if (layers.length === 0) return { verdict: 'denied', layer: 'manifest', reason: 'nothing is granted' }
    for (let index = 0; index < layers.length; index++) {
      const layer = layers[index]
      if (layer !== undefined && this.#finder.found[firstLayerList + index] === -1) {
        return { verdict: 'denied', layer, reason: noRuleReason(layer, kind, action) }
      }
    }
    return kind === 'storage' ? this.#refuseForeignNamespace(resource) : undefined
  }

  /** One decision object for each rule, made when it first grants. A missing rule throws, which denies. */
  #granted(layer: Layer, index: number): Decision {
    const known = this.#grantedBy[index]
    if (known !== undefined) return known
    const rule = this.table.rules[index]
    if (rule === undefined) throw new RangeError(`the table has no rule ${index}`)
    const decision = Object.freeze({ verdict: 'granted', layer, rule })
    this.#grantedBy[index] = decision
    return decision
  }

  /** SPEC 3.3: another component's name space is never granted by a manifest alone, `shared:` only by an approval. */
  #refuseForeignNamespace(resource: string): Decision | undefined {
    const name = canonicalNamespace(resource, this.table) ?? ''
    const own = `component:${this.table.componentId}`
    if (name === own || name.startsWith(`${own}:`)) return undefined
    const layers = this.table.layers
    const shared = name === 'shared' || name.startsWith('shared:')
    const vouched = shared
      ? layers.includes('approval')
      : layers.some((layer) => layer === 'approval' || layer === 'policy')
    if (vouched) return undefined
    const whose = shared ? 'a shared name space' : "a name space that is not the component's own"
    return { verdict: 'denied', layer: 'approval', reason: `${whose} needs an explicit approval` }
  }

  #firstLayer(): Layer {
    return this.table.layers[0] ?? 'manifest'
  }

  #ruleOf(list: number): Rule | undefined {
    const index = this.#finder.found[list] ?? -1
    if (index === -1) return undefined
    const rule = this.table.rules[index]
    if (rule === undefined) throw new RangeError(`the table has no rule ${index}`)
    return rule
  }
}
