import { assertNever, type ExitReport, type FaultClass } from '@bulkhead/vocabulary'
import { minimumUptimeMs } from '../limits.js'
import { backoffDelayMs, countDelay, forgiveAfterHealth } from './backoff.js'
import { climbs, scoreFault } from './isolation-score.js'
import { type Level, type RunLevel, rungAbove, type Walls } from './ladder.js'
import { type Accounts, levelOf, onNewRung, type QuarantineCause, quarantined } from './ladder-accounts.js'
import type { LadderTiming } from './ladder-timing.js'
import { charge, withinWindow } from './restart-account.js'
import type { RestartSpec, RestartType } from './restart-spec.js'

/** What follows an exit. A closed union: the child machine has one transition for each kind. */
export type Plan =
  /** Start it again after `delayMs`. `charged` says whether its account paid; `restartsLeft` is what that leaves. */
  | { readonly kind: 'restart'; readonly delayMs: number; readonly restartsLeft: number; readonly charged: boolean }
  /** Start it again at once, one rung higher. */
  | { readonly kind: 'climb'; readonly from: RunLevel; readonly to: RunLevel }
  /** It did what it was for. */
  | { readonly kind: 'complete' }
  /** It was shut down in order and nobody wants it back. */
  | { readonly kind: 'stop' }
  /** It ended abnormally and is never restarted. */
  | { readonly kind: 'fail' }
  /** It runs nowhere until `untilMs`, an instant of the same clock as `nowMs`; absent: until an operator releases it. */
  | { readonly kind: 'quarantine'; readonly cause: QuarantineCause; readonly from: Level; readonly untilMs?: number }
  /** A trusted child cannot be kept up: its supervisor has to end and say why. */
  | { readonly kind: 'escalate' }

/** An exit as planning sees it. `healthyMs` is the time from ready to the exit; 0 when the run was never ready. */
export type Exit = Pick<ExitReport, 'class' | 'hostility' | 'reason' | 'isBlameless'> & { readonly healthyMs: number }

/** What planning has to know of a child and of the host: the walls that are up, and how long the ladder's terms are. */
export type LadderSpec = RestartSpec & { readonly walls: Walls; readonly timing: LadderTiming }

/** A plan, and the accounts after it. */
export type Planned = { readonly plan: Plan; readonly accounts: Accounts }

/**
 * Decides what follows an exit in profile `default` (SPEC 9). Pure: time and randomness come in.
 *
 * Order: proof of hostility first, whatever the restart type; then a trial that failed; then the isolation score, whose
 * rung is climbed also by a child that is never restarted: adding it again finds it there; then the restart type; then the
 * restarts. Faults of the host restart without charge. Exhaustion quarantines, and escalates only for `trusted`: a child
 * in dev mode bypasses approval, not this.
 *
 * @param nowMs the instant at which the exit was seen, monotonic.
 * @param random a source of numbers in [0, 1); called once for a restart.
 * @example
 * ```ts
 * const { plan, accounts } = planAfterExit(freshAccounts, { class: 'crash', reason: 'exit code 1', healthyMs: 40 }, spec, nowMs, Math.random)
 * // plan: { kind: 'restart', delayMs: 163, restartsLeft: 2, charged: true }
 * ```
 */
export function planAfterExit(
  accounts: Accounts,
  exit: Exit,
  spec: LadderSpec,
  nowMs: number,
  random: () => number,
): Planned {
  if (exit.hostility !== undefined) return quarantine(accounts, 'hostility', exit, spec, nowMs)
  if (!isCharged(exit, spec.restart)) return planUncharged(accounts, exit, spec, nowMs, random)
  const paid = pay(accounts, exit.class, spec, nowMs)
  if (accounts.quarantine !== undefined) {
    const { cause, phase } = accounts.quarantine
    // Before the trial it is something that came to light late.
    const because = phase === 'half-open' ? `it failed its trial: ${exit.reason}` : exit.reason
    return quarantine(paid, exit.class === 'security' ? 'security' : cause, exit, spec, nowMs, because)
  }
  if (climbs(paid.score)) return climb(paid, exit, spec, nowMs)
  if (paid.restarts.chargedAtMs.length > spec.intensity.restarts) return exhausted(paid, exit, spec, nowMs)
  return isRestarted(spec.restart, exit.class)
    ? restart(paid, true, exit, spec, random)
    : { plan: finalPlan(exit.class), accounts: paid }
}

