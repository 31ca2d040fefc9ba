import { assertNever, type ChildId, type Clock, type ExitReport, type HealthEventDraft } from '@bulkhead/vocabulary'
import { type Actor, createActor } from 'xstate'
import type { AccountBook, ChildIdentity } from './account-book.js'
import { type ChildEvent, exitedEvent, stoppedEvent } from './child-events.js'
import type { ChildMemory } from './child-memory.js'
import type { ChildPlan, CompletePlan } from './child-port.js'
import { hasEnded, ownsRun } from './child-state.js'
import { defaultPlanner, type ExitPlanner, type Ladder, otpPlanner } from './exit-planner.js'
import { hostFault, supervisorEnd } from './exit-reports.js'
import { defaultShutdownMs, eventReasonCharsMax, shownIsolatedMax, supervisorInboxEventsMax } from './limits.js'
import { machineClock } from './machine-clock.js'
import { MachineInbox } from './machine-inbox.js'
import type { NameClaims } from './name-claims.js'
import { NestedSupervisor } from './nested-supervisor.js'
import { endsSupervisor } from './planning/auto-shutdown.js'
import { type Accounts, freshAccounts, levelOf } from './planning/ladder-accounts.js'
import { type GroupPlan, planGroup } from './planning/plan-group.js'
import { withResolvers } from './resolvers.js'
import { type RunEvent, RunRegistry } from './run-registry.js'
import { isSettled } from './settlement.js'
import { SupervisedChild } from './supervised-child.js'
import {
  type Ending,
  type SupervisorMachineEvent,
  type SupervisorWorld,
  supervisorMachine,
} from './supervisor.machine.js'
import { completePlan, idOf, type PoolTemplate, type SupervisorPlan } from './supervisor-plan.js'
import type { SupervisorState } from './supervisor-state.js'
import { throwOutside } from './throw-outside.js'
import { defaultIntensity } from './tree-plan.js'
import type { TurnDesk } from './turn-desk.js'

/** What all supervisors of a tree share. */
export type TreeWorld = {
  readonly clock: Clock
  /** Monotonic milliseconds since the tree was made. */
  readonly nowMs: () => number
  readonly random: () => number
  readonly emit: (draft: HealthEventDraft) => void
  /** Closes what an incarnation of a child held. */
  readonly fence: (id: ChildId, incarnation: number) => void
  readonly turns: TurnDesk
  readonly memory: ChildMemory
  readonly book: AccountBook
  readonly ladder: Ladder
  readonly names: NameClaims
  /** Something changed: the tree may have settled. */
  readonly changed: () => void
}

/** A child of a supervisor, and the supervisor that it is, where it is one. */
export type Member = {
  readonly child: SupervisedChild
  readonly nested: NestedSupervisor | undefined
  /** Whether it was planned with its supervisor: what is started by a call leaves no trace when it is gone. */
  readonly isStatic: boolean
}

/**
 * One life of a supervisor: from its start until every child is down. A supervisor that its own supervisor starts again is
 * another node, made anew from the plan: its static children come back, the others do not.
 */
export class SupervisorNode {
  readonly name: string
  /** Supervisors above it, itself counted. */
  readonly depth: number
  /** Resolves when the start of every child is over; `failed` when a child whose start had to succeed did not. */
  readonly started: Promise<'ready' | 'failed'>
  /** Resolves when every child is down or a zombie. */
  readonly ended: Promise<void>
  /** Resolves when no run of it is left, also not that of a zombie. */
  readonly gone: Promise<ExitReport>
  readonly #world: TreeWorld
  readonly #planner: ExitPlanner
  readonly #members = new Map<ChildId, Member>()
  /** Temporary children of the plan that have ended: shown, and no children any more. */
  readonly #departed = new Map<ChildId, SupervisedChild>()
  readonly #registry: RunRegistry
  readonly #inbox = new MachineInbox(supervisorInboxEventsMax)
  readonly #machine: Actor<typeof supervisorMachine>
  readonly #started = withResolvers<'ready' | 'failed'>()
  readonly #ended = withResolvers<void>()
  readonly #gone = withResolvers<ExitReport>()
  readonly #calm = new Set<() => void>()
  #plan: SupervisorPlan
  #roster: readonly ChildId[] = []
  #ending: Ending | undefined
  #hasEnded = false
  #collapseReason: string | undefined
  #stateSinceMs: number
  #shownState: SupervisorState = 'declared'

