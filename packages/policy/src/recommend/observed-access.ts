import type { Action, Kind, Layer } from '@bulkhead/vocabulary'

/** One thing that a component asked for: a record of the audit log, or an access of `exec`. */
export type ObservedAccess = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  readonly layer?: Layer
  /** The pattern that decided. */
  readonly rule?: string
  /** A look-up of something that exists nowhere (SPEC 2.3): counted, never recommended. */
  readonly probe?: boolean
  /** How many identical ones it stands for; 1 when absent. */
  readonly count?: number
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly time?: number
  /** Of the component that asked. */
  readonly digest?: string
}

/** What of an audit record matters here; every record of the log has this shape. */
export type AuditedAccess = {
  /** ISO 8601. */
  readonly time: string
  readonly event: string
  readonly kind?: Kind
  readonly action?: Action
  readonly resource?: string
  readonly verdict?: 'granted' | 'denied'
  readonly layer?: Layer
  readonly rule?: string
  readonly probe?: boolean
  readonly count?: number
  readonly digest?: string
}

/** The access that a record of the audit log tells of; `undefined` for administrative records. */
export function observedAccess(record: AuditedAccess): ObservedAccess | undefined {
  const { event, time, kind, action, resource, verdict, ...others } = record
  if (event !== 'access-granted' && event !== 'access-denied') return undefined
  if (kind === undefined || action === undefined || resource === undefined || verdict === undefined) return undefined
  const { layer, rule, probe, count, digest } = others
  return {
    kind,
    action,
    resource,
    verdict,
    time: Date.parse(time),
    ...(layer !== undefined && { layer }),
    ...(rule !== undefined && { rule }),
    ...(probe !== undefined && { probe }),
    ...(count !== undefined && { count }),
    ...(digest !== undefined && { digest }),
  }
}
