import type { FaultClass } from './exit.js'

/** Every type of health event (SPEC 11). A closed union: consumers may switch over it. */
export const healthEventTypes = [
  'child.starting',
  'child.ready',
  'child.degraded',
  'child.healthy',
  'child.dormant',
  'child.exited',
  'child.restarting',
  'child.restarted',
  'child.reduced',
  'child.isolated',
  'child.half-open',
  'child.quarantined',
  'child.zombie',
  'child.stopped',
  'child.removed',
  'child.upgraded',
  'child.upgrade-rolled-back',
  'child.waiting',
  'child.held',
  'child.released',
  'supervisor.started',
  'supervisor.held',
  'supervisor.released',
  'supervisor.reconciled',
  'supervisor.throttled',
  'supervisor.escalated',
  'supervisor.stopped',
  'tree.reloaded',
  'tree.rejected',
  'security.violation',
  'security.forged-handle',
  'security.type-violation',
  'security.digest-mismatch',
  'quota.warning',
  'quota.exceeded',
  'message.dead-lettered',
  'mailbox.overloaded',
  'policy.loaded',
  'policy.updated',
  'policy.rolled-back',
  'policy.rejected',
  'approval.requested',
  'approval.decided',
  'journal.stalled',
  'journal.resumed',
  'audit.transport-failed',
  'audit.transport-resumed',
  'service.failed',
  'service.restarted',
  'incident.recorded',
  'incident.failed',
  'host.draining',
] as const
export type HealthEventType = (typeof healthEventTypes)[number]

/** One thing that happened to the tree. `seq` has no gaps; `time` is wall clock, milliseconds since 1970 UTC. */
export type HealthEvent = {
  readonly seq: number
  readonly time: number
  readonly type: HealthEventType
  readonly supervisor: string
  readonly child?: string
  readonly tenant?: string
  readonly incarnation?: number
  readonly policyVersion?: number
  readonly from?: string
  readonly to?: string
  readonly class?: FaultClass
  readonly reason?: string
  /** Milliseconds until a restart, or until a quarantined child is tried again; without it, it stays until it is released. */
  readonly delayMs?: number
  readonly restartsLeft?: number
  /** For `child.restarted`: milliseconds from the exit that was seen to ready again, without the backoff. */
  readonly tookMs?: number
  readonly level?: string
  /** The isolation score: at 4 a child climbs a rung. Absent where it is 0. */
  readonly score?: number
}

/** A health event of one type: those of children have a child. */
export type HealthEventOf<Type extends HealthEventType> = HealthEvent & {
  readonly type: Type
} & (Type extends `child.${string}` ? { readonly child: string } : unknown)

/** A health event before it is numbered and stamped. */
export type HealthEventDraft = Omit<HealthEvent, 'seq' | 'time'>
