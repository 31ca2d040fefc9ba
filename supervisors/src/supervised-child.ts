import type { ChildId, Clock, ExitReport, Usage } from '@bulkhead/vocabulary'
import { type Actor, createActor } from 'xstate'
import {
  type ChildMachineEvent,
  type ChildMachineSpec,
  type ChildWorld,
  childMachine,
  type StartMode,
} from './child.machine.js'
import type { Remembered } from './child-memory.js'
import type { CompletePlan, ShutdownMs } from './child-port.js'
import { type ChildState, hasEnded, isStartOver } from './child-state.js'
import { addUsage, type ChildView, noUsage, viewOf } from './child-view.js'
import { readClearance } from './clearance.js'
import { childInboxEventsMax, startDeadlineMs } from './limits.js'
import { machineClock } from './machine-clock.js'
import { MachineInbox } from './machine-inbox.js'
import type { Accounts } from './planning/ladder-accounts.js'
import type { Intensity } from './planning/restart-spec.js'

/** What a child tells its supervisor, after a whole step and in this order. */
export type ChildHandlers = {
  /** It ended by itself. */
  readonly ended: () => void
  readonly escalated: (report: ExitReport) => void
  /** It came to rest in another state. */
  readonly moved: (state: ChildState, from: ChildState) => void
  /** Its backoff is over: it wants a turn. */
  readonly due: () => void
  /** Its machine failed: a fault of ours. The machine is gone, the state is `failed`, its run is for the reaper. */
  readonly broken: (reason: string) => void
}

/** What its supervisor adds to a child's plan. */
export type ChildTerms = { readonly intensity: Intensity; readonly isPoolMember: boolean }

export type SupervisedChildOptions = {
  readonly plan: CompletePlan
  readonly terms: ChildTerms
  readonly remembered: Remembered
  readonly accounts: Accounts
  readonly clock: Clock
  readonly nowMs: () => number
  readonly world: Omit<ChildWorld, 'nowMs' | 'isWanted' | 'askTurn' | 'ended' | 'escalate'>
  readonly handlers: ChildHandlers
}

type Plain = Exclude<
  ChildMachineEvent,
  { type: 'child.start' | 'child.restart' | 'child.admission' | 'child.wake' | 'child.respec' }
>

/** One child: its machine, the inbox before it, and the view of both. The machine is nobody's xstate child, so its errors stay here. */
export class SupervisedChild {
  readonly id: ChildId
  readonly #options: SupervisedChildOptions
  readonly #inbox = new MachineInbox(childInboxEventsMax)
  readonly #actor: Actor<typeof childMachine>
  readonly #watchers = new Set<(state: ChildState) => void>()
  // What the present step has to tell once it is over: until then the state that others read is the one before. That the
  // supervisor has to end goes before the move that is the reason: a tree whose last child moved would seem to be settled.
  readonly #untoldBefore: (() => void)[] = []
  readonly #untoldAfter: (() => void)[] = []
  #plan: CompletePlan
  #state: ChildState = 'declared'
  #sinceWallMs: number
  #usage: Usage = noUsage
  #brokenReason: string | undefined
  #forget: (() => void)[] = []
  #isAdmissionTold = false
  #isWakeTold = false

