import { assertNever, type ChildId, type ExitReport, type Usage } from '@bulkhead/vocabulary'
import { type ChildContext, standingReason } from './child.machine.js'
import type { CompletePlan, Expectation } from './child-port.js'
import type { ChildState } from './child-state.js'
import type { ExitPlanner } from './exit-planner.js'
import { killPatienceMs } from './limits.js'
import { healthOf as observedHealth } from './planning/health.js'
import { scoreAt } from './planning/isolation-score.js'
import type { Level } from './planning/ladder.js'
import { levelOf, nextDescent } from './planning/ladder-accounts.js'

/** What happens next to a child by itself. `atMs`: wall clock; absent where it waits for something other than time. */
export type NextStep = {
  readonly what:
    | ('kill' | 'zombie' | 'restart' | 'turn' | 'group' | 'admission' | 'canary' | 'step-down' | 'wake')
    /** A quarantine that ends in no trial: it is never restarted. */
    | 'fail'
  readonly atMs?: number
}

/** How well it is. `reasons` say why it is not `healthy`. */
export type Health = {
  readonly status: 'healthy' | 'degraded' | 'failed'
  readonly reasons: readonly string[]
}

/** What anyone may see of a child. Plain data, true at the moment of the call. */
export type ChildView = {
  readonly id: ChildId
  readonly state: ChildState
  /** 0 before the first start, then +1 at each start. */
  readonly incarnation: number
  /** Starts after the first one, those that only ended a sleep apart. */
  readonly restarts: number
  /** Charged exits that would still be forgiven now; under profile `otp` those of all siblings together. */
  readonly restartsLeft: number
  /** The isolation score now; at 4 it climbs a rung. */
  readonly score: number
  /** Whether only a release takes it down from its rung: a security fault brought it there. */
  readonly needsRelease: boolean
  /** Where on the isolation ladder it runs, or would. */
  readonly level: Level
  readonly health: Health
  /** Why it is in this state: the last exit's reason, why it was quarantined, or what a `waiting` one waits for. */
  readonly reason?: string
  /** When it entered this state: wall clock, milliseconds since 1970 UTC. */
  readonly sinceMs: number
  readonly next?: NextStep
  /** When a timed quarantine would be due for its canary: wall clock. Absent: until released. */
  readonly quarantinedUntil?: number
  /** How its story is to end; `completed` when the plan does not say. */
  readonly expect: Expectation
  /** Whether it is now in the state that was expected. */
  readonly metExpectation: boolean
  /** The report of its last exit. */
  readonly lastExit?: ExitReport
  /** All incarnations that ended, together; `memoryPeak` is the highest of them. */
  readonly usage: Usage
}

/** What a view is made of. `nowMs` and the instants of `context` are monotonic. */
export type ChildFacts = {
  readonly plan: CompletePlan
  readonly state: ChildState
  readonly isDue: boolean
  readonly context: ChildContext
  readonly starts: number
  readonly planner: ExitPlanner
  readonly brokenReason: string | undefined
  readonly sinceWallMs: number
  readonly wallNowMs: number
  readonly nowMs: number
  readonly usage: Usage
}

export function viewOf(facts: ChildFacts): ChildView {
  const { plan, state, context, planner, nowMs } = facts
  const expect = plan.expect ?? 'completed'
  const reason = facts.brokenReason ?? standingReason(context)
  const next = nextStep(facts)
  const untilMs = state === 'quarantined' ? context.accounts.quarantine?.untilMs : undefined
  return {
    id: plan.id,
    state,
    incarnation: context.incarnation,
    restarts: Math.max(0, facts.starts - 1),
    restartsLeft: state === 'quarantined' ? 0 : planner.restartsLeft(context.accounts, context.spec.intensity, nowMs),
    score: scoreAt(context.accounts.score, nowMs, planner.ladder.timing.scoreStepMs).points,
    level: levelShown(facts),
    needsRelease: context.accounts.isHeldBySecurity,
    health: healthOf(facts, reason),
    ...(reason === undefined ? {} : { reason }),
    sinceMs: facts.sinceWallMs,
    ...(next === undefined ? {} : { next }),
    ...(untilMs === undefined ? {} : { quarantinedUntil: wallOf(facts, untilMs) }),
    expect,
    metExpectation: state === expect,
    ...(context.report === undefined ? {} : { lastExit: context.report }),
    usage: facts.usage,
  }
}

