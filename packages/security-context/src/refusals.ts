import { compileTable, Decider, explainRequest, type Grant, type TableSpec } from '@bulkhead/capability'
import type { Layer, Request } from '@bulkhead/vocabulary'
import { type ContextParts, denyOf, type SecurityContext, specOf } from './join.js'
import { denyRulesPerRemedyMax } from './limits.js'
import { mountOf } from './mount-of.js'
import type { ContextMount } from './worker-context.js'

/**
 * One reason why a request is refused. A decision names the first; who wants to know what to change needs all of them,
 * else each mended line would only uncover the next refusal.
 */
export type Refusal = {
  readonly layer: Layer
  /** The rules that deny it: of `deny` and `role`, at most `denyRulesPerRemedyMax`. */
  readonly rules: readonly Grant[]
  /** Whether the layer has a rule that allows it and is only overruled. */
  readonly allowed: boolean
  /** Of `mount`: what is mounted there, for reading only. Absent where nothing is. */
  readonly mount?: ContextMount
}

/** The request as the guard would ask it: with the host path behind a mounted file. Links are not followed here. */
export function withHostPath(request: Request, context: SecurityContext): Request {
  if (request.kind !== 'filesystem' || request.hostPath !== undefined) return request
  const mount = mountOf(request.resource, context.parts.mounts)
  if (mount === undefined) return request
  const below = request.resource.slice(mount.guestPath === '/' ? 0 : mount.guestPath.length)
  const hostPath = mount.hostPath === '/' ? below || '/' : `${mount.hostPath}${below === '/' ? '' : below}`
  return { ...request, hostPath }
}

/** Everything that refuses a request, in the order in which it is asked. None: it is granted. */
export function refusalsOf(asked: Request, context: SecurityContext): readonly Refusal[] {
  const request = withHostPath(asked, context)
  const { decision, steps } = explainRequest(context.table, request)
  const byMount = mountRefusal(request, context)
  if (decision.verdict === 'granted') return byMount
  if (decision.layer === 'forbidden') return [bare('forbidden')]
  const granted = steps.some(({ layer, answer }) => layer === 'operator' && answer === 'allows')
  const byRules = steps.flatMap(({ layer, answer }) => {
    if (layer === 'deny' || layer === 'role') return answer === 'refuses' ? [deniedBy(layer, request, context)] : []
    return answer === 'refuses' && !granted ? [bare(layer)] : []
  })
  // Without any layer, and for a resource that is not of its form, no step says what the decision says.
  const unsaid = byRules.some(({ layer }) => layer === decision.layer) ? [] : [bare(decision.layer)]
  const noLayer =
    context.table.layers.length === 0 && !granted && decision.layer !== 'manifest' ? [bare('manifest')] : []
  return [...byMount, ...byRules, ...unsaid, ...noLayer]
}

/** A layer that has nothing that allows it. */
export function bare(layer: Layer): Refusal {
  return { layer, rules: [], allowed: false }
}

function mountRefusal({ kind, action, resource }: Request, { parts }: SecurityContext): readonly Refusal[] {
  if (kind !== 'filesystem') return []
  const mount = mountOf(resource, parts.mounts)
  if (mount === undefined) return [bare('mount')]
  return action === 'read' || mount.mode === 'write' ? [] : [{ ...bare('mount'), mount }]
}

function deniedBy(layer: 'deny' | 'role', request: Request, { parts }: SecurityContext): Refusal {
  if (layer === 'deny') return { layer, rules: denyRulesFor(request, denyOf(parts), parts), allowed: true }
  const { allow = [], deny = [] } = parts.roles ?? {}
  return { layer, rules: denyRulesFor(request, deny, parts), allowed: grantAlone(allow, request, parts) }
}

/** All rules of a list that deny the request. A decision knows the first only, so that one is taken out and the rest asked again. */
function denyRulesFor(request: Request, list: readonly Grant[], parts: ContextParts): readonly Grant[] {
  const matching: Grant[] = []
  let rest = list.filter(({ kind }) => kind === request.kind)
  while (matching.length < denyRulesPerRemedyMax) {
    const { layer, rule } = new Decider(compileTable({ ...alone(parts), deny: rest })).decide(request)
    if (layer !== 'deny') break
    const hit = rest.filter(({ pattern, origin }) => pattern === rule?.pattern && origin === rule.origin)
    // One line of a role file may be several rules, one for each action.
    matching.push(...hit.slice(0, 1))
    rest = rest.filter((grant) => !hit.includes(grant))
  }
  return matching
}

/**
 * Whether these grants allow the request when nothing else is asked.
 *
 * @throws {PatternError} when one holds a pattern that does not compile.
 */
export function grantAlone(grants: readonly Grant[], request: Request, parts: ContextParts): boolean {
  return new Decider(compileTable({ ...alone(parts), operator: grants })).decide(request).verdict === 'granted'
}

function alone(parts: ContextParts): TableSpec {
  return { ...specOf(parts), forbidden: [], deny: [], layers: [], operator: [], roles: undefined }
}
