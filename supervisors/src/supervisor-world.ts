import type { ChildId } from '@bulkhead/vocabulary'
import { hostFault } from './exit-reports.js'
import { defaultShutdownMs } from './limits.js'
import { type Accounts, levelOf } from './planning/ladder-accounts.js'
import { type GroupPlan, planGroup } from './planning/plan-group.js'
import type { Roster } from './roster.js'
import type { SupervisedChild } from './supervised-child.js'
import type { SupervisorWorld } from './supervisor.machine.js'
import type { SupervisorPlan } from './supervisor-plan.js'
import type { SupervisorVoice } from './supervisor-voice.js'

/** What a supervisor's machine reaches its children by. */
export type SupervisorPowers = {
  readonly roster: Roster
  readonly voice: SupervisorVoice
  /** The plan in force: another one may follow it while the supervisor runs. */
  readonly plan: () => SupervisorPlan
  readonly askTurn: (child: SupervisedChild) => void
  /** The child's accounts as they are now: it may have been made long before its supervisor starts. */
  readonly accountsOf: (child: SupervisedChild) => Accounts
}

/** The world of a supervisor's machine, made of its roster, its plan and its voice. */
export function supervisorWorld({ roster, voice, plan, askTurn, accountsOf }: SupervisorPowers): SupervisorWorld {
  const isOtp = (): boolean => plan().profile === 'otp'
  return {
    roster: () => roster.ids,
    stateOf: (id) => roster.child(id)?.state ?? 'removed',
    lastExitOf: (id) => roster.known(id)?.lastExit ?? hostFault('it left no report'),
    isDue: (id) => roster.child(id)?.isDue === true,
    isStartable: (id) => roster.child(id)?.isStartable === true,
    planGroup: (failed) => groupOf(failed, roster, plan()),
    needsAllStarts: isOtp,
    abandonsGroups: isOtp,
    commonShutdownMs: () => commonShutdownMs(plan()),
    startChild: (id) => roster.child(id)?.start(isOtp() ? 'reported' : 'planned'),
    askTurn: (id) => {
      const child = roster.child(id)
      if (child?.state === 'declared') child.start()
      else if (child !== undefined) askTurn(child)
    },
    restartChild: (id) => roster.child(id)?.start(),
    reserveChild: (id) => roster.child(id)?.deliver({ type: 'child.reserve' }),
    holdChild: (id) => roster.child(id)?.deliver({ type: 'child.hold' }),
    terminateChild: (id) => roster.child(id)?.deliver({ type: 'child.terminate' }),
    retireChild: (id) => roster.child(id)?.deliver({ type: 'child.retire' }),
    stopChild: (id, isTimedElsewhere) => roster.child(id)?.deliver({ type: 'child.stop', isTimedElsewhere }),
    killChild: (id) => roster.child(id)?.deliver({ type: 'child.kill' }),
    reconcile: () => {
      for (const { child } of roster.members) child.deliver({ type: 'child.recalled', accounts: accountsOf(child) })
      voice.reconciled(isolatedIn(roster))
    },
    emitStarted: () => voice.started(),
    emitHeld: (by, state) => voice.held(by, state),
    emitReleased: () => voice.released(),
    emitThrottled: (delayMs) => voice.throttled(delayMs),
    emitEscalated: (ending) => voice.escalated(ending),
    emitStopped: (ending) => voice.stopped(ending, plan().profile),
  }
}

function groupOf(failed: ChildId, roster: Roster, { strategy = 'one_for_one' }: SupervisorPlan): GroupPlan | undefined {
  if (strategy === 'one_for_one') return undefined
  const children = roster.members.map(({ child }) => ({ id: child.id, restart: child.plan.restart }))
  return planGroup(strategy, children, failed)
}

/** The members of a pool are stopped all together, as their template says. */
function commonShutdownMs({ template }: SupervisorPlan): number | undefined {
  if (template === undefined) return undefined
  const { shutdownMs = defaultShutdownMs } = template
  return shutdownMs === 'infinity' ? Number.POSITIVE_INFINITY : shutdownMs
}

/** Children whom an earlier life left above `thread`. */
function isolatedIn(roster: Roster) {
  return roster.members
    .map(({ child }) => ({ id: child.id, level: levelOf(child.accounts) }))
    .filter(({ level }) => level !== 'thread')
}
