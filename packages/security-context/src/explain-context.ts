import type { Capability, Grant } from '@bulkhead/capability'
import type { GrantLimits } from '@bulkhead/vocabulary'
import { actionsAllowedBy, type Coverage, coverageOf, type Piece } from './coverage.js'
import type { Documents } from './documents.js'
import { type ContextParts, denyOf, layersOf, type OperatorGrant, type SecurityContext } from './join.js'
import { defaultLimitsDocument, limitNames, type NarrowedLimits, narrowLimits } from './narrow-limits.js'
import { mountRefusalOf } from './pattern-mounts.js'
import { patternsOverlap } from './pattern-overlap.js'
import { remedyForPattern } from './pattern-remedy.js'
import { gapReason } from './refusal-reason.js'
import type { Refusal } from './refusals.js'
import { hasDoor } from './remedy.js'
import type { ContextReport, DenyReport, GrantReport, LimitReport, RuleReport, UngrantedReport } from './report.js'

/**
 * Everything that decides what a component may do, as plain JSON: for each effective grant where it comes from, for each
 * declared one of which nothing is left why, at which layer, and what would grant it.
 *
 * @example
 * ```ts
 * explainContext(context, {}).granted[0]
 * // { kind: 'filesystem', action: 'read', pattern: '/data/**', extent: 'part', from: [manifest rule, policy rule], … }
 * ```
 */
export function explainContext(context: SecurityContext, documents: Documents): ContextReport {
  const { parts } = context
  const declared = (layersOf(parts)[0]?.grants ?? []).map((grant) => explainDeclared(grant, context, documents))
  const operator = parts.operator.map((grant) => explainOperator(grant, context, documents))
  const all = [...declared, ...operator]
  return {
    principal: parts.principal,
    componentId: parts.componentId,
    policyVersion: parts.policyVersion,
    ...(parts.standing === undefined ? {} : parts.standing),
    granted: all.flatMap(({ granted }) => granted),
    ungranted: all.flatMap(({ ungranted }) => ungranted),
    denied: denyOf(parts).map((rule) => ruleOf('deny', rule)),
    ...(parts.roles === undefined
      ? {}
      : {
          roles: {
            allow: parts.roles.allow.map((rule) => ruleOf('role', rule)),
            deny: parts.roles.deny.map((rule) => ruleOf('role', rule)),
          },
        }),
    limits: limitsOf(parts),
    mounts: parts.mounts.map(({ guestPath, hostPath, mode }) => ({ guest: guestPath, host: hostPath, mode })),
  }
}

type Explained = { readonly granted: readonly GrantReport[]; readonly ungranted: readonly UngrantedReport[] }

/** A declared pattern: what is left of it, and of what it implies where nothing of itself is. */
function explainDeclared(grant: Grant, context: SecurityContext, documents: Documents): Explained {
  const { parts } = context
  const { kind, action, pattern } = grant
  const coverage = coverageOf({ kind, action, pattern }, parts)
  const [refusal] = coverage.refusals
  if (refusal === undefined) return { granted: [granted(grant, coverage, parts)], ungranted: [] }
  const implied = actionsAllowedBy({ kind, action, pattern }, parts)
    .filter((other) => other.action !== action)
    .map((other) => ({ other, found: coverageOf(other, parts) }))
    .filter(({ found }) => found.refusals.length === 0)
  return {
    granted: implied.map(({ other, found }) => granted({ ...grant, action: other.action }, found, parts)),
    ungranted: [ungranted(grant, refusal, coverage, context, documents)],
  }
}

/** What an operator granted, apart from what is declared; deny rules, forbidden list and roles stand above it. */
function explainOperator(grant: OperatorGrant, context: SecurityContext, documents: Documents): Explained {
  const { parts } = context
  const coverage = coverageOf(grant, { ...parts, layers: [], operator: [grant], approval: [], policy: [] })
  const [refusal] = coverage.refusals
  if (refusal !== undefined) {
    return { granted: [], ungranted: [ungranted(grant, refusal, coverage, context, documents)] }
  }
  const { grantedBy = 'the operator', expiresAt, reason } = grant
  const operator = {
    grantedBy,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(reason === undefined ? {} : { reason }),
  }
  return { granted: [{ ...granted(grant, coverage, parts), operator }], ungranted: [] }
}