  constructor(plan: SupervisorPlan, depth: number, world: TreeWorld) {
    this.name = plan.name
    this.depth = depth
    this.#plan = plan
    this.#world = world
    this.#registry = new RunRegistry(world.clock)
    this.#planner = plan.profile === 'otp' ? otpPlanner(world.ladder) : defaultPlanner(world.random, world.ladder)
    this.#stateSinceMs = world.clock.wallMs()
    this.started = this.#started.promise
    this.ended = this.#ended.promise
    this.gone = this.#gone.promise
    for (const child of plan.children) this.adopt(child, true)
    this.#machine = createActor(supervisorMachine, {
      clock: machineClock(world.clock, (task) => this.#enqueue(task)),
      input: { world: this.#machineWorld() },
    })
    this.#machine.subscribe({ error: () => undefined })
    this.#machine.start()
  }

  start(): void {
    this.#tell({ type: 'supervisor.start' })
  }

  /** Stops the children in reverse order, each within its own time; those of a pool all at once. */
  stop(): void {
    this.#tell({ type: 'supervisor.stop' })
  }

  /** Ends all children at once and without grace. */
  kill(): void {
    this.#tell({ type: 'supervisor.kill' })
  }

  get plan(): SupervisorPlan {
    return this.#plan
  }

  get isPool(): boolean {
    return this.#plan.template !== undefined
  }

  get ending(): Ending | undefined {
    return this.#ending
  }

  /** When it entered its state, and what it says about it. */
  get standing(): { readonly sinceMs: number; readonly reason: string | undefined; readonly restartsLeft: number } {
    const { intensity = defaultIntensity } = this.#plan
    return {
      sinceMs: this.#stateSinceMs,
      reason: this.#collapseReason ?? (this.#ending === undefined ? undefined : reasonOf(this.#ending)),
      restartsLeft: this.#planner.restartsLeft(freshAccounts, intensity, this.#world.nowMs()),
    }
  }

