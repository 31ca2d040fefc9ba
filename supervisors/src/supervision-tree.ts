import { BulkheadError, type ChildId, type Clock, type HealthEventDraft } from '@bulkhead/vocabulary'
import { type Actor, createActor } from 'xstate'
import { type ChildEvent, exitedEvent, stoppedEvent } from './child-events.js'
import type { ChildPlan } from './child-port.js'
import { ownsRun } from './child-state.js'
import type { ChildView } from './child-view.js'
import { hostFault } from './exit-reports.js'
import { supervisorInboxEventsMax } from './limits.js'
import { machineClock } from './machine-clock.js'
import { MachineInbox } from './machine-inbox.js'
import type { Intensity } from './planning/restart-spec.js'
import { StormGuard } from './planning/storm-guard.js'
import { type RunEvent, RunRegistry } from './run-registry.js'
import { isSettled, type Settlement } from './settlement.js'
import { SupervisedChild } from './supervised-child.js'
import { type Escalation, type SupervisorMachineEvent, supervisorMachine } from './supervisor.machine.js'
import type { SupervisorState } from './supervisor-state.js'
import { checkTreePlan, defaultIntensity } from './tree-plan.js'
import { TurnQueue } from './turn-queue.js'

export type SupervisionTreeOptions = {
  /** The supervisor's name, as events show it. */
  readonly name: string
  /** In start order. */
  readonly children: readonly ChildPlan[]
  /** The restart budget of each child; 3 in 60 s when left out. */
  readonly intensity?: Intensity
  readonly clock: Clock
  /** Numbers in [0, 1), for the jitter of delays. */
  readonly random: () => number
  /** Hears every event, in order, at once. What it throws reaches the process as an uncaught exception and harms no child. */
  readonly onEvent: (draft: HealthEventDraft) => void
  /**
   * Closes what the incarnation held: handles, write ends, slots. Called once for each incarnation whose exit was seen,
   * before anything else happens to the child. When it throws, the child is not restarted: it ends `failed`.
   */
  readonly onFence?: (id: ChildId, incarnation: number) => void
  /** The host's storm guard, shared by its trees; one of its own when left out. */
  readonly stormGuard?: StormGuard
}

/**
 * A supervisor and its children, `one_for_one`: each child is restarted by its own account, and none is touched by what
 * happens to a sibling, until a trusted one cannot be kept up.
 *
 * @example
 * ```ts
 * const tree = new SupervisionTree({ name: 'root', children, clock: systemClock, random: Math.random, onEvent: console.log })
 * await tree.start()
 * const { met } = await tree.settled
 * await tree.stop()
 * ```
 */
export class SupervisionTree {
  /**
   * Resolves when no child has anything left to do: each is `completed`, `stopped`, `failed` or `quarantined`; or when the
   * tree has ended. A permanent child that runs never settles.
   */
  readonly settled: Promise<Settlement>
  readonly #options: SupervisionTreeOptions
  readonly #intensity: Intensity
  readonly #children = new Map<ChildId, SupervisedChild>()
  readonly #registry: RunRegistry
  readonly #turns: TurnQueue
  readonly #inbox = new MachineInbox(supervisorInboxEventsMax)
  readonly #supervisor: Actor<typeof supervisorMachine>
  readonly #originNs: bigint
  readonly #started = withResolvers<void>()
  readonly #ended = withResolvers<void>()
  readonly #settlement = withResolvers<Settlement>()
  #escalation: Escalation | undefined
  #stopping: Promise<void> | undefined

