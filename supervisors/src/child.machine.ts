import type { ExitReport } from '@bulkhead/vocabulary'
import { assign, setup } from 'xstate'
import {
  type ChildEvent,
  exitedEvent,
  quarantinedEvent,
  readyEvent,
  restartedEvent,
  restartingEvent,
  securityEvent,
  startingEvent,
  stoppedEvent,
  waitingEvent,
  zombieEvent,
} from './child-events.js'
import type { ChildState } from './child-state.js'
import type { Clearance } from './clearance.js'
import { hostFault, lateStart } from './exit-reports.js'
import { killPatienceMs } from './limits.js'
import { type Plan, planAfterExit } from './planning/plan-after-exit.js'
import { freshAccount, type RestartAccount, restartsLeft } from './planning/restart-account.js'
import type { RestartSpec, Trust } from './planning/restart-spec.js'

// One child, as a table. The machine decides and holds no resource: runs, timers and threads live behind `ChildWorld`,
// whose calls return at once and answer by events. What it keeps true:
//
// INVARIANT (one run): a run is started only from `declared`, `backoff` and `waiting`, and these are entered only before the
//   first start or after `run.exited` of the run before. A kill that was asked for is not an exit; `zombie` has no way to `starting`.
// INVARIANT (cleared): a run is started only on an event that carries an open admission.
// INVARIANT (fence): `fence(n)` happens once for each incarnation n whose exit was seen, before anything is decided.
//
// `completed`, `stopped` and `failed` rest and are not final: a machine at rest still answers, a stopped actor would
// swallow what is sent to it. A `quarantined` child stays so until the tree stops: the half-open canary that ends a timed
// quarantine does not exist in this version, although the plan already carries when it would be due.

/** What a child's machine may do to the world. Each call returns at once; answers come as `run.*` and `kill.*` events. */
export type ChildWorld = {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly emit: (event: ChildEvent) => void
  readonly startRun: (incarnation: number) => void
  readonly stopRun: (incarnation: number) => void
  readonly killRun: (incarnation: number) => void
  /** Closes what the ended incarnation held. When it throws, the child is not restarted. */
  readonly fence: (incarnation: number) => void
  /** Asks for a turn to restart; the answer is `child.start`. */
  readonly askTurn: () => void
  readonly escalate: (report: ExitReport) => void
}

export type ChildMachineSpec = Omit<RestartSpec, 'trust'> & { readonly shutdownMs: number; readonly startMs: number }

export type ChildContext = {
  readonly spec: ChildMachineSpec
  readonly world: ChildWorld
  /** 0 before the first start, then +1 at each. */
  readonly incarnation: number
  /** As determined at the last start. */
  readonly trust: Trust
  /** What it waits for. */
  readonly waitingFor: string | undefined
  readonly account: RestartAccount
  readonly startedAtMs: number
  readonly readyAtMs: number | undefined
  readonly exitSeenAtMs: number
  readonly backoffFromMs: number
  readonly report: ExitReport | undefined
  readonly plan: Plan
  /** The supervisor is ending: no restart any more. */
  readonly retiring: boolean
  /** This child's own stop was asked for: whatever its exit says, it ends in `stopped`. */
  readonly stopAsked: boolean
  /** It is killed because it was not ready in time. */
  readonly late: boolean
  /** The port said that the kill succeeded; only its report is missing. */
  readonly exitKnown: boolean
}

export type ChildMachineEvent =
  | { readonly type: 'child.start'; readonly clearance: Clearance }
  /** The admission may have changed. */
  | { readonly type: 'child.admission'; readonly clearance: Clearance }
  | { readonly type: 'child.retire' }
  | { readonly type: 'child.stop' }
  | { readonly type: 'run.ready'; readonly incarnation: number }
  | { readonly type: 'run.exited'; readonly incarnation: number; readonly report: ExitReport }
  | { readonly type: 'run.stuck'; readonly incarnation: number }
  | { readonly type: 'kill.exited'; readonly incarnation: number }
  | { readonly type: 'kill.zombie'; readonly incarnation: number }

export type ChildMachineInput = { readonly spec: ChildMachineSpec; readonly world: ChildWorld }

/** What a waiting child waits for; how a quarantined one is said to have come there; the last exit's reason for others. */
export function standingReason(context: ChildContext): string | undefined {
  if (context.waitingFor !== undefined) return context.waitingFor
  const last = context.report?.reason
  if (context.plan.kind !== 'quarantine' || context.plan.cause !== 'exhausted') return last
  const { restarts, withinMs } = context.spec.intensity
  return `${restarts} restarts within ${withinMs / 1000} s did not help; last: ${last}`
}

/** What it was before it started or was told to wait. */
function restedIn(context: ChildContext): ChildState {
  if (context.waitingFor !== undefined) return 'waiting'
  return context.incarnation === 0 ? 'declared' : 'backoff'
}