  get state(): SupervisorState {
    if (this.#collapseReason !== undefined) return 'stopped'
    const { value } = this.#machine.getSnapshot()
    if (typeof value === 'string') return value === 'killing' ? 'stopping' : value
    const { roster, turns } = value.active
    if (typeof roster !== 'string') return 'restarting-group'
    return roster === 'running' && turns === 'throttled' ? 'throttled' : roster
  }

  /** Whether it takes administrative calls. */
  get isActive(): boolean {
    return !['declared', 'escalating', 'stopping', 'stopped'].includes(this.state)
  }

  /** Its children, in start order. */
  get members(): readonly Member[] {
    return [...this.#members.values()]
  }

  /** All children, in start order, those that departed where they were. */
  get shown(): readonly (Member | SupervisedChild)[] {
    const order = [...this.#plan.children.map(idOf), ...this.#members.keys()]
    return [...new Set<ChildId>(order)].flatMap((id) => this.#members.get(id) ?? this.#departed.get(id) ?? [])
  }

  member(id: ChildId): Member | undefined {
    return this.#members.get(id)
  }

  /** Runs below it that were killed and whose exit is still unseen. */
  get zombies(): number {
    let count = 0
    for (const id of this.#registry.zombies) if (this.#members.get(id)?.nested === undefined) count++
    for (const { nested } of this.#members.values()) count += nested?.node.zombies ?? 0
    return count
  }

  /** Whether it has ended and no run of it is left. */
  get isGone(): boolean {
    return this.#hasEnded && !this.#registry.isOccupied
  }

  /** Whether no child has anything left to do. */
  get isSettled(): boolean {
    if (this.state === 'stopped') return true
    if (this.state !== 'running') return false
    return this.members.every(({ child, nested }) =>
      nested !== undefined && child.state === 'running'
        ? nested.node.isSettled
        : isSettled(child.state, child.plan.expect),
    )
  }

  /** Resolves when no group is being stopped or started: Erlang's supervisor, too, does one thing at a time. */
  async calm(): Promise<void> {
    if (!this.#isBusy) return
    await new Promise<void>((resolve) => void this.#calm.add(resolve))
  }

  /** Takes a child at the end of the start order. It is `declared` until somebody starts it. */
  adopt(plan: ChildPlan | SupervisorPlan, isStatic: boolean): Member {
    const nested = plan.kind === 'supervisor' ? this.#nest(plan) : undefined
    const complete = nested?.asChild ?? completePlan(plan as ChildPlan)
    const { id } = complete
    const departed = this.#departed.get(id)
    if (departed !== undefined) this.#keep(departed)
    this.#departed.delete(id)
    const member: Member = { child: this.#supervise(complete, nested), nested, isStatic }
    this.#members.set(id, member)
    this.#world.names.claim(id, this.name, isStatic)
    this.#listRoster()
    return member
  }

  /**
   * Another plan for this supervisor, as a live upgrade has it: flags count from now on, children that both plans name get
   * the new one without a restart, new ones are `declared`, and those that only the old plan named stay, at the end.
   */
  replan(plan: SupervisorPlan): void {
    this.#plan = plan
    const old = new Map(this.#members)
    this.#members.clear()
    for (const child of plan.children) {
      const id = idOf(child)
      const known = old.get(id)
      old.delete(id)
      if (known === undefined) this.adopt(child, true)
      else this.#members.set(id, this.#replanMember(known, child))
    }
    for (const [id, member] of old) {
      const { child } = member
      child.replan(plan.template === undefined ? child.plan : this.poolPlan(plan.template, child.plan), this.#terms)
      this.#members.set(id, member)
    }
    this.#listRoster()
  }

  /** The plan of a member of a pool: what the template says of it, and the port that is its own. */
  poolPlan(template: PoolTemplate, { id, port }: Pick<ChildPlan, 'id' | 'port'>): CompletePlan {
    const { port: _, ...shared } = template
    return completePlan({ ...shared, id, port })
  }

  /** What a child left becomes a memory, and its name is free. */
  forget(id: ChildId): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    this.#listRoster()
    this.#world.names.release(id, this.name, false)
    member.nested?.disband(!member.isStatic)
    this.#keep(member.child)
    this.#world.book.forget(id)
    this.#world.changed()
  }

  /**
   * Leaves all children's memories behind: this life is over.
   *
   * @param isForGood there is no next one: the names of the plan are free too.
   */
  disband(isForGood: boolean): void {
    for (const { child, nested, isStatic } of this.#members.values()) {
      nested?.disband(isForGood || !isStatic)
      this.#world.names.release(child.id, this.name, isForGood)
      this.#keep(child)
    }
    for (const id of this.#departed.keys()) this.#world.names.release(id, this.name, isForGood)
    for (const child of this.#departed.values()) this.#keep(child)
    this.#departed.clear()
  }

  #nest(plan: SupervisorPlan): NestedSupervisor {
    return new NestedSupervisor(plan, (next) => new SupervisorNode(next, this.depth + 1, this.#world))
  }

  #replanMember(member: Member, plan: ChildPlan | SupervisorPlan): Member {
    const complete = plan.kind === 'supervisor' ? member.nested?.replan(plan) : completePlan(plan)
    if (complete !== undefined) member.child.replan(complete, this.#terms)
    return member
  }

  get #terms() {
    return { intensity: this.#plan.intensity ?? defaultIntensity, isPoolMember: this.isPool }
  }

  #supervise(plan: CompletePlan, nested: NestedSupervisor | undefined): SupervisedChild {
    const { clock, nowMs, memory, book } = this.#world
    const { id } = plan
    const identity = identityOf(plan)
    const child: SupervisedChild = new SupervisedChild({
      plan,
      terms: this.#terms,
      remembered: memory.recall(id),
      accounts: book.recall(id, identity),
      clock,
      nowMs,
      world: {
        planner: this.#planner,
        emit: (event) => this.#emitOf(id, event),
        keep: (accounts, why) => {
          if (why === 'released') book.release(id, identityOf(child.plan), accounts)
          else book.keep(id, identityOf(child.plan), accounts)
        },
        startRun: (incarnation, terms) =>
          this.#registry.begin(id, incarnation, child.plan.port, terms, (event) => this.#hear(child, event)),
        stopRun: (incarnation) => this.#registry.stop(id, incarnation),
        killRun: (incarnation) => this.#registry.kill(id, incarnation),
        fence: (incarnation) => {
          if (nested === undefined) this.#world.fence(id, incarnation)
        },
      },
      handlers: {
        moved: (state, from) => {
          this.#tell({ type: 'child.moved', child: id, state, from })
          if (hasEnded(state)) this.#depart(child)
          if (state === 'removed') this.forget(id)
        },
        due: () => this.#tell({ type: 'child.due', child: id }),
        ended: () => this.#conclude(child),
        escalated: (report) =>
          this.#tell({ type: 'child.escalated', ending: { kind: 'escalated', child: id, report } }),
        broken: (reason) => this.#onBroken(child, reason),
      },
    })
    return child
  }

  #machineWorld(): SupervisorWorld {
    const childOf = (id: ChildId): SupervisedChild | undefined => this.#members.get(id)?.child
    const isOtp = (): boolean => this.#plan.profile === 'otp'
    return {
      roster: () => this.#roster,
      stateOf: (id) => childOf(id)?.state ?? 'removed',
      lastExitOf: (id) => (childOf(id) ?? this.#departed.get(id))?.lastExit ?? hostFault('it left no report'),
      isDue: (id) => childOf(id)?.isDue === true,
      isStartable: (id) => childOf(id)?.isStartable === true,
      planGroup: (failed) => this.#planGroup(failed),
      needsAllStarts: isOtp,
      abandonsGroups: isOtp,
      commonShutdownMs: () => this.#commonShutdownMs(),
      startChild: (id) => childOf(id)?.start(isOtp() ? 'reported' : 'planned'),
      askTurn: (id) => this.#askTurn(childOf(id)),
      reserveChild: (id) => childOf(id)?.deliver({ type: 'child.reserve' }),
      holdChild: (id) => childOf(id)?.deliver({ type: 'child.hold' }),
      terminateChild: (id) => childOf(id)?.deliver({ type: 'child.terminate' }),
      retireChild: (id) => childOf(id)?.deliver({ type: 'child.retire' }),
      stopChild: (id, isTimedElsewhere) => childOf(id)?.deliver({ type: 'child.stop', isTimedElsewhere }),
      killChild: (id) => childOf(id)?.deliver({ type: 'child.kill' }),
      emitReconciled: () => this.#emitReconciled(),
      emitStarted: () => this.#emit({ type: 'supervisor.started' }),
      emitHeld: (by, state) =>
        this.#emit({ type: 'supervisor.held', child: by, reason: `\`${by}\` is ${state}, and its group with it` }),
      emitReleased: () => this.#emit({ type: 'supervisor.released' }),
      emitThrottled: (delayMs) =>
        this.#emit({ type: 'supervisor.throttled', delayMs, reason: 'too many restarts within a second on this host' }),
      emitEscalated: (ending) => this.#emitEscalated(ending),
      emitStopped: (ending) => this.#emitStopped(ending),
    }
  }

  #planGroup(failed: ChildId): GroupPlan | undefined {
    const { strategy = 'one_for_one' } = this.#plan
    if (strategy === 'one_for_one') return undefined
    const children = this.members.map(({ child }) => ({ id: child.id, restart: child.plan.restart }))
    return planGroup(strategy, children, failed)
  }

  #commonShutdownMs(): number | undefined {
    const { template } = this.#plan
    if (template === undefined) return undefined
    const { shutdownMs = defaultShutdownMs } = template
    return shutdownMs === 'infinity' ? Number.POSITIVE_INFINITY : shutdownMs
  }

  #askTurn(child: SupervisedChild | undefined): void {
    if (child === undefined) return
    if (child.state === 'declared') {
      child.start()
      return
    }
    const listener = {
      throttled: (delayMs: number) => this.#tell({ type: 'turns.throttled', delayMs }),
      open: () => this.#tell({ type: 'turns.open' }),
    }
    // Whoever was terminated meanwhile, and is therefore in another state, has given up its turn.
    const { state } = child
    this.#world.turns.ask(this.name, listener, child.id, {
      wants: () => child.isStartable && child.state === state,
      start: () => child.start(),
    })
  }

  /** A significant child that ended by itself may end its supervisor. */
  #conclude(child: SupervisedChild): void {
    const { autoShutdown = 'never' } = this.#plan
    const left = this.members.filter(
      ({ child: other }) => other !== child && other.plan.significant && !hasEnded(other.state),
    ).length
    if (!endsSupervisor(autoShutdown, child.plan.significant, left)) return
    const report = child.lastExit ?? hostFault('it left no report')
    this.#tell({ type: 'child.concluded', ending: { kind: 'auto-shutdown', child: child.id, report } })
  }

  /** A temporary child, or a member of a pool, that has ended is no child any more. */
  #depart(child: SupervisedChild): void {
    const member = this.#members.get(child.id)
    if (member?.child !== child || child.isBroken || !this.isActive) return
    if (child.plan.restart !== 'temporary' && !this.isPool) return
    if (!member.isStatic) {
      child.deliver({ type: 'child.delete' })
      return
    }
    this.#members.delete(child.id)
    this.#departed.set(child.id, child)
    this.#listRoster()
  }

  /** A run speaks. A child whose machine broke cannot answer any more: its exit is still fenced and told. */
  #hear(child: SupervisedChild, event: RunEvent): void {
    if (!child.isBroken) child.deliver(event)
    else if (event.type === 'run.exited') {
      this.#emitOf(child.id, exitedEvent(event.incarnation, event.report))
      this.#fenceBroken(child.id, event.incarnation)
    }
    this.#leaveIfEmpty()
  }

  #onBroken(child: SupervisedChild, reason: string): void {
    const { incarnation } = child.view()
    this.#emitOf(child.id, { ...stoppedEvent(incarnation, 'running', 'failed', hostFault(reason)) })
    void this.#reap()
    this.#tell({ type: 'child.moved', child: child.id, state: 'failed', from: 'evaluating' })
  }

  #reap(): Promise<void> {
    return this.#registry.reap((id, incarnation) => {
      const child = this.#members.get(id)?.child
      return child !== undefined && ownsRun(child.state) && child.isAt(incarnation)
    })
  }

