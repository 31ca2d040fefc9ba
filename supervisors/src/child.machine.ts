import type { ExitReport } from '@bulkhead/vocabulary'
import { assign, setup } from 'xstate'
import {
  type ChildEvent,
  exitedEvent,
  heldEvent,
  quarantinedEvent,
  readyEvent,
  releasedEvent,
  removedEvent,
  restartedEvent,
  restartingEvent,
  securityEvent,
  startingEvent,
  stoppedEvent,
  waitingEvent,
  zombieEvent,
} from './child-events.js'
import type { RunLevel, StartTerms } from './child-port.js'
import type { ChildState } from './child-state.js'
import type { Clearance } from './clearance.js'
import type { ExitPlanner } from './exit-planner.js'
import { hostFault, lateStart } from './exit-reports.js'
import { killPatienceMs } from './limits.js'
import type { Plan } from './planning/plan-after-exit.js'
import { freshAccount, type RestartAccount } from './planning/restart-account.js'
import type { RestartSpec, Trust } from './planning/restart-spec.js'
import type { RunEvent } from './run-registry.js'

// One child, as a table. The machine decides and holds no resource: runs, timers and threads live behind `ChildWorld`,
// whose calls return at once and answer by events. What it keeps true:
//
// INVARIANT (one run): a run is started only from states that own none, and these are entered only before the first start
//   or after `run.exited` of the run before. A kill that was asked for is not an exit; `zombie` has no way to `starting`.
// INVARIANT (cleared): a run is started only on an event that carries an open admission.
// INVARIANT (fence): `fence(n)` happens once for each incarnation n whose exit was seen, before anything is decided.
// INVARIANT (no charge): an exit that was asked for (stopped, terminated, held with its group) is charged to no account;
//   a `security` fault is never such an exit.
//
// `completed`, `stopped`, `failed` and `removed` rest and are not final: a machine at rest still answers, a stopped actor
// would swallow what is sent to it.

/** What a child's machine may do to the world. Each call returns at once; answers come as `run.*` and `kill.*` events. */
export type ChildWorld = {
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  readonly planner: ExitPlanner
  readonly emit: (event: ChildEvent) => void
  readonly startRun: (incarnation: number, terms: StartTerms) => void
  readonly stopRun: (incarnation: number) => void
  readonly killRun: (incarnation: number) => void
  /** Closes what the ended incarnation held. When it throws, the child is not restarted. */
  readonly fence: (incarnation: number) => void
  /** Asks for a turn to restart; the answer is `child.start`. */
  readonly askTurn: () => void
  readonly escalate: (report: ExitReport) => void
  /** It came to its end by itself, and is not started again: its supervisor may have to end with it. */
  readonly ended: () => void
}

/** Milliseconds; `Infinity` for no limit. */
export type ChildMachineSpec = Omit<RestartSpec, 'trust'> & {
  readonly shutdownMs: number
  readonly startMs: number
  /** Whether it is forgotten when its start has nothing to run. */
  readonly isDroppedWhenIgnored: boolean
}

/**
 * What becomes of a start that fails: it is planned for like any exit; or whoever asked for it is told, and the child stays
 * as it is (`reported`) or is forgotten again (`dropped`). Holds until the run is ready.
 */
export type StartMode = 'planned' | 'reported' | 'dropped'

export type ChildContext = {
  readonly spec: ChildMachineSpec
  readonly world: ChildWorld
  /** 0 before the first start, then +1 at each. */
  readonly incarnation: number
  /** Starts that this machine made; a supervisor that is started again makes its children's machines anew. */
  readonly starts: number
  /** As determined at the last start. */
  readonly trust: Trust
  readonly level: RunLevel
  readonly mode: StartMode
  /** The state without a run that it was in last: where its next start comes from. */
  readonly restedIn: ChildState
  /** What it waits for. */
  readonly waitingFor: string | undefined
  readonly account: RestartAccount
  readonly startedAtMs: number
  readonly readyAtMs: number | undefined
  readonly exitSeenAtMs: number
  /** When it began to wait for its restart: that time is not the restart's own. */
  readonly waitedFromMs: number
  readonly report: ExitReport | undefined
  readonly plan: Plan
  /** The supervisor is ending: no restart any more. */
  readonly retiring: boolean
  /** This child's own stop was asked for: whatever its exit says, it ends in `stopped`. */
  readonly stopAsked: boolean
  /** It goes down with its group: its exit is not charged, and it is started again with the group. */
  readonly holding: boolean
  /** One timer for all stops together is somebody else's: it sends `child.kill`. */
  readonly isTimedElsewhere: boolean
  /** It is killed because it was not ready in time. */
  readonly late: boolean
  /** The run said that there is nothing to run. */
  readonly ignored: boolean
  /** The port said that the kill succeeded; only its report is missing. */
  readonly exitKnown: boolean
}