function reasonOf(event: ChildMachineEvent): string {
  return 'clearance' in event && event.clearance.admission.kind === 'waiting' ? event.clearance.admission.reason : ''
}

function isCleared(event: ChildMachineEvent): boolean {
  return 'clearance' in event && event.clearance.admission.kind === 'open'
}

/** Time from the exit that was seen to ready again, without the time spent in `backoff`. */
function restartTookMs(context: ChildContext): number {
  const waitedMs = context.startedAtMs - context.backoffFromMs
  return context.world.nowMs() - context.exitSeenAtMs - waitedMs
}

export const childMachine = setup({
  types: {
    context: {} as ChildContext,
    events: {} as ChildMachineEvent,
    input: {} as ChildMachineInput,
  },
  guards: {
    /** A late word of an earlier run is not about this one. */
    isCurrent: ({ context, event }) => 'incarnation' in event && event.incarnation === context.incarnation,
    isCleared: ({ event }) => isCleared(event),
    waitsForAnother: ({ context, event }) => !isCleared(event) && reasonOf(event) !== context.waitingFor,
    hasNoGrace: ({ context }) => context.spec.shutdownMs === 0,
    isStopAsked: ({ context }) => context.stopAsked,
    isExitKnown: ({ context }) => context.exitKnown,
    plansRestart: ({ context }) => context.plan.kind === 'restart' && !context.retiring,
    plansComplete: ({ context }) => context.plan.kind === 'complete',
    plansFail: ({ context }) => context.plan.kind === 'fail',
    plansQuarantine: ({ context }) => context.plan.kind === 'quarantine',
    plansEscalation: ({ context }) => context.plan.kind === 'escalate' && !context.retiring,
  },
  delays: {
    startDeadline: ({ context }) => context.spec.startMs,
    shutdownDeadline: ({ context }) => context.spec.shutdownMs,
    killPatience: killPatienceMs,
    backoff: ({ context }) => (context.plan.kind === 'restart' ? context.plan.delayMs : 0),
  },
  actions: {
    countIncarnation: assign(({ context, event }) => ({
      incarnation: context.incarnation + 1,
      trust: 'clearance' in event ? event.clearance.trust : context.trust,
      waitingFor: undefined,
      startedAtMs: context.world.nowMs(),
      readyAtMs: undefined,
      late: false,
      exitKnown: false,
    })),
    startRun: ({ context }) => context.world.startRun(context.incarnation),
    stopRun: ({ context }) => context.world.stopRun(context.incarnation),
    killRun: ({ context }) => context.world.killRun(context.incarnation),
    fence: ({ context }) => context.world.fence(context.incarnation),
    askTurn: ({ context }) => context.world.askTurn(),
    escalate: ({ context }) => {
      if (context.report !== undefined) context.world.escalate(context.report)
    },
    noteReady: assign(({ context }) => ({ readyAtMs: context.world.nowMs() })),
    noteRetiring: assign({ retiring: true }),
    noteStopAsked: assign({ retiring: true, stopAsked: true }),
    noteLate: assign({ late: true }),
    noteExitKnown: assign({ exitKnown: true }),
    noteBackoff: assign(({ context }) => ({ backoffFromMs: context.world.nowMs() })),
    noteExit: assign(({ context, event }) => {
      const told = event.type === 'run.exited' ? event.report : hostFault('the run ended without a report')
      const report = context.late ? lateStart(told, context.spec.startMs) : told
      return { report, exitSeenAtMs: context.world.nowMs() }
    }),
    planNext: assign(({ context }) => {
      if (context.report === undefined) return {}
      const healthyMs = context.readyAtMs === undefined ? 0 : context.exitSeenAtMs - context.readyAtMs
      const exit = { ...context.report, healthyMs }
      const spec = { ...context.spec, trust: context.trust }
      return planAfterExit(context.account, exit, spec, context.exitSeenAtMs, context.world.random)
    }),
    emitStarting: ({ context }) => context.world.emit(startingEvent(context.incarnation + 1, restedIn(context))),
    emitWaiting: ({ context, event }) =>
      context.world.emit(waitingEvent(context.incarnation, restedIn(context), reasonOf(event))),
    noteWaiting: assign({ waitingFor: ({ event }) => reasonOf(event) }),
    emitReady: ({ context }) => context.world.emit(readyEvent(context.incarnation)),
    emitRestarted: ({ context }) => {
      if (context.incarnation === 1) return
      const left = restartsLeft(context.account, context.spec.intensity, context.world.nowMs())
      context.world.emit(restartedEvent(context.incarnation, restartTookMs(context), left))
    },
    emitExited: ({ context }) => {
      if (context.report === undefined) return
      context.world.emit(exitedEvent(context.incarnation, context.report))
      const violation = securityEvent(context.incarnation, context.report)
      if (violation !== undefined) context.world.emit(violation)
    },
    emitRestarting: ({ context }) => {
      if (context.report === undefined || context.plan.kind !== 'restart') return
      context.world.emit(restartingEvent(context.incarnation, context.report, context.plan))
    },
    emitQuarantined: ({ context }) => {
      if (context.report === undefined) return
      context.world.emit(quarantinedEvent(context.incarnation, context.report, standingReason(context) ?? ''))
    },
    emitZombie: ({ context }) => context.world.emit(zombieEvent(context.incarnation)),
    emitCompleted: ({ context }) =>
      context.world.emit(stoppedEvent(context.incarnation, 'evaluating', 'completed', context.report)),
    emitFailed: ({ context }) =>
      context.world.emit(stoppedEvent(context.incarnation, 'evaluating', 'failed', context.report)),
    emitStoppedAtRest: ({ context }) =>
      context.world.emit(stoppedEvent(context.incarnation, restedIn(context), 'stopped', context.report)),
    emitStopped: ({ context }) =>
      context.world.emit(stoppedEvent(context.incarnation, 'evaluating', 'stopped', context.report)),
  },
}).createMachine({
  id: 'child',
  context: ({ input }) => ({
    spec: input.spec,
    world: input.world,
    incarnation: 0,
    trust: 'unknown',
    waitingFor: undefined,
    account: freshAccount,
    startedAtMs: 0,
    readyAtMs: undefined,
    exitSeenAtMs: 0,
    backoffFromMs: 0,
    report: undefined,
    plan: { kind: 'stop' },
    retiring: false,
    stopAsked: false,
    late: false,
    exitKnown: false,
  }),
  initial: 'declared',
  on: {
    'child.retire': { actions: 'noteRetiring' },
    'child.stop': { actions: 'noteStopAsked' },
  },
  states: {
    declared: {
      on: {
        'child.start': [{ target: 'starting', guard: 'isCleared' }, { target: 'waiting' }],
        'child.retire': { target: 'stopped', actions: ['noteRetiring', 'emitStoppedAtRest'] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', 'emitStoppedAtRest'] },
      },
    },
    waiting: {
      entry: ['emitWaiting', 'noteWaiting'],
      on: {
        'child.admission': [
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting', reenter: true, guard: 'waitsForAnother' },
        ],
        'child.retire': { target: 'stopped', actions: ['noteRetiring', 'emitStoppedAtRest'] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', 'emitStoppedAtRest'] },
      },
    },
    starting: {
      entry: ['emitStarting', 'countIncarnation', 'startRun'],
      on: {
        'run.ready': { target: 'running', guard: 'isCurrent' },
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.stop': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteStopAsked' },
          { target: 'stopping', actions: 'noteStopAsked' },
        ],
      },
      after: { startDeadline: { target: 'killing', actions: 'noteLate' } },
    },
    running: {
      entry: ['noteReady', 'emitReady', 'emitRestarted'],
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.stop': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteStopAsked' },
          { target: 'stopping', actions: 'noteStopAsked' },
        ],
      },
    },
    stopping: {
      entry: 'stopRun',
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
      },
      after: { shutdownDeadline: 'killing' },
    },
    killing: {
      entry: 'killRun',
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'kill.zombie': { target: 'zombie', guard: 'isCurrent' },
        'kill.exited': { guard: 'isCurrent', actions: 'noteExitKnown' },
      },
      after: {
        // The registry answers for ports that do not; what may still be missing by then is the report of an exit.
        killPatience: [{ target: 'evaluating', guard: 'isExitKnown', actions: 'noteExit' }, { target: 'zombie' }],
      },
    },
    zombie: {
      entry: 'emitZombie',
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
      },
    },
    evaluating: {
      entry: ['emitExited', 'fence', 'planNext'],
      always: [
        { target: 'stopped', guard: 'isStopAsked', actions: 'emitStopped' },
        { target: 'backoff', guard: 'plansRestart' },
        { target: 'completed', guard: 'plansComplete', actions: 'emitCompleted' },
        { target: 'failed', guard: 'plansFail', actions: 'emitFailed' },
        { target: 'quarantined', guard: 'plansQuarantine' },
        { target: 'failed', guard: 'plansEscalation', actions: ['emitFailed', 'escalate'] },
        // What is left: an orderly shutdown, and restarts that a retiring supervisor no longer makes.
        { target: 'stopped', actions: 'emitStopped' },
      ],
    },
    backoff: {
      entry: ['noteBackoff', 'emitRestarting'],
      on: {
        'child.retire': { target: 'stopped', actions: ['noteRetiring', 'emitStoppedAtRest'] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', 'emitStoppedAtRest'] },
      },
      initial: 'waiting',
      states: {
        waiting: { after: { backoff: 'due' } },
        due: {
          entry: 'askTurn',
          on: { 'child.start': [{ target: '#child.starting', guard: 'isCleared' }, { target: '#child.waiting' }] },
        },
      },
    },
    quarantined: { entry: 'emitQuarantined' },
    completed: {},
    stopped: {},
    failed: {},
  },
})