/** Without a charge an account at its limit is not over it: our own faults must not exhaust a child. */
function planUncharged(accounts: Accounts, exit: Exit, spec: LadderSpec, nowMs: number, random: () => number): Planned {
  if (!isRestarted(spec.restart, exit.class)) return { plan: finalPlan(exit.class), accounts }
  const restarts = withinWindow(accounts.restarts, spec.intensity, nowMs)
  return restart({ ...accounts, restarts }, false, exit, spec, random)
}

function restart(accounts: Accounts, charged: boolean, exit: Exit, spec: LadderSpec, random: () => number): Planned {
  const calmed = forgiveAfterHealth(accounts.restarts, exit.healthyMs)
  const delayMs = backoffDelayMs(calmed.failuresInARow, random())
  const restartsLeft = Math.max(0, spec.intensity.restarts - calmed.chargedAtMs.length)
  const plan: Plan = { kind: 'restart', delayMs, restartsLeft, charged }
  return { plan, accounts: { ...accounts, restarts: countDelay(calmed, delayMs) } }
}

/** Both accounts pay, and clean time begins anew. */
function pay(accounts: Accounts, fault: FaultClass, { intensity, timing }: LadderSpec, nowMs: number): Accounts {
  const restarts = charge(accounts.restarts, intensity, nowMs)
  const score = scoreFault(accounts.score, fault, nowMs, timing.scoreStepMs)
  return { ...accounts, restarts, score, cleanSinceMs: undefined }
}

function climb(accounts: Accounts, exit: Exit, spec: LadderSpec, nowMs: number): Planned {
  const from = accounts.level
  const isHeldBySecurity = accounts.isHeldBySecurity || exit.class === 'security'
  const held = { ...accounts, isHeldBySecurity }
  const to = rungAbove(from, spec.walls)
  if (to === 'quarantine') return quarantine(held, isHeldBySecurity ? 'security' : 'resource', exit, spec, nowMs)
  const after = { ...onNewRung(held, nowMs), level: to, because: exit.reason }
  const plan: Plan = isRestarted(spec.restart, exit.class) ? { kind: 'climb', from, to } : finalPlan(exit.class)
  return { plan, accounts: after }
}

/** A child that is never restarted is exhausted by being added again and again; it cannot take its supervisor down. */
function exhausted(accounts: Accounts, exit: Exit, spec: LadderSpec, nowMs: number): Planned {
  if (spec.trust !== 'trusted') {
    const { restarts, withinMs } = spec.intensity
    const because = `${restarts} restarts within ${withinMs / 1000} s did not help; last: ${exit.reason}`
    return quarantine(accounts, 'exhausted', exit, spec, nowMs, because)
  }
  const plan: Plan = isRestarted(spec.restart, exit.class) ? { kind: 'escalate' } : finalPlan(exit.class)
  return { plan, accounts }
}

function quarantine(
  accounts: Accounts,
  cause: QuarantineCause,
  exit: Exit,
  spec: LadderSpec,
  nowMs: number,
  because = exit.reason,
): Planned {
  const from: Level = levelOf(accounts)
  const after = { ...quarantined(accounts, cause, spec.timing, nowMs), because }
  const { untilMs } = after.quarantine ?? {}
  return { plan: { kind: 'quarantine', cause, from, ...(untilMs === undefined ? {} : { untilMs }) }, accounts: after }
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
      return exit.isBlameless !== true
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
