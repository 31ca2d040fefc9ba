import type { StartTerms } from './child-port.js'
import type { Walls } from './planning/ladder.js'
import { type Accounts, footingOf, quarantined } from './planning/ladder-accounts.js'
import type { LadderTiming } from './planning/ladder-timing.js'
import { type Exit, type Planned, planAfterExit } from './planning/plan-after-exit.js'
import { type OtpBudget, otpRestartsLeft, planOtp } from './planning/plan-otp.js'
import { restartsLeft } from './planning/restart-account.js'
import type { Intensity, RestartSpec } from './planning/restart-spec.js'

/** An exit as both profiles need it. */
export type SeenExit = Exit & { readonly wasReady: boolean }

/** The ladder of a host: which walls are up, and how long its terms are. */
export type Ladder = { readonly walls: Walls; readonly timing: LadderTiming }

/** Who decides after an exit, and from which accounts. One for each life of a supervisor. */
export type ExitPlanner = {
  readonly ladder: Ladder
  readonly plan: (accounts: Accounts, exit: SeenExit, spec: RestartSpec, nowMs: number) => Planned
  /** How a child with these accounts is started. */
  readonly terms: (accounts: Accounts) => StartTerms
  readonly restartsLeft: (accounts: Accounts, intensity: Intensity, nowMs: number) => number
}

/** Profile `default`: each child pays from its own accounts. */
export function defaultPlanner(random: () => number, ladder: Ladder): ExitPlanner {
  return {
    ladder,
    plan: (accounts, exit, spec, nowMs) => planAfterExit(accounts, exit, { ...spec, ...ladder }, nowMs, random),
    terms: (accounts) => footingOf(accounts, ladder.walls),
    restartsLeft: ({ restarts }, intensity, nowMs) => restartsLeft(restarts, intensity, nowMs),
  }
}

/** Profile `otp`: the children share one budget, which dies with their supervisor. Nobody climbs, and proof of hostility still quarantines. */
export function otpPlanner(ladder: Ladder): ExitPlanner {
  let budget: OtpBudget = []
  return {
    ladder,
    plan: (accounts, exit, spec, nowMs) => {
      const { plan, budget: after } = planOtp(budget, exit, spec, nowMs)
      budget = after
      if (plan.kind !== 'quarantine') return { plan, accounts }
      return { plan, accounts: { ...quarantined(accounts, plan.cause, ladder.timing, nowMs), because: exit.reason } }
    },
    terms: (accounts) => footingOf(accounts, ladder.walls),
    restartsLeft: (_accounts, intensity, nowMs) => otpRestartsLeft(budget, intensity, nowMs),
  }
}