function granted(grant: Grant, { pieces, gaps }: Coverage, parts: ContextParts): GrantReport {
  const { kind, action, pattern } = grant
  const limits = gaps.length === 0 ? narrowestOf(pieces) : undefined
  const note = noteOf(grant, parts)
  return {
    kind,
    action,
    pattern,
    extent: gaps.length === 0 ? 'whole' : 'part',
    from: pieces.map(({ layer, rule }) => ruleReport(layer, rule)),
    except: exceptionsTo(grant, parts),
    ...(limits === undefined ? {} : { limits }),
    optional: grant.optional ?? false,
    ...(note === undefined ? {} : { note }),
  }
}

function ungranted(
  grant: Grant,
  first: Refusal,
  { gaps, pieces }: Coverage,
  context: SecurityContext,
  documents: Documents,
): UngrantedReport {
  const { kind, action, pattern, optional = false, why } = grant
  return {
    kind,
    action,
    pattern,
    optional,
    layer: first.layer,
    reason: gapReason(first, pieces),
    ...remedyForPattern({ kind, action, pattern }, gaps, context, documents),
    ...(why === undefined ? {} : { why }),
  }
}

/** Deny rules that take something out, those of the roles too. */
function exceptionsTo(wanted: Capability, parts: ContextParts): readonly RuleReport[] {
  const { kind, action, pattern } = wanted
  const meets = (rule: Grant): boolean =>
    rule.kind === kind && rule.action === action && patternsOverlap(kind, rule.pattern, pattern, parts)
  return [
    ...denyOf(parts)
      .filter(meets)
      .map((rule) => ruleReport('deny', rule)),
    ...(parts.roles?.deny ?? []).filter(meets).map((rule) => ruleReport('role', rule)),
  ]
}

function noteOf(wanted: Capability, { mounts }: ContextParts): string | undefined {
  if (!hasDoor(wanted)) return 'this version has no interface that would use it'
  const refusal = mountRefusalOf(wanted, mounts)
  return refusal === undefined ? undefined : gapReason(refusal)
}

/** Each layer's rule bounds it, so the narrowest of each bound holds; an operator's grant lifts them. */
function narrowestOf(pieces: readonly Piece[]): GrantLimits | undefined {
  if (pieces.some(({ layer }) => layer === 'operator')) return undefined
  const limits = pieces.flatMap(({ rule }) => rule.limits ?? [])
  const sizes = limits.flatMap(({ maxFileSizeBytes }) => maxFileSizeBytes ?? [])
  const connections = limits.flatMap((one) => one.connections ?? [])
  if (sizes.length === 0 && connections.length === 0) return undefined
  return {
    ...(sizes.length === 0 ? {} : { maxFileSizeBytes: Math.min(...sizes) }),
    ...(connections.length === 0 ? {} : { connections: Math.min(...connections) }),
  }
}

function ruleOf(layer: 'deny' | 'role', rule: Grant): DenyReport {
  return { kind: rule.kind, action: rule.action, rule: ruleReport(layer, rule) }
}

function ruleReport(layer: RuleReport['layer'], { pattern, origin, limits }: Grant): RuleReport {
  return { layer, pattern, origin, ...(limits === undefined ? {} : { limits }) }
}

function limitsOf({ narrowed, limits }: ContextParts): readonly LimitReport[] {
  const { memoryBytesMax, cpuPercent, handlesMax } = limits
  const document = defaultLimitsDocument
  const known: NarrowedLimits = narrowed ?? {
    memoryBytes: { value: memoryBytesMax, document },
    cpuPercent: { value: cpuPercent, document },
    handles: { value: handlesMax, document },
    messagesPerHour: narrowLimits([]).messagesPerHour,
    logBytesPerHour: narrowLimits([]).logBytesPerHour,
    storageBytes: narrowLimits([]).storageBytes,
    networkBytesPerHour: narrowLimits([]).networkBytesPerHour,
  }
  return limitNames.flatMap((name) => {
    const limit = known[name]
    return limit === undefined ? [] : [{ name, ...limit }]
  })
}
