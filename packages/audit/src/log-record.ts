import type { Action, Kind, Layer } from '@bulkhead/vocabulary'

/** The administrative events that a log may hold (SPEC 11). */
export const administrativeEvents = [
  'policy-loaded',
  'policy-updated',
  'policy-rejected',
  'policy-rolled-back',
  'permission-granted',
  'permission-revoked',
  'approval-requested',
  'approval-decided',
  'trust-determined',
  'dev-mode-bypass',
  'quota-exceeded',
  'isolation-changed',
  'released',
  'order-given',
  'order-ended',
  'recovered',
] as const
export type AdministrativeEvent = (typeof administrativeEvents)[number]
/** Every event that a log may hold. */
export const auditEvents = ['access-granted', 'access-denied', ...administrativeEvents] as const
export type AuditEvent = (typeof auditEvents)[number]

/** Facts beside an administrative record: plain values, at most 16 of them, texts cut at 1 KiB. Never a secret. */
export type AuditDetails = Readonly<Record<string, string | number | boolean>>

/** An act of the host or its operator: on disk before it takes effect. */
export type AdministrativeRecord = {
  readonly event: AdministrativeEvent
  readonly component?: string
  readonly tenant?: string
  readonly incarnation?: number
  readonly policyVersion?: number
  readonly trust?: string
  readonly approval?: string
  readonly digest?: string
  readonly kind?: Kind
  readonly action?: Action
  readonly resource?: string
  readonly rule?: string
  readonly reason?: string
  readonly details?: AuditDetails
}

/** Whose word a record is: of the host's own code, or of a process that the host does not believe beyond its own doings. */
export type Attested = 'host' | 'child'

/** Who writes a ring: stamped on each of its records by the host, never said by the writer. */
export type RingIdentity = {
  /** The child's id. */
  readonly component: string
  readonly tenant?: string
  readonly incarnation: number
  readonly trust: string
  readonly approval: string
  readonly digest: string
}

/** One line of the log, before it has a place in the chain. */
export type LogFields = {
  /** Wall clock, UTC, ISO 8601 with milliseconds. */
  readonly time: string
  readonly event: AuditEvent
  readonly component?: string
  readonly tenant?: string
  readonly incarnation?: number
  readonly policyVersion?: number
  readonly trust?: string
  readonly approval?: string
  readonly digest?: string
  readonly kind?: Kind
  readonly action?: Action
  readonly resource?: string
  readonly verdict?: 'granted' | 'denied'
  readonly layer?: Layer
  readonly rule?: string
  readonly reason?: string
  readonly probe?: boolean
  readonly count?: number
  readonly details?: AuditDetails
  /** Who vouches for the record: the host itself, or a child process whose word it is. */
  readonly attested: Attested
}

/** One line of the log. `hash` is the SHA-256 of the line's bytes without its last member, `hash` itself. */
export type AuditLogRecord = LogFields & {
  /** The version of the format. */
  readonly v: 1
  /** Counts from 1 without a gap, over all files. */
  readonly seq: number
  /** The `hash` of the record before; 64 zeros for the first. */
  readonly prev: string
  readonly hash: string
}

/** The `prev` of what has nothing before it. */
export const genesisHash = '0'.repeat(64)
