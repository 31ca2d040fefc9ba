import type { ExitReport } from '@bulkhead/vocabulary'
import { type Planned, planAfterExit } from './planning/plan-after-exit.js'
import { type OtpBudget, otpRestartsLeft, planOtp } from './planning/plan-otp.js'
import { type RestartAccount, restartsLeft } from './planning/restart-account.js'
import type { Intensity, RestartSpec } from './planning/restart-spec.js'

/** An exit as both profiles need it. `healthyMs`: from ready to the exit; 0 when it was never ready. */
export type SeenExit = Pick<ExitReport, 'class' | 'hostility'> & {
  readonly healthyMs: number
  readonly wasReady: boolean
}

/** Who decides after an exit, and from which account. One for each life of a supervisor. */
export type ExitPlanner = {
  readonly plan: (account: RestartAccount, exit: SeenExit, spec: RestartSpec, nowMs: number) => Planned
  readonly restartsLeft: (account: RestartAccount, intensity: Intensity, nowMs: number) => number
}

/** Profile `default`: each child pays from its own account. */
export function defaultPlanner(random: () => number): ExitPlanner {
  return {
    plan: (account, exit, spec, nowMs) => planAfterExit(account, exit, spec, nowMs, random),
    restartsLeft,
  }
}

/** Profile `otp`: the children share one budget, which dies with their supervisor. */
export function otpPlanner(): ExitPlanner {
  let budget: OtpBudget = []
  return {
    plan: (account, exit, spec, nowMs) => {
      const planned = planOtp(budget, exit, spec, nowMs)
      budget = planned.budget
      return { plan: planned.plan, account }
    },
    restartsLeft: (_account, intensity, nowMs) => otpRestartsLeft(budget, intensity, nowMs),
  }
}
