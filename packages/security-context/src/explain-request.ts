import { type ExplainedStep, explainRequest as explainByTable } from '@bulkhead/capability'
import type { Layer, Request } from '@bulkhead/vocabulary'
import type { Documents } from './documents.js'
import { layersOf, type SecurityContext } from './join.js'
import { gapReason } from './refusal-reason.js'
import { type Refusal, refusalsOf, withHostPath } from './refusals.js'
import { hasDoor, remedyFor } from './remedy.js'
import type { AccessReport, StepReport } from './report.js'

/**
 * Would this be allowed, and why: what each layer says, in the order in which they are asked, where the verdict falls, and
 * what would change it. Names are taken as they are: links on the disk are not followed.
 *
 * @example
 * ```ts
 * explainRequest(context, { kind: 'filesystem', action: 'read', resource: '/data/a.csv' }, { child: 'ingest' }).verdict
 * ```
 */
export function explainRequest(asked: Request, context: SecurityContext, documents: Documents): AccessReport {
  const request = withHostPath(asked, context)
  const { kind, action, resource } = request
  const { decision, steps } = explainByTable(context.table, request)
  const mount = refusalsOf(request, context).find(({ layer }) => layer === 'mount')
  const all = [...steps.map(stepOf), ...absent(context), ...mountStep(request, mount)]
  const note = hasDoor(request) ? {} : { note: 'this version has no interface through which a component could ask' }
  const base = { kind, action, resource, steps: all, ...note }
  const remedyAt = (layer: Layer) => {
    const remedy = remedyFor({ kind, action, resource, layer }, context, documents)
    return remedy === undefined ? {} : { remedy }
  }
  // The guard looks for a mount before it asks; what is forbidden is so behind every mount.
  if (mount !== undefined && decision.layer !== 'forbidden') {
    return { ...base, verdict: 'denied', layer: 'mount', reason: gapReason(mount), ...remedyAt('mount') }
  }
  const { layer, rule } = decision
  const ruled = rule === undefined ? {} : { rule: { layer, pattern: rule.pattern, origin: rule.origin } }
  if (decision.verdict === 'denied') {
    return { ...base, verdict: 'denied', layer, reason: decision.reason, ...ruled, ...remedyAt(layer) }
  }
  const limits = decision.limits === undefined ? {} : { limits: decision.limits }
  return { ...base, verdict: 'granted', layer, reason: `allowed by \`${decision.rule.pattern}\``, ...ruled, ...limits }
}

function stepOf({ layer, answer, rule, limits }: ExplainedStep): StepReport {
  return {
    layer,
    answer: answer === 'allows' ? 'grants' : answer,
    ...(rule === undefined
      ? {}
      : { rule: { layer, pattern: rule.pattern, origin: rule.origin, ...(limits === undefined ? {} : { limits }) } }),
  }
}

/** Layers that somebody would look for and that there are none of: they restrict nothing. */
function absent({ parts }: SecurityContext): readonly StepReport[] {
  const there = new Set(layersOf(parts).map(({ layer }) => layer))
  const named = (['approval', 'policy'] as const).filter((layer) => !there.has(layer))
  return [...named, ...(parts.roles === undefined ? (['role'] as const) : [])].map((layer) => ({
    layer,
    answer: 'absent',
  }))
}

function mountStep({ kind }: Request, refusal: Refusal | undefined): readonly StepReport[] {
  if (kind !== 'filesystem') return []
  return [{ layer: 'mount', answer: refusal === undefined ? 'grants' : 'refuses' }]
}
