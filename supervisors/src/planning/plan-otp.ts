import type { ExitReport } from '@bulkhead/vocabulary'
import type { Plan } from './plan-after-exit.js'
import type { Intensity, RestartType } from './restart-spec.js'

// Erlang's own arithmetic: one budget for all children of a supervisor, no delay, and the end of the supervisor when it is
// spent. Ours counts milliseconds where OTP counts whole seconds, so its window of P is exact and not up to a second longer.

/** Instants of the restarts that still lie in the window, oldest first: of the whole supervisor. */
export type OtpBudget = readonly number[]

/** An exit as OTP sees it. `wasReady`: false for a start that failed. */
export type OtpExit = Pick<ExitReport, 'class' | 'hostility'> & { readonly wasReady: boolean }

export type OtpPlanned = { readonly plan: Plan; readonly budget: OtpBudget }

/** Drops restarts older than the window; its edge belongs to it. */
export function withinOtpWindow(budget: OtpBudget, intensity: Intensity, nowMs: number): OtpBudget {
  return budget.filter((instant) => instant >= nowMs - intensity.withinMs)
}

/** Restarts that the budget still allows now. */
export function otpRestartsLeft(budget: OtpBudget, intensity: Intensity, nowMs: number): number {
  return Math.max(0, intensity.restarts - withinOtpWindow(budget, intensity, nowMs).length)
}

/**
 * Decides what follows an exit under profile `otp`. Pure.
 *
 * A restart that fails is tried again whatever its reason, and each attempt counts. The count holds the present restart
 * before it is compared: exactly `restarts` are survived. A `security` fault has no counterpart in Erlang, and a component
 * that forged a handle is not started again with the same grants in any profile: it is quarantined.
 */
export function planOtp(
  budget: OtpBudget,
  exit: OtpExit,
  spec: { readonly restart: RestartType; readonly intensity: Intensity },
  nowMs: number,
): OtpPlanned {
  if (exit.hostility !== undefined) return { plan: { kind: 'quarantine', cause: 'hostility', from: 'thread' }, budget }
  if (exit.class === 'security') return { plan: { kind: 'quarantine', cause: 'security', from: 'thread' }, budget }
  if (!isRestarted(exit, spec.restart)) return { plan: finalPlan(exit), budget }
  const counted = [...withinOtpWindow(budget, spec.intensity, nowMs), nowMs]
  if (counted.length > spec.intensity.restarts) return { plan: { kind: 'escalate' }, budget: counted }
  const restartsLeft = spec.intensity.restarts - counted.length
  return { plan: { kind: 'restart', delayMs: 0, restartsLeft, charged: true }, budget: counted }
}

function isRestarted(exit: OtpExit, restart: RestartType): boolean {
  if (restart === 'temporary') return false
  return restart === 'permanent' || !exit.wasReady || !isOrderly(exit)
}

function isOrderly(exit: OtpExit): boolean {
  return exit.class === 'normal' || exit.class === 'shutdown'
}

function finalPlan(exit: OtpExit): Plan {
  if (exit.class === 'normal') return { kind: 'complete' }
  return exit.class === 'shutdown' ? { kind: 'stop' } : { kind: 'fail' }
}
