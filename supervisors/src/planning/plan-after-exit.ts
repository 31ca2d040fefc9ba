import { assertNever, type ExitReport, type FaultClass } from '@bulkhead/vocabulary'
import { minimumUptimeMs } from '../limits.js'
import { backoffDelayMs, countDelay, forgiveAfterHealth } from './backoff.js'
import { quarantineTermMs } from './quarantine-term.js'
import { charge, type RestartAccount, withinWindow } from './restart-account.js'
import type { RestartSpec, RestartType } from './restart-spec.js'

/** Why a child is quarantined. After `security` only an operator may restore its grants. */
export type QuarantineCause = 'hostility' | 'security' | 'exhausted'

/** What follows an exit. A closed union: the child machine has one transition for each kind. */
export type Plan =
  /** Start it again after `delayMs`. `charged` says whether its account paid; `restartsLeft` is what that leaves. */
  | { readonly kind: 'restart'; readonly delayMs: number; readonly restartsLeft: number; readonly charged: boolean }
  /** It did what it was for. */
  | { readonly kind: 'complete' }
  /** It was shut down in order and nobody wants it back. */
  | { readonly kind: 'stop' }
  /** It ended abnormally and is never restarted. */
  | { readonly kind: 'fail' }
  /** It runs nowhere until `untilMs`, an instant of the same clock as `nowMs`; absent: until an operator releases it. */
  | { readonly kind: 'quarantine'; readonly cause: QuarantineCause; readonly untilMs?: number }
  /** A trusted child cannot be kept up: its supervisor has to end and say why. */
  | { readonly kind: 'escalate' }

/** An exit as planning sees it. `healthyMs` is the time from ready to the exit; 0 when the run was never ready. */
export type Exit = Pick<ExitReport, 'class' | 'hostility'> & { readonly healthyMs: number }

/** A plan, and the account after it. */
export type Planned = { readonly plan: Plan; readonly account: RestartAccount }

/**
 * Decides what follows an exit (SPEC 9). Pure: time and randomness come in.
 *
 * Order: proof of hostility first, whatever the restart type; then any other `security` fault, which climbs the isolation
 * ladder, whose only rung above `thread` is quarantine as long as the ladder has no others; then the restart type; then
 * the account. Faults of the host restart without charge. Exhaustion quarantines, and escalates only for `trusted`: a
 * child in dev mode bypasses approval, not this.
 *
 * @param nowMs the instant at which the exit was seen, monotonic.
 * @param random a source of numbers in [0, 1); called once for a restart.
 * @example
 * ```ts
 * const { plan, account } = planAfterExit(freshAccount, { class: 'crash', healthyMs: 40 }, spec, nowMs, Math.random)
 * // plan: { kind: 'restart', delayMs: 163, restartsLeft: 2, charged: true }
 * ```
 */
export function planAfterExit(
  account: RestartAccount,
  exit: Exit,
  spec: RestartSpec,
  nowMs: number,
  random: () => number,
): Planned {
  if (exit.hostility !== undefined) return quarantine(account, 'hostility', nowMs)
  if (exit.class === 'security') return quarantine(account, 'security', nowMs)
  if (!isRestarted(spec.restart, exit.class)) return { plan: finalPlan(exit.class), account }
  const charged = isCharged(exit, spec.restart)
  const current = charged ? charge(account, spec.intensity, nowMs) : withinWindow(account, spec.intensity, nowMs)
  // Without a charge an account at its limit is not over it: our own faults must not exhaust a child.
  if (charged && current.chargedAtMs.length > spec.intensity.restarts) return exhausted(current, spec, nowMs)
  const calmed = forgiveAfterHealth(current, exit.healthyMs)
  const delayMs = backoffDelayMs(calmed.failuresInARow, random())
  const restartsLeft = Math.max(0, spec.intensity.restarts - calmed.chargedAtMs.length)
  return { plan: { kind: 'restart', delayMs, restartsLeft, charged }, account: countDelay(calmed, delayMs) }
}

function isRestarted(restart: RestartType, exitClass: FaultClass): boolean {
  switch (restart) {
    case 'permanent':
      return true
    case 'transient':
      return !isOrderly(exitClass)
    case 'temporary':
      return false
    default:
      return assertNever(restart)
  }
}

function isOrderly(exitClass: FaultClass): boolean {
  return exitClass === 'normal' || exitClass === 'shutdown'
}

function isCharged(exit: Exit, restart: RestartType): boolean {
  switch (exit.class) {
    case 'crash':
    case 'resource':
    case 'security':
      return true
    case 'normal':
    case 'shutdown':
      return restart === 'permanent' && exit.healthyMs < minimumUptimeMs
    case 'host':
      return false
    default:
      return assertNever(exit.class)
  }
}

function finalPlan(exitClass: FaultClass): Plan {
  switch (exitClass) {
    case 'normal':
      return { kind: 'complete' }
    case 'shutdown':
      return { kind: 'stop' }
    case 'crash':
    case 'resource':
    case 'security':
    case 'host':
      return { kind: 'fail' }
    default:
      return assertNever(exitClass)
  }
}

function exhausted(account: RestartAccount, spec: RestartSpec, nowMs: number): Planned {
  return spec.trust === 'trusted' ? { plan: { kind: 'escalate' }, account } : quarantine(account, 'exhausted', nowMs)
}

function quarantine(account: RestartAccount, cause: QuarantineCause, nowMs: number): Planned {
  const after = { ...account, quarantines: account.quarantines + 1 }
  const termMs = cause === 'exhausted' ? quarantineTermMs(account.quarantines) : undefined
  const plan: Plan =
    termMs === undefined ? { kind: 'quarantine', cause } : { kind: 'quarantine', cause, untilMs: nowMs + termMs }
  return { plan, account: after }
}
