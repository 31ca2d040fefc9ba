import {
  assertNever,
  type ExitReport,
  type HealthEventDraft,
  type HealthEventType,
  type Hostility,
} from '@bulkhead/vocabulary'
import type { ChildState } from './child-state.js'
import type { Health } from './planning/health.js'
import type { Level } from './planning/ladder.js'
import type { Plan } from './planning/plan-after-exit.js'

// The health events of one child (SPEC 11). The machine says what happened; the tree adds supervisor, child and tenant.

/** A health event before the tree has put its names on it. */
export type ChildEvent = Omit<HealthEventDraft, 'supervisor' | 'child' | 'tenant'>

export function startingEvent(incarnation: number, from: ChildState): ChildEvent {
  return { type: 'child.starting', incarnation, from, to: 'starting' }
}

/** It may not be started now: nobody has approved it, or what it needs is not granted. */
export function waitingEvent(incarnation: number, from: ChildState, reason: string): ChildEvent {
  return { type: 'child.waiting', incarnation, from, to: 'waiting', reason }
}

/** `to`: `running`, or `half-open` on trial. */
export function readyEvent(incarnation: number, to: ChildState): ChildEvent {
  return { type: 'child.ready', incarnation, from: 'starting', to }
}

export function restartedEvent(
  incarnation: number,
  to: ChildState,
  tookMs: number,
  restartsLeft: number,
  level: Level,
): ChildEvent {
  const isolation = level === 'thread' ? {} : { level }
  return { type: 'child.restarted', incarnation, from: 'starting', to, tookMs, restartsLeft, ...isolation }
}

export function exitedEvent(incarnation: number, report: ExitReport): ChildEvent {
  return { type: 'child.exited', incarnation, class: report.class, reason: report.reason }
}

/** The security event that an exit owes, if any. */
export function securityEvent(incarnation: number, report: ExitReport): ChildEvent | undefined {
  if (report.hostility === undefined && report.class !== 'security') return undefined
  const type = report.hostility === undefined ? 'security.violation' : hostilityEvent(report.hostility)
  return { type, incarnation, class: 'security', reason: report.reason }
}

export function restartingEvent(
  incarnation: number,
  report: ExitReport,
  plan: Extract<Plan, { kind: 'restart' }>,
  score: number,
): ChildEvent {
  return {
    type: 'child.restarting',
    incarnation,
    from: 'evaluating',
    to: 'backoff',
    class: report.class,
    reason: report.reason,
    delayMs: plan.delayMs,
    restartsLeft: plan.restartsLeft,
    ...(score === 0 ? {} : { score }),
  }
}

/**
 * It runs nowhere.
 *
 * @param report of the exit that brought it here, where it was one
 * @param delayMs until it is tried again; `undefined`: it stays until it is released
 */
export function quarantinedEvent(
  incarnation: number,
  from: ChildState,
  report: ExitReport | undefined,
  reason: string,
  delayMs: number | undefined,
): ChildEvent {
  const term = delayMs === undefined ? {} : { delayMs }
  const faultClass = report === undefined ? {} : { class: report.class }
  const where = { from, to: 'quarantined', level: 'quarantine' }
  return { type: 'child.quarantined', incarnation, ...where, ...faultClass, reason, ...term, restartsLeft: 0 }
}

/** One rung higher: `from` and `to` are levels. */
export function climbedEvent(incarnation: number, from: Level, to: Level, reason: string): ChildEvent {
  const type = to === 'reduced' ? 'child.reduced' : 'child.isolated'
  return { type, incarnation, from, to, reason, level: to }
}

/** A step down: `from` and `to` are levels. */
export function descendedEvent(incarnation: number, from: Level, to: Level): ChildEvent {
  return { type: 'child.healthy', incarnation, from, to, reason: 'it ran without a fault for long enough', level: to }
}

/** Its term is over: it is tried again, by itself out of `quarantined`, or by a start that somebody asked for. */
export function halfOpenEvent(incarnation: number, from: ChildState, to: ChildState, level: Level): ChildEvent {
  return { type: 'child.half-open', incarnation, from, to, level }
}

/** What a change of health owes, if anything. */
export function healthEvent(incarnation: number, type: HealthEventType, health: Health): ChildEvent {
  const reason = health.kind === 'degraded' ? { reason: health.reasons.join('; ') } : {}
  return { type, incarnation, ...reason }
}

export function zombieEvent(incarnation: number): ChildEvent {
  const reason = 'its exit was not seen in time: it keeps its slot and is not restarted beside itself'
  return { type: 'child.zombie', incarnation, to: 'zombie', reason }
}

/** It sleeps: nothing of it runs, and it is started when there is something for it to do. */
export function dormantEvent(incarnation: number, from: ChildState): ChildEvent {
  return { type: 'child.dormant', incarnation, from, to: 'dormant' }
}

/** It is down with its group, and is started again with it. */
export function heldEvent(incarnation: number, from: ChildState): ChildEvent {
  return { type: 'child.held', incarnation, from, to: 'held' }
}

/** Its supervisor has forgotten it. */
export function removedEvent(incarnation: number, from: ChildState): ChildEvent {
  return { type: 'child.removed', incarnation, from, to: 'removed' }
}

/** An operator holds nothing against it any more: `from` and `to` are levels. */
export function releasedEvent(incarnation: number, from: Level, to: Level, reason: string): ChildEvent {
  return { type: 'child.released', incarnation, from, to, reason, level: to }
}

/** The child will not be started again; `to` says how it ended: `completed`, `stopped` or `failed`. */
export function stoppedEvent(
  incarnation: number,
  from: ChildState,
  to: ChildState,
  report: ExitReport | undefined,
): ChildEvent {
  const base = { type: 'child.stopped', incarnation, from, to } as const
  return report === undefined ? base : { ...base, class: report.class, reason: report.reason }
}

function hostilityEvent(hostility: Hostility): HealthEventType {
  switch (hostility) {
    case 'forged-handle':
      return 'security.forged-handle'
    case 'type-violation':
      return 'security.type-violation'
    case 'digest-mismatch':
      return 'security.digest-mismatch'
    case 'injection':
      return 'security.violation'
    default:
      return assertNever(hostility)
  }
}