export type ChildMachineEvent =
  | { readonly type: 'child.start'; readonly clearance: Clearance; readonly mode?: StartMode }
  /** A start out of a state of rest, by an administrative call or with the group. */
  | { readonly type: 'child.restart'; readonly clearance: Clearance; readonly mode?: StartMode }
  /** The admission may have changed. */
  | { readonly type: 'child.admission'; readonly clearance: Clearance }
  /** No restart any more. */
  | { readonly type: 'child.retire' }
  /** The supervisor ends. */
  | { readonly type: 'child.stop'; readonly isTimedElsewhere?: boolean }
  /** Without any grace. */
  | { readonly type: 'child.kill' }
  /** Stopped by an administrative call. */
  | { readonly type: 'child.terminate' }
  /** Its group goes down; an exit from now on is no fault. */
  | { readonly type: 'child.reserve' }
  /** Its turn to go down with its group. */
  | { readonly type: 'child.hold' }
  | { readonly type: 'child.release'; readonly reason: string }
  | { readonly type: 'child.delete' }
  /** What is planned for it has changed; a run that lives goes on. */
  | { readonly type: 'child.respec'; readonly spec: ChildMachineSpec }
  | RunEvent

export type ChildMachineInput = {
  readonly spec: ChildMachineSpec
  readonly world: ChildWorld
  /** What an earlier life of the same child left. */
  readonly incarnation?: number
  readonly account?: RestartAccount
}

/** What a waiting child waits for; how a quarantined one is said to have come there; the last exit's reason for others. */
export function standingReason(context: ChildContext): string | undefined {
  if (context.waitingFor !== undefined) return context.waitingFor
  const last = context.report?.reason
  if (context.plan.kind !== 'quarantine' || context.plan.cause !== 'exhausted') return last
  const { restarts, withinMs } = context.spec.intensity
  return `${restarts} restarts within ${withinMs / 1000} s did not help; last: ${last}`
}

function reasonOf(event: ChildMachineEvent): string {
  return 'clearance' in event && event.clearance.admission.kind === 'waiting' ? event.clearance.admission.reason : ''
}

function isCleared(event: ChildMachineEvent): boolean {
  return 'clearance' in event && event.clearance.admission.kind === 'open'
}

/** Time from the exit that was seen to ready again, without the time spent waiting for the restart. */
function restartTookMs(context: ChildContext): number {
  const waitedMs = context.startedAtMs - context.waitedFromMs
  return context.world.nowMs() - context.exitSeenAtMs - waitedMs
}

/** A start that was asked for, and whose run ended before it was ready. */
function isFailedStart(context: ChildContext): boolean {
  return context.mode !== 'planned' && context.readyAtMs === undefined && !context.ignored
}