  /** The fence of a child that is never restarted: when it throws there is nothing left to withhold but the sound of it. */
  #fenceBroken(id: ChildId, incarnation: number): void {
    try {
      this.#world.fence(id, incarnation)
    } catch (thrown) {
      throwOutside(thrown)
    }
  }

  /** Tells the machine. Once it has ended there is nothing to decide: a zombie's late exit changes only its own child. */
  #tell(event: SupervisorMachineEvent): void {
    this.#enqueue(() => {
      if (this.#machine.getSnapshot().status === 'active') this.#machine.send(event)
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
    const snapshot = this.#machine.getSnapshot()
    if (snapshot.status === 'error') {
      void this.#collapse(snapshot.error instanceof Error ? snapshot.error.message : String(snapshot.error))
      return
    }
    const { state } = this
    if (state !== this.#shownState) {
      this.#shownState = state
      this.#stateSinceMs = this.#world.clock.wallMs()
    }
    this.#ending = snapshot.context.ending
    if (!this.#isBusy) for (const resolve of [...this.#calm]) this.#calm.delete(resolve) && resolve()
    if (state === 'stopped') void this.#end()
    if (state !== 'declared' && state !== 'starting') this.#tellStarted()
    this.#world.changed()
  }

  #tellStarted(): void {
    this.#started.resolve(this.#ending?.kind === 'start-failed' ? 'failed' : 'ready')
  }

  get #isBusy(): boolean {
    const { value, status } = this.#machine.getSnapshot()
    if (status !== 'active' || typeof value === 'string') return false
    const { roster } = value.active
    return typeof roster !== 'string' && ['stopping', 'starting'].includes(roster['restarting-group'])
  }

  async #end(): Promise<void> {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#world.turns.leave(this.name)
    for (const { child } of this.#members.values()) child.close()
    for (const child of this.#departed.values()) child.close()
    await this.#reap()
    this.#ended.resolve()
    this.#leaveIfEmpty()
  }

  #leaveIfEmpty(): void {
    if (this.isGone) this.#gone.resolve(this.#exitReport())
  }

  /** The machine itself failed: nobody decides any more, so every run is ended and the supervisor with it. */
  async #collapse(reason: string): Promise<void> {
    if (this.#collapseReason !== undefined) return
    this.#collapseReason = `a fault of its own: ${reason}`
    this.#inbox.close()
    this.#machine.stop()
    for (const { child } of this.#members.values()) child.deliver({ type: 'child.retire' })
    await this.#registry.reap(() => false)
    this.#emit({ type: 'supervisor.stopped', class: 'host', reason: this.#collapseReason })
    this.#tellStarted()
    await this.#end()
    this.#world.changed()
  }

  #exitReport(): ExitReport {
    if (this.#collapseReason !== undefined) return hostFault(this.#collapseReason)
    const ending = this.#ending
    if (ending === undefined) return supervisorEnd('shutdown', 'stopped')
    return supervisorEnd(this.#classOf(ending), reasonOf(ending))
  }

  /** Erlang's supervisor exits `shutdown` when its budget is spent, and is therefore not restarted when it is transient. */
  #classOf(ending: Ending): 'shutdown' | 'crash' {
    if (ending.kind === 'auto-shutdown') return 'shutdown'
    return ending.kind === 'escalated' && this.#plan.profile === 'otp' ? 'shutdown' : 'crash'
  }

  #keep(child: SupervisedChild): void {
    const { id, remembered, accounts, plan } = child
    this.#world.memory.keep(id, remembered)
    const hasEscalated = this.#ending?.kind === 'escalated' && this.#ending.child === id
    // Its charges were passed on to this supervisor's own account: to count them twice would end the next life at once.
    if (hasEscalated) this.#world.book.keep(id, identityOf(plan), withoutCharges(accounts))
  }

  #listRoster(): void {
    this.#roster = [...this.#members.keys()]
  }

  #emitReconciled(): void {
    const isolated = this.members
      .map(({ child }) => ({ id: child.id, level: levelOf(child.accounts) }))
      .filter(({ level }) => level !== 'thread')
    if (isolated.length === 0) return
    const shown = isolated.slice(0, shownIsolatedMax).map(({ id, level }) => `\`${id}\` at ${level}`)
    const more = isolated.length > shown.length ? ` and ${isolated.length - shown.length} more` : ''
    this.#emit({ type: 'supervisor.reconciled', reason: `from an earlier life: ${shown.join(', ')}${more}` })
  }

  #emitEscalated(ending: Ending): void {
    this.#emit({
      type: 'supervisor.escalated',
      child: ending.child,
      class: ending.report.class,
      reason: ending.report.reason,
    })
  }

  #emitStopped(ending: Ending | undefined): void {
    if (ending === undefined) this.#emit({ type: 'supervisor.stopped', class: 'shutdown', reason: 'stopped' })
    else this.#emit({ type: 'supervisor.stopped', class: this.#classOf(ending), reason: reasonOf(ending) })
  }

  #emitOf(id: ChildId, event: ChildEvent): void {
    const slash = id.indexOf('/')
    const tenant = slash === -1 ? {} : { tenant: id.slice(0, slash) }
    this.#emit({ ...event, child: id, ...tenant })
  }

  #emit(draft: Omit<HealthEventDraft, 'supervisor'>): void {
    const { reason } = draft
    const short = reason === undefined ? {} : { reason: reason.slice(0, eventReasonCharsMax) }
    this.#world.emit({ ...draft, ...short, supervisor: this.name })
  }
}

/** What stands in the plan; the tenant also where it stands in the id. */
function identityOf({ id, identity }: ChildPlan): ChildIdentity {
  const slash = id.indexOf('/')
  return { ...(slash === -1 ? {} : { tenant: id.slice(0, slash) }), ...identity }
}

function withoutCharges(accounts: Accounts): Accounts {
  return { ...accounts, restarts: { ...accounts.restarts, chargedAtMs: [] } }
}

function reasonOf({ kind, child, report }: Ending): string {
  switch (kind) {
    case 'escalated':
      return `child \`${child}\` could not be kept up: ${report.reason}`
    case 'start-failed':
      return `child \`${child}\` could not be started: ${report.reason}`
    case 'auto-shutdown':
      return `child \`${child}\` was significant and has ended: ${report.reason}`
    default:
      return assertNever(kind)
  }
}
