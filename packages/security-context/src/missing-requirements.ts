import type { Capability, Grant } from '@bulkhead/capability'
import type { Layer, RuleOrigin } from '@bulkhead/vocabulary'
import { type Coverage, coverageOf } from './coverage.js'
import type { Documents } from './documents.js'
import { layersOf, type SecurityContext } from './join.js'
import { type PatternRemedy, remedyForPattern } from './pattern-remedy.js'
import { gapReason } from './refusal-reason.js'
import type { Refusal } from './refusals.js'

/** Something that a component declares, cannot do without, and is not wholly granted. */
export type MissingRequirement = Capability & {
  /** Where it is declared. */
  readonly origin: RuleOrigin
  /** The author's words. */
  readonly why?: string
  /** The first layer that does not grant all of it. */
  readonly layer: Layer
  readonly reason: string
} & PatternRemedy

/**
 * The required patterns of the manifest that no way covers: not every layer and the roles, and no operator grant; or that
 * deny rules or the forbidden list take away wholly. A component with one of them does not start (`capability-required`).
 *
 * Sound: what is not listed is granted, but for what narrower deny rules take out. A pattern that several rules of a layer
 * cover only together is listed.
 */
export function missingRequirements(context: SecurityContext, documents: Documents): readonly MissingRequirement[] {
  return declaredBy(context)
    .filter(({ optional }) => optional !== true)
    .flatMap((grant) => {
      const coverage = coverageOf(grant, context.parts)
      const [first] = coverage.gaps
      return first === undefined ? [] : [missing(grant, first, coverage, context, documents)]
    })
}

/** What the component declares. */
export function declaredBy({ parts }: SecurityContext): readonly Grant[] {
  return layersOf(parts).find(({ layer }) => layer === 'manifest')?.grants ?? []
}

function missing(
  { kind, action, pattern, origin, why }: Grant,
  first: Refusal,
  { gaps, pieces }: Coverage,
  context: SecurityContext,
  documents: Documents,
): MissingRequirement {
  return {
    kind,
    action,
    pattern,
    origin,
    ...(why === undefined ? {} : { why }),
    layer: first.layer,
    reason: gapReason(first, pieces),
    ...remedyForPattern({ kind, action, pattern }, gaps, context, documents),
  }
}
