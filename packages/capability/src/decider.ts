import type { Decision, Layer, Request, Rule } from '@bulkhead/vocabulary'
import {
  type CapabilityTable,
  denyList,
  firstLayerList,
  forbiddenList,
  operatorList,
  roleAllowList,
  roleDenyList,
} from './capability-table.js'
import { DecisionCache } from './decision-cache.js'
import { foreignNamespaceReason } from './foreign-namespace.js'
import { deniedReason, errorReason, forbiddenReason, noRuleReason, roleReason } from './reasons.js'
import { RuleFinder } from './rule-finder.js'

type Granted = Extract<Decision, { readonly verdict: 'granted' }>

/** How often a decider was asked, and how often it knew the answer already. */
export type DeciderMetrics = { readonly cacheHits: number; readonly cacheMisses: number }

/**
 * Decides requests by one table: forbidden list, deny rules, then each layer in order or else the operator, then the roles;
 * the first that refuses is the decision's layer. Pure lookup, no message, no look at the disk. Its cache lives and dies
 * with it, so that a new table means a new `Decider` and no decision outlives the table that made it.
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
  readonly #grantedBy: (Granted | undefined)[] = []
  #cacheHits = 0
  #cacheMisses = 0

  constructor(table: CapabilityTable) {
    this.table = table
    this.#finder = new RuleFinder(table)
  }

  get metrics(): DeciderMetrics {
    return { cacheHits: this.#cacheHits, cacheMisses: this.#cacheMisses }
  }

  /** Never throws. The decision is frozen and may be the same object for the same question. */
  decide(request: Request): Decision {
    try {
      const cached = this.#cache.get(request)
      if (cached !== undefined) {
        this.#cacheHits++
        return cached
      }
      this.#cacheMisses++
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
    const operator = this.#finder.found[operatorList] ?? -1
    if (refused !== undefined && operator === -1) return refused
    const byRoles = this.table.roles === 'absent' ? undefined : this.#refuseByRoles(request)
    if (byRoles !== undefined) return byRoles
    return refused === undefined
      ? this.#granted(this.#firstLayer(), this.#finder.found[firstLayerList] ?? -1, request)
      : this.#granted('operator', operator, request)
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
    const reason = kind === 'storage' ? foreignNamespaceReason(this.table, resource) : undefined
    return reason === undefined ? undefined : { verdict: 'denied', layer: 'approval', reason }
  }

  #refuseByRoles({ kind, action }: Request): Decision | undefined {
    const deny = this.#ruleOf(roleDenyList)
    if (deny !== undefined) return { verdict: 'denied', layer: 'role', rule: deny, reason: roleReason(deny.pattern) }
    if (this.#finder.found[roleAllowList] !== -1) return undefined
    return { verdict: 'denied', layer: 'role', reason: noRuleReason('role', kind, action) }
  }

  #granted(layer: Layer, index: number, request: Request): Granted {
    const limits = this.#finder.limitsFound(request)
    return limits === undefined ? this.#unlimited(layer, index) : { ...this.#unlimited(layer, index), limits }
  }

  /** One decision object for each rule, made when it first grants. A missing rule throws, which denies. */
  #unlimited(layer: Layer, index: number): Granted {
    const known = this.#grantedBy[index]
    if (known !== undefined) return known
    const decision = Object.freeze({ verdict: 'granted', layer, rule: this.#rule(index) })
    this.#grantedBy[index] = decision
    return decision
  }

  #firstLayer(): Layer {
    return this.table.layers[0] ?? 'manifest'
  }

  #ruleOf(list: number): Rule | undefined {
    const index = this.#finder.found[list] ?? -1
    return index === -1 ? undefined : this.#rule(index)
  }

  #rule(index: number): Rule {
    const rule = this.table.rules[index]
    if (rule === undefined) throw new RangeError(`the table has no rule ${index}`)
    return rule
  }
}
