import type { ExitReport } from '@bulkhead/vocabulary'
import { assign, setup } from 'xstate'
import {
  type ChildEvent,
  climbedEvent,
  descendedEvent,
  dormantEvent,
  exitedEvent,
  halfOpenEvent,
  healthEvent,
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
import type { StartTerms } from './child-port.js'
import type { ChildState } from './child-state.js'
import type { Clearance } from './clearance.js'
import type { ExitPlanner } from './exit-planner.js'
import { hostFault, lateStart, type SeenFault, seenFault } from './exit-reports.js'
import { killPatienceMs } from './limits.js'
import { type HealthRecord, healthEventOf, healthOf, type Observation, observe, wellRecord } from './planning/health.js'
import { type RunLevel, rungsOf } from './planning/ladder.js'
import {
  type Accounts,
  descended,
  freshAccounts,
  halfOpened,
  levelOf,
  nextDescent,
  nowClean,
  released,
} from './planning/ladder-accounts.js'
import type { Plan } from './planning/plan-after-exit.js'
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
  /** The accounts changed: they are to outlive this machine. `released`: and nothing is held against its code and origin. */
  readonly keep: (accounts: Accounts, why: 'changed' | 'released') => void
  /** Its accounts with what is held against the code that it is from now on. */
  readonly renewed: (accounts: Accounts) => Accounts
  /** Whether it has something to do now; true for a child that never sleeps. */
  readonly isWanted: () => boolean
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
  /** Whether a clean end puts it to sleep until it is wanted. */
  readonly maySleep: boolean
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
  /** Those of them, after the first, that ended a sleep: no restarts. */
  readonly wakes: number
  /** As determined at the last start. */
  readonly trust: Trust
  readonly mode: StartMode
  /** The state without a run that it was in last: where its next start comes from. */
  readonly restedIn: ChildState
  /** What it waits for. */
  readonly waitingFor: string | undefined
  readonly accounts: Accounts
  /** Where it stood on the ladder before its last exit was planned for. */
  readonly levelBefore: RunLevel
  /** It goes down to be started again a rung lower, with these accounts: its exit is no fault. */
  readonly descent: Accounts | undefined
  /** What others saw, and it is killed for. */
  readonly fault: SeenFault | undefined
  /** What was observed of the present run. */
  readonly health: HealthRecord
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
  /** It sleeps, and may have something to do. */
  | { readonly type: 'child.wake'; readonly clearance: Clearance }
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
  /** An operator holds nothing against it any more; `to`: the rung, one below where it fell from when left out. */
  | { readonly type: 'child.release'; readonly reason: string; readonly to?: RunLevel }
  /** Its accounts as they are now that its supervisor starts: it was made before. */
  | { readonly type: 'child.recalled'; readonly accounts: Accounts }
  /** Somebody who watches it saw a fault: a run that lives is killed for it, and what has ended pays for it all the same. */
  | { readonly type: 'child.fault'; readonly fault: SeenFault }
  | { readonly type: 'child.observed'; readonly observation: Observation }
  /** It is to run anew, as it is planned now; what it has on its accounts stays, and other code brings its own past. */
  | { readonly type: 'child.renew' }
  | { readonly type: 'child.delete' }
  /** What is planned for it has changed; a run that lives goes on. */
  | { readonly type: 'child.respec'; readonly spec: ChildMachineSpec }
  | RunEvent

export type ChildMachineInput = {
  readonly spec: ChildMachineSpec
  readonly world: ChildWorld
  /** What an earlier life of the same child left. */
  readonly incarnation?: number
  readonly accounts?: Accounts
}

/** What a waiting child waits for; how a quarantined one is said to have come there; the last exit's reason for others. */
export function standingReason(context: ChildContext): string | undefined {
  if (context.waitingFor !== undefined) return context.waitingFor
  const { quarantine, because } = context.accounts
  return quarantine === undefined ? context.report?.reason : because
}

function reasonOf(event: ChildMachineEvent): string {
  return 'clearance' in event && event.clearance.admission.kind === 'waiting' ? event.clearance.admission.reason : ''
}

function isCleared(event: ChildMachineEvent): boolean {
  return 'clearance' in event && event.clearance.admission.kind === 'open'
}

/** Time until a quarantined child is tried again by itself; `undefined`: it is not. */
function trialDelayMs({ accounts, spec, world }: ChildContext): number | undefined {
  const untilMs = accounts.quarantine?.untilMs
  if (untilMs === undefined || spec.restart === 'temporary') return undefined
  return Math.max(0, Math.round(untilMs - world.nowMs()))
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

/** A clean end that nobody asked for, of a child that may sleep. */
function goesToSleep({
  spec,
  report,
  readyAtMs,
  retiring,
  stopAsked,
  holding,
  descent,
  ignored,
}: ChildContext): boolean {
  if (!spec.maySleep || readyAtMs === undefined || retiring || stopAsked || holding || ignored) return false
  const isClean = report?.class === 'normal' || report?.class === 'shutdown'
  return isClean && report.hostility === undefined && descent === undefined
}

/** Whether the exit is a fault to plan for, or the end that somebody asked for. */
function isPlannedFor(context: ChildContext): boolean {
  const { report } = context
  if (report?.hostility !== undefined || report?.class === 'security') return true
  if (goesToSleep(context)) return false
  return !context.stopAsked && !context.holding && context.descent === undefined && !isFailedStart(context)
}

/** A start that waits for nothing but its turn. */
const atOnce: Extract<Plan, { kind: 'restart' }> = { kind: 'restart', delayMs: 0, restartsLeft: 0, charged: false }

/**
 * Whether a start has to wait in `quarantined`: until its term is over, whoever asks for it. What is tried again by itself
 * is so from there; a temporary child whose term is over is tried again by the start itself.
 */
function isServing({ accounts: { quarantine }, spec, world }: ChildContext): boolean {
  if (quarantine?.phase !== 'closed') return false
  const { untilMs = Number.POSITIVE_INFINITY } = quarantine
  return spec.restart !== 'temporary' || untilMs > world.nowMs()
}

/** The machine's own state after a run is ready. */
function upState({ accounts }: ChildContext): ChildState {
  return accounts.quarantine === undefined ? 'running' : 'half-open'
}

const payingLate = ['emitLateFault', 'payLate', 'emitClimbed', 'keep'] as const
const releasingRun = ['emitReleased', 'noteReleaseOfRun', 'keepReleased'] as const

/** A run that lives goes down, and comes back as what it is by then. */
const renewal = { target: 'stopping', actions: 'noteRenewal' } as const

/** What a run that is ready may meet, on trial or not. */
const whileUp = {
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
  'child.release': { target: 'stopping', guard: 'isAboveThread', actions: releasingRun },
  'child.renew': renewal,
  'child.fault': { target: 'killing', actions: 'noteFault' },
  'child.observed': [
    { target: 'killing', guard: 'failsByHealth', actions: 'noteFailure' },
    { actions: ['emitHealth', 'noteObserved'] },
  ],
} as const

const up = {
  entry: ['noteReady', 'emitReady', 'emitRestarted'],
  on: whileUp,
  after: { descent: { target: 'stopping', actions: ['noteDescent', 'emitDescent'] } },
} as const

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
    sleepsFirst: ({ context, event }) => isCleared(event) && context.spec.maySleep && !context.world.isWanted(),
    sleepsAgain: ({ context, event }) =>
      isCleared(event) && !context.retiring && context.spec.maySleep && !context.world.isWanted(),
    goesToSleep: ({ context }) => goesToSleep(context),
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
    plansClimb: ({ context }) => context.plan.kind === 'climb' && !context.retiring,
    isBackoffOver: ({ context }) => context.plan.kind !== 'restart' || context.plan.delayMs === 0,
    /** What it was quarantined for is not over: no start, whoever asks for it. */
    isQuarantined: ({ context }) => isServing(context),
    isQuarantinedAgain: ({ context }) => isServing(context) && !context.retiring,
    isOnTrial: ({ context, event }) =>
      'incarnation' in event && event.incarnation === context.incarnation && context.accounts.quarantine !== undefined,
    comesBack: ({ context }) => !context.retiring && !context.stopAsked,
    isWantedDown: ({ context }) => context.retiring || context.stopAsked,
    isNeverRestarted: ({ context }) => context.spec.restart === 'temporary',
    isAboveThread: ({ context }) => levelOf(context.accounts) !== 'thread',
    failsByHealth: ({ context, event }) =>
      event.type === 'child.observed' && healthOf(observe(context.health, event.observation)).kind === 'failed',
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
    quarantineTerm: ({ context: { accounts, world } }) =>
      Math.max(0, (accounts.quarantine?.untilMs ?? Number.POSITIVE_INFINITY) - world.nowMs()),
    descent: ({ context: { accounts, world } }) =>
      Math.max(
        0,
        (nextDescent(accounts, world.planner.ladder.timing)?.atMs ?? Number.POSITIVE_INFINITY) - world.nowMs(),
      ),
  },
  actions: {
    countIncarnation: assign(({ context, event }) => ({
      incarnation: context.incarnation + 1,
      accounts: halfOpened(context.accounts),
      starts: context.starts + 1,
      wakes: context.wakes + (context.restedIn === 'dormant' && context.starts > 0 ? 1 : 0),
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
      descent: undefined,
      fault: undefined,
      health: wellRecord,
    })),
    startRun: ({ context: { world, incarnation, accounts } }) =>
      world.startRun(incarnation, world.planner.terms(accounts)),
    stopRun: ({ context }) => context.world.stopRun(context.incarnation),
    killRun: ({ context }) => context.world.killRun(context.incarnation),
    fence: ({ context }) => context.world.fence(context.incarnation),
    askTurn: ({ context }) => context.world.askTurn(),
    ended: ({ context }) => context.world.ended(),
    escalate: ({ context }) => {
      if (context.report !== undefined) context.world.escalate(context.report)
    },
    noteReady: assign(({ context }) => {
      const readyAtMs = context.world.nowMs()
      return { readyAtMs, mode: 'planned' as const, accounts: nowClean(context.accounts, readyAtMs) }
    }),
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
      const timely = context.late ? lateStart(told, context.spec.startMs) : told
      const report = context.fault === undefined ? timely : seenFault(timely, context.fault)
      const exitSeenAtMs = context.world.nowMs()
      const ignored = event.type === 'run.exited' && event.ignored === true
      return { report, ignored, exitSeenAtMs, waitedFromMs: exitSeenAtMs }
    }),
    noteRelease: assign(({ context, event }) => {
      if (event.type !== 'child.release') return {}
      const accounts = released(context.accounts, event.to)
      return { accounts, plan: atOnce, descent: context.descent === undefined ? undefined : accounts }
    }),
    /** The run that lives has the terms of its rung: it goes down with the accounts that it has, and comes back with others. */
    noteReleaseOfRun: assign(({ context, event }) =>
      event.type === 'child.release' ? { descent: released(context.accounts, event.to) } : {},
    ),
    noteDescent: assign(({ context: { accounts, world } }) => {
      const next = nextDescent(accounts, world.planner.ladder.timing)
      return next === undefined ? {} : { descent: descended(accounts, next.to) }
    }),
    noteRecalled: assign(({ event }) => (event.type === 'child.recalled' ? { accounts: event.accounts } : {})),
    noteRenewal: assign(({ context: { accounts, world } }) => ({ descent: world.renewed(accounts) })),
    noteRenewed: assign(({ context: { accounts, world } }) => ({ accounts: world.renewed(accounts) })),
    noteHalfOpen: assign(({ context }) => ({ accounts: halfOpened(context.accounts), plan: atOnce })),
    noteFault: assign(({ event }) => (event.type === 'child.fault' ? { fault: event.fault } : {})),
    noteFailure: assign(({ context, event }) => {
      if (event.type !== 'child.observed') return {}
      const health = healthOf(observe(context.health, event.observation))
      return health.kind === 'failed' ? { fault: { class: 'crash', reason: health.reason } as const } : {}
    }),
    noteObserved: assign(({ context, event }) =>
      event.type === 'child.observed' ? { health: observe(context.health, event.observation) } : {},
    ),
    /** A fault that comes to light when its run is gone: the accounts pay, and the next start is made by them. */
    payLate: assign(({ context, event }) => {
      if (event.type !== 'child.fault') return {}
      const { world, accounts, spec, trust } = context
      const exit = { ...event.fault, healthyMs: 0, wasReady: true }
      const planned = world.planner.plan(accounts, exit, { ...spec, trust }, world.nowMs())
      return { accounts: planned.accounts, levelBefore: accounts.level }
    }),
    keep: ({ context }) => context.world.keep(context.accounts, 'changed'),
    keepReleased: ({ context }) => context.world.keep(context.descent ?? context.accounts, 'released'),
    planNext: assign(({ context }) => {
      const levelBefore = context.accounts.level
      const { report, readyAtMs, exitSeenAtMs, descent } = context
      if (context.ignored || report === undefined) return { plan: { kind: 'complete' } as const, levelBefore }
      if (!isPlannedFor(context)) {
        if (descent === undefined) return { plan: { kind: 'stop' } as const, levelBefore }
        const restartsLeft = context.world.planner.restartsLeft(descent, context.spec.intensity, exitSeenAtMs)
        return { plan: { ...atOnce, restartsLeft }, accounts: descent, levelBefore, descent: undefined }
      }
      const wasReady = readyAtMs !== undefined
      const exit = { ...report, wasReady, healthyMs: wasReady ? exitSeenAtMs - readyAtMs : 0 }
      const spec = { ...context.spec, trust: context.trust }
      return {
        ...context.world.planner.plan(context.accounts, exit, spec, exitSeenAtMs),
        levelBefore,
        descent: undefined,
      }
    }),
    emitStarting: ({ context }) => context.world.emit(startingEvent(context.incarnation + 1, context.restedIn)),
    emitWaiting: ({ context, event }) =>
      context.world.emit(waitingEvent(context.incarnation, context.restedIn, reasonOf(event))),
    noteWaiting: assign({ waitingFor: ({ event }) => reasonOf(event) }),
    noteNotWaiting: assign({ waitingFor: undefined }),
    emitReady: ({ context }) => context.world.emit(readyEvent(context.incarnation, upState(context))),
    emitRestarted: ({ context }) => {
      const { world, accounts, spec, incarnation } = context
      if (context.starts === 1 || context.restedIn === 'dormant') return
      const left = world.planner.restartsLeft(accounts, spec.intensity, world.nowMs())
      const { level } = world.planner.terms(accounts)
      world.emit(restartedEvent(incarnation, upState(context), restartTookMs(context), left, level))
    },
    emitExited: ({ context }) => {
      if (context.report === undefined) return
      context.world.emit(exitedEvent(context.incarnation, context.report))
      const violation = securityEvent(context.incarnation, context.report)
      if (violation !== undefined) context.world.emit(violation)
    },
    emitRestarting: ({ context }) => {
      if (context.report === undefined || context.plan.kind !== 'restart') return
      context.world.emit(
        restartingEvent(context.incarnation, context.report, context.plan, context.accounts.score.points),
      )
    },
    emitDormant: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(dormantEvent(context.incarnation, params.from)),
    emitHeld: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(heldEvent(context.incarnation, params.from)),
    emitReleased: ({ context, event }) => {
      if (event.type !== 'child.release') return
      const { accounts, incarnation, world } = context
      world.emit(releasedEvent(incarnation, levelOf(accounts), released(accounts, event.to).level, event.reason))
    },
    /** The rung that its last fault brought it to, if another one. */
    emitClimbed: ({ context: { accounts, levelBefore, incarnation, world } }) => {
      if (rungsOf(accounts.level) <= rungsOf(levelBefore)) return
      world.emit(climbedEvent(incarnation, levelBefore, accounts.level, accounts.because ?? ''))
    },
    emitDescent: ({ context: { accounts, descent, incarnation, world } }) => {
      if (descent !== undefined) world.emit(descendedEvent(incarnation, levelOf(accounts), descent.level))
    },
    /** A start that was asked for when the term was over. */
    emitTrial: ({ context: { accounts, incarnation, restedIn, world } }) => {
      if (accounts.quarantine?.phase !== 'closed') return
      world.emit(halfOpenEvent(incarnation, restedIn, 'starting', world.planner.terms(accounts).level))
    },
    emitHalfOpen: ({ context: { accounts, incarnation, world } }) =>
      world.emit(halfOpenEvent(incarnation, 'quarantined', 'backoff', world.planner.terms(accounts).level)),
    emitLateFault: ({ context, event }) => {
      if (event.type !== 'child.fault') return
      const report = seenFault(hostFault(''), event.fault)
      const violation = securityEvent(context.incarnation, report)
      if (violation !== undefined) context.world.emit(violation)
    },
    emitHealth: ({ context, event }) => {
      if (event.type !== 'child.observed') return
      const after = healthOf(observe(context.health, event.observation))
      const type = healthEventOf(healthOf(context.health), after)
      if (type !== undefined) context.world.emit(healthEvent(context.incarnation, type, after))
    },
    emitRemoved: ({ context }, params: { readonly from: ChildState }) =>
      context.world.emit(removedEvent(context.incarnation, params.from)),
    emitQuarantined: ({ context }, params: { readonly from: ChildState }) => {
      const report = params.from === 'evaluating' ? context.report : undefined
      const reason = standingReason(context) ?? ''
      context.world.emit(quarantinedEvent(context.incarnation, params.from, report, reason, trialDelayMs(context)))
    },
    emitZombie: ({ context }) => context.world.emit(zombieEvent(context.incarnation)),
    emitEnded: ({ context }, params: { readonly to: ChildState; readonly from: ChildState }) =>
      context.world.emit(stoppedEvent(context.incarnation, params.from, params.to, context.report)),
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
    wakes: 0,
    trust: 'unknown',
    mode: 'planned',
    restedIn: 'declared',
    waitingFor: undefined,
    accounts: input.accounts ?? freshAccounts,
    levelBefore: 'thread',
    descent: undefined,
    fault: undefined,
    health: wellRecord,
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
    'child.release': { actions: ['emitReleased', 'noteRelease', 'keepReleased'] },
    'child.fault': { actions: payingLate },
    'child.renew': { actions: 'noteRenewed' },
  },
  states: {
    declared: {
      on: {
        'child.recalled': { actions: 'noteRecalled' },
        'child.start': [
          { target: 'quarantined', guard: 'isQuarantined', actions: quarantinedFrom('declared') },
          { target: 'dormant', guard: 'sleepsFirst', actions: dormantFrom('declared') },
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting' },
        ],
        ...endsAtRest('declared'),
        'child.delete': { target: 'removed', actions: removedFrom('declared') },
      },
    },
    waiting: {
      entry: ['emitWaiting', 'noteWaiting', restIn('waiting')],
      on: {
        'child.admission': [
          { target: 'quarantined', guard: 'isQuarantined', actions: quarantinedFrom('waiting') },
          { target: 'dormant', guard: 'sleepsFirst', actions: dormantFrom('waiting') },
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting', reenter: true, guard: 'waitsForAnother' },
        ],
        ...endsAtRest('waiting'),
        'child.hold': { target: 'held', actions: heldFrom('waiting') },
      },
    },
    starting: {
      entry: ['emitTrial', 'emitStarting', 'countIncarnation', 'startRun'],
      on: {
        'run.ready': [
          { target: 'half-open', guard: 'isOnTrial' },
          { target: 'running', guard: 'isCurrent' },
        ],
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.kill': { target: 'killing', actions: 'noteStopAsked' },
        'child.fault': { target: 'killing', actions: 'noteFault' },
        'child.release': { target: 'stopping', guard: 'isAboveThread', actions: releasingRun },
        'child.renew': renewal,
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
      ...up,
    },
    /** On trial: its term is over, and it has to stay well for a while with the least that it can do with. */
    'half-open': {
      ...up,
    },
    /** Nothing of it runs; whoever has something for it wakes it. */
    dormant: {
      entry: ['noteNotWaiting', restIn('dormant')],
      on: {
        'child.wake': [
          { target: 'quarantined', guard: 'isQuarantined', actions: quarantinedFrom('dormant') },
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting' },
        ],
        ...endsAtRest('dormant'),
      },
    },
    stopping: {
      entry: 'stopRun',
      on: {
        'child.fault': { actions: 'noteFault' },
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
        'run.stuck': { target: 'zombie', guard: 'isCurrent' },
        'child.kill': { target: 'killing', actions: 'noteStopAsked' },
      },
      after: { shutdownDeadline: 'killing' },
    },
    killing: {
      entry: 'killRun',
      on: {
        'child.fault': { actions: 'noteFault' },
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
        'child.fault': { actions: 'noteFault' },
        'run.exited': { target: 'evaluating', guard: 'isCurrent', actions: 'noteExit' },
      },
    },
    evaluating: {
      entry: ['emitExited', 'fence', 'planNext', 'emitClimbed', 'keep'],
      always: [
        { target: 'stopped', guard: 'isRetired', actions: endedIn('stopped') },
        { target: 'stopped', guard: 'isTerminated', actions: endedIn('stopped') },
        { target: 'held', guard: 'isHeld', actions: heldFrom('evaluating') },
        { target: 'removed', guard: 'isDropped', actions: removedFrom('evaluating') },
        { target: 'failed', guard: 'isReported', actions: endedIn('failed') },
        { target: 'completed', guard: 'isIgnored', actions: endedIn('completed') },
        { target: 'dormant', guard: 'goesToSleep', actions: dormantFrom('evaluating') },
        { target: 'backoff', guard: 'plansRestart', actions: 'emitRestarting' },
        { target: 'backoff', guard: 'plansClimb' },
        { target: 'completed', guard: 'plansComplete', actions: [endedIn('completed'), 'ended'] },
        { target: 'failed', guard: 'plansFail', actions: [endedIn('failed'), 'ended'] },
        { target: 'quarantined', guard: 'plansQuarantine', actions: quarantinedFrom('evaluating') },
        { target: 'failed', guard: 'plansEscalation', actions: [endedIn('failed'), 'escalate'] },
        { target: 'stopped', guard: 'plansStop', actions: [endedIn('stopped'), 'ended'] },
        // What is left: restarts that a retiring supervisor no longer makes.
        { target: 'stopped', actions: endedIn('stopped') },
      ],
    },
    backoff: {
      entry: ['noteWait', restIn('backoff')],
      on: {
        ...endsAtRest('backoff'),
      },
      initial: 'waiting',
      states: {
        waiting: {
          always: { target: 'due', guard: 'isBackoffOver' },
          after: { backoff: 'due' },
        },
        due: {
          entry: 'askTurn',
          on: {
            'child.start': [
              { target: '#child.quarantined', guard: 'isQuarantined', actions: quarantinedFrom('backoff') },
              { target: '#child.starting', guard: 'isCleared' },
              { target: '#child.waiting' },
            ],
          },
        },
      },
    },
    held: {
      entry: ['noteWait', 'noteNotWaiting', restIn('held')],
      on: {
        'child.restart': [
          { target: 'quarantined', guard: 'isQuarantined', actions: quarantinedFrom('held') },
          { target: 'dormant', guard: 'sleepsFirst', actions: dormantFrom('held') },
          { target: 'starting', guard: 'isCleared' },
          { target: 'waiting' },
        ],
        ...endsAtRest('held'),
        'child.delete': { target: 'removed', actions: removedFrom('held') },
      },
    },
    quarantined: {
      entry: restIn('quarantined'),
      on: {
        'child.release': [
          { target: 'backoff.due', guard: 'comesBack', actions: ['emitReleased', 'noteRelease', 'keepReleased'] },
          { target: 'stopped', actions: ['emitReleased', 'noteRelease', 'keepReleased', stoppedFrom('quarantined')] },
        ],
        'child.delete': { target: 'removed', actions: removedFrom('quarantined') },
      },
      initial: 'serving',
      states: {
        serving: {
          // Whoever asked for its end before it came here asked for no trial either.
          always: { target: 'resting', guard: 'isWantedDown' },
          on: {
            'child.retire': { target: 'resting', actions: 'noteRetiring' },
            'child.stop': { target: 'resting', actions: 'noteStopAsked' },
            'child.kill': { target: 'resting', actions: 'noteStopAsked' },
            'child.terminate': { target: 'resting', actions: 'noteTerminated' },
            // Its term is another one then.
            'child.fault': { target: 'serving', reenter: true, actions: payingLate },
          },
          after: {
            quarantineTerm: [
              {
                target: '#child.failed',
                guard: 'isNeverRestarted',
                actions: [endedIn('failed', 'quarantined'), 'ended'],
              },
              { target: '#child.backoff.due', actions: ['noteHalfOpen', 'emitHalfOpen', 'keep'] },
            ],
          },
        },
        /** It was terminated, or its supervisor ends: nobody tries it again, and no timer keeps the process alive. */
        resting: {},
      },
    },
    completed: {
      entry: restIn('completed'),
      on: whileDown('completed'),
    },
    stopped: {
      entry: restIn('stopped'),
      on: whileDown('stopped'),
    },
    failed: {
      entry: restIn('failed'),
      on: whileDown('failed'),
    },
    removed: {},
  },
})