  constructor(options: SupervisedChildOptions) {
    const { plan, terms, clock, nowMs, world, handlers, remembered } = options
    this.id = plan.id
    this.#plan = plan
    this.#options = options
    this.#sinceWallMs = clock.wallMs()
    this.#actor = createActor(childMachine, {
      input: {
        spec: specOf(plan, terms),
        incarnation: remembered.incarnation,
        accounts: options.accounts,
        world: {
          ...world,
          nowMs,
          isWanted: () => this.#isWanted,
          askTurn: () => void this.#untoldAfter.push(handlers.due),
          ended: () => void this.#untoldBefore.push(handlers.ended),
          escalate: (report) => void this.#untoldBefore.push(() => handlers.escalated(report)),
        },
      },
      clock: machineClock(clock, (task) => this.#enqueue(task)),
    })
    // Without an observer for errors xstate would throw them into the void of a timer.
    this.#actor.subscribe({ error: () => undefined })
    this.#actor.start()
    this.#listen(plan)
  }

  get plan(): CompletePlan {
    return this.#plan
  }

  get state(): ChildState {
    return this.#state
  }

  get isBroken(): boolean {
    return this.#brokenReason !== undefined
  }

  /** Whether its backoff is over and it waits for its turn. */
  get isDue(): boolean {
    return !this.isBroken && this.#actor.getSnapshot().matches({ backoff: 'due' })
  }

  /** Whether a start would be heeded. */
  get isStartable(): boolean {
    if (this.isBroken || this.#actor.getSnapshot().context.retiring) return false
    return this.#state === 'declared' || this.#state === 'held' || hasEnded(this.#state) || this.isDue
  }

  /** Whether its last start had nothing to run. */
  get isIgnored(): boolean {
    return this.#actor.getSnapshot().context.ignored
  }

  get lastExit(): ExitReport | undefined {
    return this.#actor.getSnapshot().context.report
  }

  get accounts(): Accounts {
    return this.#actor.getSnapshot().context.accounts
  }

  /** What it leaves behind. */
  get remembered(): Remembered {
    return { incarnation: this.#actor.getSnapshot().context.incarnation, starts: this.#starts }
  }

  /** Starts the child if it is admitted; else it waits until it is. */
  start(mode: StartMode = 'planned'): void {
    this.#enqueue(() => {
      const isAtRest = this.#state === 'held' || hasEnded(this.#state)
      const type = isAtRest ? 'child.restart' : 'child.start'
      this.#actor.send({ type, clearance: readClearance(this.#plan), mode })
    })
  }

  /** Hears no more of its admission, nor of what would wake it. */
  close(): void {
    for (const forget of this.#forget.splice(0)) forget()
  }

  /** Another plan for the same child; what runs goes on, the next start follows the new one. */
  replan(plan: CompletePlan, terms: ChildTerms): void {
    this.close()
    this.#plan = plan
    this.#listen(plan)
    this.#enqueue(() => this.#actor.send({ type: 'child.respec', spec: specOf(plan, terms) }))
  }

  /** Delivers an event to the machine, behind those that wait. What is said to a broken machine is of no effect. */
  deliver(event: Plain): void {
    this.#enqueue(() => {
      if (event.type === 'run.exited') this.#usage = addUsage(this.#usage, event.report.usage)
      this.#actor.send(event)
    })
  }

  /** Resolves with the first state, the present one included, for which `isIt` holds. */
  async reach(isIt: (state: ChildState) => boolean): Promise<ChildState> {
    if (isIt(this.#state)) return this.#state
    return await new Promise((resolve) => {
      const watch = (state: ChildState): void => {
        if (!isIt(state)) return
        this.#watchers.delete(watch)
        resolve(state)
      }
      this.#watchers.add(watch)
    })
  }

  /** Starts it and resolves when that start is over, well or badly. */
  async startAndSee(mode: StartMode): Promise<ChildState> {
    const { starts } = this.#actor.getSnapshot().context
    this.start(mode)
    // Not before the start: a child at rest would be taken for one whose start is over already.
    const hasBegun = (state: ChildState): boolean =>
      state === 'waiting' ||
      state === 'dormant' ||
      state === 'quarantined' ||
      this.isBroken ||
      this.#actor.getSnapshot().context.starts > starts
    return await this.reach((state) => hasBegun(state) && isStartOver(state) && state !== 'stopping')
  }

  /** Whether the machine is active and owns the run of this incarnation. */
  isAt(incarnation: number): boolean {
    return !this.isBroken && this.#actor.getSnapshot().context.incarnation === incarnation
  }

  view(): ChildView {
    const { clock, nowMs, world } = this.#options
    return viewOf({
      plan: this.#plan,
      state: this.#state,
      isDue: this.isDue,
      context: this.#actor.getSnapshot().context,
      starts: this.#starts,
      planner: world.planner,
      brokenReason: this.#brokenReason,
      sinceWallMs: this.#sinceWallMs,
      wallNowMs: clock.wallMs(),
      nowMs: nowMs(),
      usage: this.#usage,
    })
  }

  /** All starts but wakes, those of earlier lives counted. */
  get #starts(): number {
    const { starts, wakes } = this.#actor.getSnapshot().context
    return this.#options.remembered.starts + starts - wakes
  }

  /** However often it changes before the machine comes to it, it is told once: it reads what is true then. */
  #admissionChanged(): void {
    if (this.#isAdmissionTold) return
    this.#isAdmissionTold = true
    this.#enqueue(() => {
      this.#isAdmissionTold = false
      this.#actor.send({ type: 'child.admission', clearance: readClearance(this.#plan) })
    })
  }

  #listen({ admission, dormancy }: CompletePlan): void {
    const admissionHeard = admission?.onChange(() => this.#admissionChanged())
    const wakeHeard = dormancy?.onWanted(() => this.#wake())
    this.#forget = [admissionHeard, wakeHeard].filter((forget) => forget !== undefined)
  }

  /** One whose word cannot be had is woken: it can go to sleep again. */
  get #isWanted(): boolean {
    try {
      return this.#plan.dormancy?.isWanted() ?? true
    } catch {
      return true
    }
  }

  #wake(): void {
    if (this.#isWakeTold || this.#state !== 'dormant') return
    this.#isWakeTold = true
    this.#enqueue(() => {
      this.#isWakeTold = false
      this.#actor.send({ type: 'child.wake', clearance: readClearance(this.#plan) })
    })
  }

  #enqueue(task: () => void): void {
    const offered = this.#inbox.offer(() => {
      task()
      this.#afterStep()
    })
    // More events than a child can cause: something that we do not understand talks to it. It is not served on a guess.
    if (offered === 'overloaded') this.#break('its inbox overflowed')
  }

  #afterStep(): void {
    const snapshot = this.#actor.getSnapshot()
    if (snapshot.status === 'error') {
      const { error } = snapshot
      this.#break(error instanceof Error ? error.message : String(error))
      return
    }
    const state = stateOf(snapshot.value)
    const from = this.#state
    if (state !== from) this.#enter(state)
    for (const tell of this.#untoldBefore.splice(0)) tell()
    if (state !== from) this.#options.handlers.moved(state, from)
    for (const tell of this.#untoldAfter.splice(0)) tell()
    // What came while it lay down is not slept over.
    if (state === 'dormant' && state !== from && this.#isWanted) this.#wake()
  }

  #break(reason: string): void {
    if (this.isBroken) return
    this.#brokenReason = `a fault in its supervision: ${reason}`
    this.close()
    this.#inbox.close()
    this.#actor.stop()
    this.#enter('failed')
    this.#options.handlers.broken(this.#brokenReason)
  }

  #enter(state: ChildState): void {
    this.#state = state
    this.#sinceWallMs = this.#options.clock.wallMs()
    for (const watch of [...this.#watchers]) watch(state)
  }
}

function specOf(plan: CompletePlan, { intensity, isPoolMember }: ChildTerms): ChildMachineSpec {
  return {
    restart: plan.restart,
    intensity,
    shutdownMs: inMs(plan.shutdownMs),
    startMs: plan.startMs ?? startDeadlineMs,
    isDroppedWhenIgnored: isPoolMember || plan.restart === 'temporary',
    maySleep: plan.dormancy !== undefined,
  }
}

function inMs(time: ShutdownMs): number {
  return time === 'infinity' ? Number.POSITIVE_INFINITY : time
}

/** The outermost state: what lies within (`backoff.waiting`, `backoff.due`) is the machine's own affair. */
function stateOf(value: string | { readonly [outer: string]: unknown }): ChildState {
  return (typeof value === 'string' ? value : Object.keys(value)[0]) as ChildState
}