  /** @throws {BulkheadError} `usage` for an illegal name, a duplicate id, too many children, or a number out of its bounds. */
  constructor(options: SupervisionTreeOptions) {
    this.#options = options
    this.#intensity = options.intensity ?? defaultIntensity
    checkTreePlan(options.name, options.children, this.#intensity)
    this.#originNs = options.clock.monotonicNs()
    this.#registry = new RunRegistry(options.clock)
    this.#turns = new TurnQueue(options.stormGuard ?? new StormGuard(), () => this.#absoluteMs())
    this.settled = this.#settlement.promise
    for (const plan of options.children) this.#children.set(plan.id, this.#adopt(plan))
    this.#supervisor = this.#createSupervisor()
  }

  /**
   * Starts the children in order: each start is issued when the one before is ready or has ended. Resolves when the last
   * one is, or when the tree is stopped meanwhile. A child that fails to start blocks none and rejects nothing. Further
   * calls share the first one's end.
   *
   * @throws {BulkheadError} `usage` (as a rejection) after `stop()`: a tree runs once.
   */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) throw new BulkheadError('usage', 'the tree was stopped and cannot start again')
    this.#tell({ type: 'supervisor.start' })
    await this.#started.promise
  }

  /**
   * Stops the children in reverse order, each within its `shutdownMs`, then by force. Resolves when each is down or a
   * zombie; never hangs: bounded by the sum of all deadlines. Further calls share the first one's promise.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** All children, in start order. */
  children(): readonly ChildView[] {
    return [...this.#children.values()].map((child) => child.view())
  }

  /** Runs that were killed and whose exit is still unseen. At too many the host has to drain and exit. */
  zombies(): number {
    return this.#registry.zombies
  }

  /** The supervisor's own state. */
  get state(): SupervisorState {
    const { value } = this.#supervisor.getSnapshot()
    if (typeof value === 'string') return value
    if (value.active.roster === 'starting') return 'starting'
    return value.active.turns === 'open' ? 'running' : 'throttled'
  }

  async #stop(): Promise<void> {
    this.#tell({ type: 'supervisor.stop' })
    await this.#ended.promise
    await this.#reap()
  }

  #adopt(plan: ChildPlan): SupervisedChild {
    const { clock, random } = this.#options
    const { id } = plan
    return new SupervisedChild({
      plan,
      intensity: this.#intensity,
      clock,
      nowMs: () => this.#nowMs(),
      world: {
        random,
        emit: (event) => this.#emitOf(id, event),
        startRun: (incarnation) => this.#registry.begin(id, incarnation, plan.port, (event) => this.#hear(id, event)),
        stopRun: (incarnation) => this.#registry.stop(id, incarnation),
        killRun: (incarnation) => this.#registry.kill(id, incarnation),
        fence: (incarnation) => this.#options.onFence?.(id, incarnation),
        askTurn: () => this.#tell({ type: 'child.due', child: id }),
        escalate: (report) => this.#tell({ type: 'child.escalated', cause: { child: id, report } }),
      },
      handlers: {
        moved: (state) => this.#tell({ type: 'child.moved', child: id, state }),
        broken: (reason) => this.#onBroken(id, reason),
      },
    })
  }

  #createSupervisor(): Actor<typeof supervisorMachine> {
    const { name, clock, children } = this.#options
    const supervisor = createActor(supervisorMachine, {
      clock: machineClock(clock, (task) => this.#enqueue(task)),
      input: {
        childrenInStartOrder: children.map((plan) => plan.id),
        world: {
          startChild: (id) => this.#children.get(id)?.start(),
          retireChild: (id) => this.#deliver(id, { type: 'child.retire' }),
          stopChild: (id) => this.#deliver(id, { type: 'child.stop' }),
          stateOf: (id) => this.#children.get(id)?.state ?? 'failed',
          askTurn: (id) => this.#turns.ask(id),
          giveTurns: () => this.#giveTurns(),
          turnDelayMs: () => this.#turns.delayMs,
          emitStarted: () => this.#emit({ type: 'supervisor.started', supervisor: name }),
          emitThrottled: (delayMs) => this.#emitThrottled(delayMs),
          emitEscalated: (cause) => this.#emitEscalated(cause),
          emitStopped: (cause) => this.#emitStopped(cause),
        },
      },
    })
    supervisor.subscribe({ error: () => undefined })
    return supervisor.start()
  }

  #giveTurns(): void {
    this.#turns.give(
      (id) => this.#children.get(id)?.state === 'backoff',
      (id) => this.#children.get(id)?.start(),
    )
  }

  #deliver(id: ChildId, event: { readonly type: 'child.retire' | 'child.stop' }): void {
    this.#children.get(id)?.deliver(event)
  }

  /** A run speaks. A child whose machine broke cannot answer any more: its exit is still fenced and told. */
  #hear(id: ChildId, event: RunEvent): void {
    const child = this.#children.get(id)
    if (child?.isBroken !== true) {
      child?.deliver(event)
      return
    }
    if (event.type !== 'run.exited') return
    this.#emitOf(id, exitedEvent(event.incarnation, event.report))
    this.#fence(id, event.incarnation)
  }

  #onBroken(id: ChildId, reason: string): void {
    const incarnation = this.#children.get(id)?.view().incarnation ?? 0
    this.#emitOf(id, { ...stoppedEvent(incarnation, 'running', 'failed', hostFault(reason)) })
    void this.#reap()
    this.#tell({ type: 'child.moved', child: id, state: 'failed' })
  }

  #reap(): Promise<void> {
    return this.#registry.reap((id, incarnation) => {
      const child = this.#children.get(id)
      return child !== undefined && ownsRun(child.state) && child.isAt(incarnation)
    })
  }

  /** The fence of a child that is never restarted: when it throws there is nothing left to withhold but the sound of it. */
  #fence(id: ChildId, incarnation: number): void {
    try {
      this.#options.onFence?.(id, incarnation)
    } catch (thrown) {
      throwOutside(thrown)
    }
  }

  /** Tells the supervisor's machine. Once it has ended there is nothing to decide: a zombie's late exit changes only its own child. */
  #tell(event: SupervisorMachineEvent): void {
    this.#enqueue(() => {
      if (this.#supervisor.getSnapshot().status === 'active') this.#supervisor.send(event)
    })
  }

  #enqueue(task: () => void): void {
    const offered = this.#inbox.offer(() => {
      task()
      this.#afterStep()
    })
    if (offered === 'overloaded') void this.#collapse('its inbox overflowed')
  }

  #afterStep(): void {
    const snapshot = this.#supervisor.getSnapshot()
    if (snapshot.status === 'error') {
      void this.#collapse(snapshot.error instanceof Error ? snapshot.error.message : String(snapshot.error))
      return
    }
    const { state } = this
    if (state !== 'declared' && state !== 'starting') this.#started.resolve()
    if (state === 'stopped') this.#end()
    if (state !== 'declared') this.#settle(state)
  }

  #end(): void {
    for (const child of this.#children.values()) child.close()
    this.#ended.resolve()
  }

  /** The supervisor itself failed: nobody decides any more, so every run is ended and the tree with it. */
  async #collapse(reason: string): Promise<void> {
    this.#inbox.close()
    this.#supervisor.stop()
    for (const child of this.#children.values()) child.deliver({ type: 'child.retire' })
    await this.#registry.reap(() => false)
    const { name } = this.#options
    this.#emit({ type: 'supervisor.stopped', supervisor: name, class: 'host', reason: `a fault of its own: ${reason}` })
    this.#started.resolve()
    this.#end()
    this.#settlement.resolve(this.#settlementOf('escalated', reason))
  }

  #settle(state: SupervisorState): void {
    if (this.#escalation !== undefined) {
      const { child, report } = this.#escalation
      if (state === 'stopped') this.#settlement.resolve(this.#settlementOf('escalated', `${child}: ${report.reason}`))
    } else if (state === 'stopped') {
      this.#settlement.resolve(this.#settlementOf('stopped'))
    } else if (state === 'running' && [...this.#children.values()].every((child) => isSettled(child.state))) {
      this.#settlement.resolve(this.#settlementOf('settled'))
    }
  }

  #settlementOf(outcome: Settlement['outcome'], reason?: string): Settlement {
    const children = this.children()
    const base = { outcome, met: children.every((child) => child.metExpectation), children }
    return reason === undefined ? base : { ...base, reason }
  }

  #emitThrottled(delayMs: number): void {
    const reason = 'too many restarts within a second on this host'
    this.#emit({ type: 'supervisor.throttled', supervisor: this.#options.name, delayMs, reason })
  }

  #emitEscalated(cause: Escalation): void {
    this.#escalation = cause
    const { name: supervisor } = this.#options
    const { class: faultClass, reason } = cause.report
    this.#emit({ type: 'supervisor.escalated', supervisor, child: cause.child, class: faultClass, reason })
  }

  #emitStopped(cause: Escalation | undefined): void {
    const { name: supervisor } = this.#options
    if (cause === undefined)
      this.#emit({ type: 'supervisor.stopped', supervisor, class: 'shutdown', reason: 'stopped' })
    else {
      const reason = `child \`${cause.child}\` could not be kept up: ${cause.report.reason}`
      this.#emit({ type: 'supervisor.stopped', supervisor, class: 'crash', reason })
    }
  }

  #emitOf(id: ChildId, event: ChildEvent): void {
    const slash = id.indexOf('/')
    const tenant = slash === -1 ? {} : { tenant: id.slice(0, slash) }
    this.#emit({ ...event, supervisor: this.#options.name, child: id, ...tenant })
  }

  #emit(draft: HealthEventDraft): void {
    try {
      this.#options.onEvent(draft)
    } catch (thrown) {
      // Inside a machine's step it would end the child that was being told of.
      throwOutside(thrown)
    }
  }

  #nowMs(): number {
    return Number(this.#options.clock.monotonicNs() - this.#originNs) / 1e6
  }

  /** Monotonic milliseconds on the origin that all trees of a host share. */
  #absoluteMs(): number {
    return Number(this.#options.clock.monotonicNs()) / 1e6
  }
}

/** A listener's mistake is loud, and its own: it becomes an uncaught exception of the process. */
function throwOutside(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown
  })
}

type Resolvers<Value> = { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void }

function withResolvers<Value>(): Resolvers<Value> {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