/** Nothing of it runs: whoever wants it down has nothing to wait for. */
function endsAtRest(from: ChildState) {
  return {
    'child.retire': { target: 'stopped', actions: ['noteRetiring', stoppedFrom(from)] },
    'child.stop': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom(from)] },
    'child.kill': { target: 'stopped', actions: ['noteStopAsked', stoppedFrom(from)] },
    'child.terminate': { target: 'stopped', actions: stoppedFrom(from) },
  } as const
}

/** It has ended, however that was: it may be started again by hand, or forgotten. */
function whileDown(from: 'completed' | 'stopped' | 'failed') {
  return {
    'child.restart': [
      { target: 'quarantined', guard: 'isQuarantinedAgain', actions: quarantinedFrom(from) },
      { target: 'dormant', guard: 'sleepsAgain', actions: dormantFrom(from) },
      { target: 'starting', guard: 'isStartableAgain' },
      { target: 'waiting', guard: 'isWaitingAgain' },
    ],
    'child.delete': { target: 'removed', actions: removedFrom(from) },
  } as const
}

function stoppedFrom(from: ChildState) {
  return { type: 'emitStoppedAtRest', params: { from } } as const
}

function endedIn(to: ChildState, from: ChildState = 'evaluating') {
  return { type: 'emitEnded', params: { to, from } } as const
}

function quarantinedFrom(from: ChildState) {
  return { type: 'emitQuarantined', params: { from } } as const
}

function dormantFrom(from: ChildState) {
  return { type: 'emitDormant', params: { from } } as const
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