/** Whether the exit is a fault to plan for, or the end that somebody asked for. */
function isPlannedFor(context: ChildContext): boolean {
  const { report } = context
  if (report?.hostility !== undefined || report?.class === 'security') return true
  return !context.stopAsked && !context.holding && !isFailedStart(context)
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
    isStartableAgain: ({ context, event }) => isCleared(event) && !context.retiring,
    isWaitingAgain: ({ context }) => !context.retiring,
    waitsForAnother: ({ context, event }) => !isCleared(event) && reasonOf(event) !== context.waitingFor,
    hasNoGrace: ({ context }) => context.spec.shutdownMs === 0,
    isExitKnown: ({ context }) => context.exitKnown,
    isRetired: ({ context }) => context.stopAsked && context.retiring,
    isTerminated: ({ context }) => context.stopAsked && context.plan.kind !== 'quarantine',
    isHeld: ({ context }) => context.holding && !context.retiring && context.plan.kind !== 'quarantine',
    isDropped: ({ context }) =>
      context.plan.kind !== 'quarantine' &&
      (context.ignored ? context.spec.isDroppedWhenIgnored : isFailedStart(context) && context.mode === 'dropped'),
    isReported: ({ context }) => isFailedStart(context) && context.plan.kind !== 'quarantine',
    isIgnored: ({ context }) => context.ignored,
    plansRestart: ({ context }) => context.plan.kind === 'restart' && !context.retiring,
    plansRestartAtOnce: ({ context }) => context.plan.kind === 'restart' && context.plan.delayMs === 0,
    plansComplete: ({ context }) => context.plan.kind === 'complete',
    plansFail: ({ context }) => context.plan.kind === 'fail',
    plansStop: ({ context }) => context.plan.kind === 'stop',
    plansQuarantine: ({ context }) => context.plan.kind === 'quarantine',
    plansEscalation: ({ context }) => context.plan.kind === 'escalate' && !context.retiring,
  },
  delays: {
    startDeadline: ({ context }) => context.spec.startMs,
    shutdownDeadline: ({ context }) => (context.isTimedElsewhere ? Number.POSITIVE_INFINITY : context.spec.shutdownMs),
    killPatience: killPatienceMs,
    backoff: ({ context }) => (context.plan.kind === 'restart' ? context.plan.delayMs : 0),
  },
  actions: {
    countIncarnation: assign(({ context, event }) => ({
      incarnation: context.incarnation + 1,
      starts: context.starts + 1,
      trust: 'clearance' in event ? event.clearance.trust : context.trust,
      mode: 'mode' in event ? (event.mode ?? 'planned') : 'planned',
      waitingFor: undefined,
      startedAtMs: context.world.nowMs(),
      readyAtMs: undefined,
      stopAsked: false,
      holding: false,
      late: false,
      ignored: false,
      exitKnown: false,
    })),
    startRun: ({ context }) => context.world.startRun(context.incarnation, { level: context.level, canary: false }),
    stopRun: ({ context }) => context.world.stopRun(context.incarnation),
    killRun: ({ context }) => context.world.killRun(context.incarnation),
    fence: ({ context }) => context.world.fence(context.incarnation),
    askTurn: ({ context }) => context.world.askTurn(),
    ended: ({ context }) => context.world.ended(),
    escalate: ({ context }) => {
      if (context.report !== undefined) context.world.escalate(context.report)
    },
    noteReady: assign(({ context }) => ({ readyAtMs: context.world.nowMs(), mode: 'planned' as const })),
    noteRetiring: assign({ retiring: true }),
    noteStopAsked: assign(({ event }) => ({
      retiring: true,
      stopAsked: true,
      isTimedElsewhere: event.type === 'child.stop' && event.isTimedElsewhere === true,
    })),
    noteTerminated: assign({ stopAsked: true }),
    noteHolding: assign({ holding: true }),
    noteLate: assign({ late: true }),
    noteExitKnown: assign({ exitKnown: true }),
    noteSpec: assign(({ context, event }) => (event.type === 'child.respec' ? { spec: event.spec } : context)),
    noteRest: assign({ restedIn: (_, params: { readonly in: ChildState }) => params.in }),
    noteWait: assign(({ context }) => ({ waitedFromMs: context.world.nowMs() })),
    noteExit: assign(({ context, event }) => {
      const told = event.type === 'run.exited' ? event.report : hostFault('the run ended without a report')
      const report = context.late ? lateStart(told, context.spec.startMs) : told
      const exitSeenAtMs = context.world.nowMs()
      const ignored = event.type === 'run.exited' && event.ignored === true
      return { report, ignored, exitSeenAtMs, waitedFromMs: exitSeenAtMs }
    }),
    noteRelease: assign({
      plan: { kind: 'restart', delayMs: 0, restartsLeft: 0, charged: false },
      account: freshAccount,
    }),
    planNext: assign(({ context }) => {
      const { report, readyAtMs, exitSeenAtMs } = context
      if (context.ignored || report === undefined) return { plan: { kind: 'complete' } as const }
      if (!isPlannedFor(context)) return { plan: { kind: 'stop' } as const }
      const wasReady = readyAtMs !== undefined
      const exit = { ...report, wasReady, healthyMs: wasReady ? exitSeenAtMs - readyAtMs : 0 }
      return context.world.planner.plan(context.account, exit, { ...context.spec, trust: context.trust }, exitSeenAtMs)
    }),
    emitStarting: ({ context }) => context.world.emit(startingEvent(context.incarnation + 1, context.restedIn)),
    emitWaiting: ({ context, event }) =>
      context.world.emit(waitingEvent(context.incarnation, context.restedIn, reasonOf(event))),
    noteWaiting: assign({ waitingFor: ({ event }) => reasonOf(event) }),
    noteNotWaiting: assign({ waitingFor: undefined }),
    emitReady: ({ context }) => context.world.emit(readyEvent(context.incarnation)),
    emitRestarted: ({ context }) => {
      const { world, account, spec, incarnation } = context
      if (context.starts === 1) return
      const left = world.planner.restartsLeft(account, spec.intensity, world.nowMs())
      world.emit(restartedEvent(incarnation, restartTookMs(context), left))
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
    emitHeld: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(heldEvent(context.incarnation, params.from)),
    emitReleased: ({ context, event }) => {
      if (event.type === 'child.release') context.world.emit(releasedEvent(context.incarnation, event.reason))
    },
    emitRemoved: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(removedEvent(context.incarnation, params.from)),
    emitQuarantined: ({ context }) => {
      if (context.report === undefined) return
      context.world.emit(quarantinedEvent(context.incarnation, context.report, standingReason(context) ?? ''))
    },
    emitZombie: ({ context }) => context.world.emit(zombieEvent(context.incarnation)),
    emitEnded: ({ context }, params: { readonly to: ChildState }) =>
      context.world.emit(stoppedEvent(context.incarnation, 'evaluating', params.to, context.report)),
    emitStoppedAtRest: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(stoppedEvent(context.incarnation, params.from, 'stopped', context.report)),
  },
}).createMachine({
  id: 'child',
  context: ({ input }) => ({
    spec: input.spec,
    world: input.world,
    incarnation: input.incarnation ?? 0,
    starts: 0,
    trust: 'unknown',
    level: 'thread',
    mode: 'planned',
    restedIn: 'declared',
    waitingFor: undefined,
    account: input.account ?? freshAccount,
    startedAtMs: 0,
    readyAtMs: undefined,
    exitSeenAtMs: 0,
    waitedFromMs: 0,
    report: undefined,
    plan: { kind: 'stop' },
    retiring: false,
    stopAsked: false,
    holding: false,
    isTimedElsewhere: false,
    late: false,
    ignored: false,
    exitKnown: false,
  }),
  initial: 'declared',
  on: {
    'child.retire': { actions: 'noteRetiring' },
    'child.stop': { actions: 'noteStopAsked' },
    'child.kill': { actions: 'noteStopAsked' },
    'child.terminate': { actions: 'noteTerminated' },
    'child.reserve': { actions: 'noteHolding' },
    'child.respec': { actions: 'noteSpec' },
  },
  states: {
    declared: {
      on: {
        'child.start': [{ target: 'starting', guard: 'isCleared' }, { target: 'waiting' }],
        'child.retire': { target: 'stopped', actions: ['noteRetiring', stoppedFrom('declared')] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('declared')] },
        'child.kill': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('declared')] },
        'child.terminate': { target: 'stopped', actions: stoppedFrom('declared') },
        'child.delete': { target: 'removed', actions: removedFrom('declared') },
      },
    },
    waiting: {
      entry: ['emitWaiting', 'noteWaiting', restIn('waiting')],
      on: {
        'child.admission': [
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting', reenter: true, guard: 'waitsForAnother' },
        ],
        'child.retire': { target: 'stopped', actions: ['noteRetiring', stoppedFrom('waiting')] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('waiting')] },
        'child.kill': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('waiting')] },
        'child.terminate': { target: 'stopped', actions: stoppedFrom('waiting') },
        'child.hold': { target: 'held', actions: heldFrom('waiting') },
      },
    },
    starting: {
      entry: ['emitStarting', 'countIncarnation', 'startRun'],
      on: {
        'run.ready': { target: 'running', guard: 'isCurrent' },
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.kill': { target: 'killing', actions: 'noteStopAsked' },
        'child.stop': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteStopAsked' },
          { target: 'stopping', actions: 'noteStopAsked' },
        ],
        'child.terminate': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteTerminated' },
          { target: 'stopping', actions: 'noteTerminated' },
        ],
        'child.hold': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteHolding' },
          { target: 'stopping', actions: 'noteHolding' },
        ],
      },
      after: { startDeadline: { target: 'killing', actions: 'noteLate' } },
    },
    running: {
      entry: ['noteReady', 'emitReady', 'emitRestarted'],
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.kill': { target: 'killing', actions: 'noteStopAsked' },
        'child.stop': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteStopAsked' },
          { target: 'stopping', actions: 'noteStopAsked' },
        ],
        'child.terminate': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteTerminated' },
          { target: 'stopping', actions: 'noteTerminated' },
        ],
        'child.hold': [
          { target: 'killing', guard: 'hasNoGrace', actions: 'noteHolding' },
          { target: 'stopping', actions: 'noteHolding' },
        ],
      },
    },
    stopping: {
      entry: 'stopRun',
      on: {
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.kill': { target: 'killing', actions: 'noteStopAsked' },
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
        { target: 'stopped', guard: 'isRetired', actions: endedIn('stopped') },
        { target: 'stopped', guard: 'isTerminated', actions: endedIn('stopped') },
        { target: 'held', guard: 'isHeld', actions: heldFrom('evaluating') },
        { target: 'removed', guard: 'isDropped', actions: removedFrom('evaluating') },
        { target: 'failed', guard: 'isReported', actions: endedIn('failed') },
        { target: 'completed', guard: 'isIgnored', actions: endedIn('completed') },
        { target: 'backoff', guard: 'plansRestart', actions: 'emitRestarting' },
        { target: 'completed', guard: 'plansComplete', actions: [endedIn('completed'), 'ended'] },
        { target: 'failed', guard: 'plansFail', actions: [endedIn('failed'), 'ended'] },
        { target: 'quarantined', guard: 'plansQuarantine' },
        { target: 'failed', guard: 'plansEscalation', actions: [endedIn('failed'), 'escalate'] },
        { target: 'stopped', guard: 'plansStop', actions: [endedIn('stopped'), 'ended'] },
        // What is left: restarts that a retiring supervisor no longer makes.
        { target: 'stopped', actions: endedIn('stopped') },
      ],
    },
    backoff: {
      entry: ['noteWait', restIn('backoff')],
      on: {
        'child.retire': { target: 'stopped', actions: ['noteRetiring', stoppedFrom('backoff')] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('backoff')] },
        'child.kill': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('backoff')] },
        'child.terminate': { target: 'stopped', actions: stoppedFrom('backoff') },
      },
      initial: 'waiting',
      states: {
        waiting: {
          always: { target: 'due', guard: 'plansRestartAtOnce' },
          after: { backoff: 'due' },
        },
        due: {
          entry: 'askTurn',
          on: { 'child.start': [{ target: '#child.starting', guard: 'isCleared' }, { target: '#child.waiting' }] },
        },
      },
    },
    held: {
      entry: ['noteWait', 'noteNotWaiting', restIn('held')],
      on: {
        'child.restart': [{ target: 'starting', guard: 'isCleared' }, { target: 'waiting' }],
        'child.retire': { target: 'stopped', actions: ['noteRetiring', stoppedFrom('held')] },
        'child.stop': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('held')] },
        'child.kill': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom('held')] },
        'child.terminate': { target: 'stopped', actions: stoppedFrom('held') },
        'child.delete': { target: 'removed', actions: removedFrom('held') },
      },
    },
    quarantined: {
      entry: ['emitQuarantined', restIn('quarantined')],
      on: {
        'child.release': {
          target: 'backoff.due',
          guard: 'isWaitingAgain',
          actions: ['emitReleased', 'noteRelease'],
        },
        'child.delete': { target: 'removed', actions: removedFrom('quarantined') },
      },
    },
    completed: {
      entry: restIn('completed'),
      on: {
        'child.restart': [
          { target: 'starting', guard: 'isStartableAgain' },
          { target: 'waiting', guard: 'isWaitingAgain' },
        ],
        'child.delete': { target: 'removed', actions: removedFrom('completed') },
      },
    },
    stopped: {
      entry: restIn('stopped'),
      on: {
        'child.restart': [
          { target: 'starting', guard: 'isStartableAgain' },
          { target: 'waiting', guard: 'isWaitingAgain' },
        ],
        'child.delete': { target: 'removed', actions: removedFrom('stopped') },
      },
    },
    failed: {
      entry: restIn('failed'),
      on: {
        'child.restart': [
          { target: 'starting', guard: 'isStartableAgain' },
          { target: 'waiting', guard: 'isWaitingAgain' },
        ],
        'child.delete': { target: 'removed', actions: removedFrom('failed') },
      },
    },
    removed: {},
  },
})

function stoppedFrom(from: ChildState) {
  return { type: 'emitStoppedAtRest', params: { from } } as const
}

function endedIn(to: ChildState) {
  return { type: 'emitEnded', params: { to } } as const
}

function heldFrom(from: ChildState) {
  return { type: 'emitHeld', params: { from } } as const
}

function removedFrom(from: ChildState) {
  return { type: 'emitRemoved', params: { from } } as const
}

function restIn(state: ChildState) {
  return { type: 'noteRest', params: { in: state } } as const
}
