import type { Layer } from '@bulkhead/vocabulary'
import type { TableSpec } from './capability-table.js'
import { foreignNamespaceReason } from './foreign-namespace.js'
import type { PlainRule } from './grant.js'
import { findCovering, findRefusing } from './grant-cover.js'

/** Where a wish ends: the layer, and the rule that refuses, where it is not the absence of one. */
export type GrantGap = { readonly layer: Layer; readonly rule?: PlainRule }

/**
 * The first layer that keeps a wish from being granted, in the order in which a table asks them, or `undefined` when it is
 * granted: each layer covers all of it, or the operator does, the roles cover all of it, and no single rule refuses all of
 * it. A rule that refuses a part leaves the rest. File rules of the forbidden list are not asked: they are about host paths.
 *
 * Sound for the layers: never `undefined` where one of them allows less. A layer whose rules cover the wish only together
 * counts as not covering it.
 *
 * @throws {PatternError} when a pattern does not follow its grammar.
 * @throws {BulkheadError} `usage` when an action is not one of its kind.
 */
export function findGap(spec: TableSpec, wanted: PlainRule): GrantGap | undefined {
  const forbidden = spec.forbidden.filter(({ kind }) => kind !== 'filesystem')
  return (
    refusedBy('forbidden', forbidden, wanted, spec) ??
    refusedBy('deny', spec.deny, wanted, spec) ??
    (findCovering(spec.operator, wanted, spec) === undefined ? gapInLayers(spec, wanted) : undefined) ??
    (spec.roles === undefined ? undefined : gapInRoles(spec.roles, wanted, spec))
  )
}

function gapInLayers(spec: TableSpec, wanted: PlainRule): GrantGap | undefined {
  const layers = spec.layers.map(({ layer }) => layer)
  const missing = spec.layers.find(({ grants }) => findCovering(grants, wanted, spec) === undefined)
  if (missing !== undefined || layers.length === 0) return { layer: missing?.layer ?? 'manifest' }
  if (wanted.kind !== 'storage') return undefined
  // A first `*` reaches the shared name spaces too, about which most is asked.
  const name = wanted.pattern.replace(/^\*/, 'shared')
  const foreign = foreignNamespaceReason({ componentId: spec.componentId, layers }, name)
  return foreign === undefined ? undefined : { layer: 'approval' }
}

function gapInRoles(roles: NonNullable<TableSpec['roles']>, wanted: PlainRule, spec: TableSpec): GrantGap | undefined {
  const allowed = findCovering(roles.allow, wanted, spec) !== undefined
  return refusedBy('role', roles.deny, wanted, spec) ?? (allowed ? undefined : { layer: 'role' })
}

function refusedBy(
  layer: Layer,
  rules: readonly PlainRule[],
  wanted: PlainRule,
  spec: TableSpec,
): GrantGap | undefined {
  const rule = findRefusing(rules, wanted, spec)
  return rule === undefined ? undefined : { layer, rule }
}