function wallOf({ wallNowMs, nowMs }: ChildFacts, instantMs: number): number {
  return Math.round(wallNowMs + instantMs - nowMs)
}

function nextStep(facts: ChildFacts): NextStep | undefined {
  const { state, context, sinceWallMs } = facts
  const { plan, spec, accounts } = context
  switch (state) {
    case 'starting':
      return at('kill', sinceWallMs + spec.startMs)
    case 'stopping':
      return at('kill', sinceWallMs + spec.shutdownMs)
    case 'killing':
      return at('zombie', sinceWallMs + killPatienceMs)
    case 'backoff':
      if (facts.isDue || plan.kind !== 'restart') return { what: 'turn' }
      return at('restart', wallOf(facts, context.waitedFromMs + plan.delayMs))
    case 'held':
      return { what: 'group' }
    case 'waiting':
      return { what: 'admission' }
    case 'dormant':
      return { what: 'wake' }
    case 'quarantined':
      return accounts.quarantine?.untilMs === undefined
        ? undefined
        : at(spec.restart === 'temporary' ? 'fail' : 'canary', wallOf(facts, accounts.quarantine.untilMs))
    case 'running':
    case 'half-open': {
      const descent = nextDescent(accounts, facts.planner.ladder.timing)
      return descent === undefined ? undefined : at('step-down', wallOf(facts, descent.atMs))
    }
    default:
      return undefined
  }
}

/** What would be at no time ever is no next step. */
function at(what: NextStep['what'], atMs: number): NextStep | undefined {
  return Number.isFinite(atMs) ? { what, atMs: Math.round(atMs) } : undefined
}

/** On trial it runs, and where it does is of more interest than where it came from. */
function levelShown({ state, context: { accounts }, planner }: ChildFacts): Level {
  return state === 'half-open' ? planner.terms(accounts).level : levelOf(accounts)
}

/** A run is as well as it was seen to be, and as free as it was meant to be. */
function healthOfRun({ context, planner, state }: ChildFacts): Health {
  const observed = observedHealth(context.health)
  if (observed.kind === 'failed') return { status: 'failed', reasons: [observed.reason] }
  const { level } = planner.terms(context.accounts)
  const { because } = context.accounts
  const rung = state === 'half-open' ? 'on trial after a quarantine' : `isolated at \`${level}\``
  const own = level === 'thread' ? [] : [because === undefined ? rung : `${rung}: ${because}`]
  const reasons = [...own, ...(observed.kind === 'degraded' ? observed.reasons : [])]
  return { status: reasons.length === 0 ? 'healthy' : 'degraded', reasons }
}

function healthOf(facts: ChildFacts, reason: string | undefined): Health {
  const { state } = facts
  switch (state) {
    case 'running':
    case 'half-open':
    case 'dormant':
      return healthOfRun(facts)
    case 'declared':
    case 'starting':
    case 'completed':
    case 'stopping':
    case 'stopped':
    case 'removed':
      return { status: 'healthy', reasons: [] }
    case 'waiting':
    case 'evaluating':
    case 'backoff':
    case 'held':
      return { status: 'degraded', reasons: [reason ?? state] }
    case 'killing':
    case 'zombie':
    case 'quarantined':
    case 'failed':
      return { status: 'failed', reasons: [reason ?? state] }
    default:
      return assertNever(state)
  }
}

export const noUsage: Usage = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 }

export function addUsage(sum: Usage, more: Usage): Usage {
  return {
    wallMs: sum.wallMs + more.wallMs,
    cpuMs: sum.cpuMs + more.cpuMs,
    memoryPeak: Math.max(sum.memoryPeak, more.memoryPeak),
    checksGranted: sum.checksGranted + more.checksGranted,
    checksDenied: sum.checksDenied + more.checksDenied,
  }
}
