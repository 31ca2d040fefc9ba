import type { ChildId, ExitReport } from '@bulkhead/vocabulary'
import { exitedEvent, stoppedEvent } from './child-events.js'
import type { ChildPlan, CompletePlan } from './child-port.js'
import { hasEnded, ownsRun } from './child-state.js'
import { defaultPlanner, type ExitPlanner, otpPlanner } from './exit-planner.js'
import { hostFault } from './exit-reports.js'
import { fenceBroken, identityOf, letGo } from './letting-go.js'
import { NestedSupervisor } from './nested-supervisor.js'
import { endsSupervisor } from './planning/auto-shutdown.js'
import { freshAccounts } from './planning/ladder-accounts.js'
import { withResolvers } from './resolvers.js'
import { type Member, Roster } from './roster.js'
import { type RunEvent, RunRegistry } from './run-registry.js'
import { isSettled } from './settlement.js'
import { SupervisedChild } from './supervised-child.js'
import type { Ending, SupervisorWorld } from './supervisor.machine.js'
import { SupervisorActor } from './supervisor-actor.js'
import { reasonOf, reportOf } from './supervisor-ending.js'
import { completePlan, idOf, planOfMember, type SupervisorPlan } from './supervisor-plan.js'
import type { SupervisorState } from './supervisor-state.js'
import { SupervisorVoice } from './supervisor-voice.js'
import { supervisorWorld } from './supervisor-world.js'
import { defaultIntensity } from './tree-plan.js'
import type { TreeWorld } from './tree-world.js'

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
  readonly #voice: SupervisorVoice
  readonly #roster = new Roster()
  readonly #registry: RunRegistry
  readonly #machine: SupervisorActor
  readonly #started = withResolvers<'ready' | 'failed'>()
  readonly #ended = withResolvers<void>()
  readonly #gone = withResolvers<ExitReport>()
  #plan: SupervisorPlan
  #hasEnded = false

  constructor(plan: SupervisorPlan, depth: number, world: TreeWorld) {
    this.name = plan.name
    this.depth = depth
    this.#plan = plan
    this.#world = world
    this.#registry = new RunRegistry(world.clock)
    this.#planner = plan.profile === 'otp' ? otpPlanner(world.ladder) : defaultPlanner(world.random, world.ladder)
    this.#voice = new SupervisorVoice(plan.name, world.emit)
    this.started = this.#started.promise
    this.ended = this.#ended.promise
    this.gone = this.#gone.promise
    for (const child of plan.children) this.adopt(child, true)
    this.#machine = new SupervisorActor(world.clock, this.#powers(), {
      stepped: (state) => this.#onStep(state),
      failed: (reason) => void this.#onCollapse(reason),
    })
  }

  start(): void {
    this.#machine.tell({ type: 'supervisor.start' })
  }

  /** Stops the children in reverse order, each within its own time; those of a pool all at once. */
  stop(): void {
    this.#machine.tell({ type: 'supervisor.stop' })
  }

  /** Ends all children at once and without grace. */
  kill(): void {
    this.#machine.tell({ type: 'supervisor.kill' })
  }

  get plan(): SupervisorPlan {
    return this.#plan
  }

  get isPool(): boolean {
    return this.#plan.template !== undefined
  }

  get ending(): Ending | undefined {
    return this.#machine.ending
  }

  /** When it entered its state, what it says about it, and what its children together have left under profile `otp`. */
  get standing(): {
    readonly sinceMs: number
    readonly reason: string | undefined
    readonly isFailure: boolean
    readonly restartsLeft: number
  } {
    const { intensity = defaultIntensity } = this.#plan
    const { sinceMs, failure } = this.#machine
    return {
      sinceMs,
      reason: failure ?? (this.ending === undefined ? undefined : reasonOf(this.ending)),
      isFailure: failure !== undefined || (this.ending !== undefined && this.ending.kind !== 'auto-shutdown'),
      restartsLeft: this.#planner.restartsLeft(freshAccounts, intensity, this.#world.nowMs()),
    }
  }

  get state(): SupervisorState {
    return this.#machine.state
  }

  /** Whether it takes administrative calls. */
  get isActive(): boolean {
    return !['declared', 'escalating', 'stopping', 'stopped'].includes(this.state)
  }

  /** Its children, in start order. */
  get members(): readonly Member[] {
    return this.#roster.members
  }

  /** All children, in start order, those that departed where they were. */
  get shown(): readonly (Member | SupervisedChild)[] {
    return this.#roster.shown(this.#plan.children.map(idOf))
  }

  member(id: ChildId): Member | undefined {
    return this.#roster.member(id)
  }

  /** Whether a run of this child may be alive, whatever its machine knows of it. */
  hasRun(id: ChildId): boolean {
    return this.#registry.has(id)
  }

  /** Runs below it that were killed and whose exit is still unseen. */
  get zombies(): number {
    const own = this.#registry.zombies.filter((id) => this.member(id)?.nested === undefined).length
    return this.members.reduce((sum, { nested }) => sum + (nested?.node.zombies ?? 0), own)
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

  /** Resolves when no group is being stopped or started. */
  async calm(): Promise<void> {
    await this.#machine.calm()
  }

  /** Takes a child at the end of the start order. It is `declared` until somebody starts it. */
  adopt(plan: ChildPlan | SupervisorPlan, isStatic: boolean): Member {
    const nested = plan.kind === 'supervisor' ? this.#nest(plan) : undefined
    const complete = nested?.asChild ?? completePlan(plan as ChildPlan)
    const { id } = complete
    // Whoever bore the name before leaves its incarnations to whoever bears it now.
    const departed = this.#roster.known(id)
    // ORDER: who asks for admission is known by name, so the last one is forgotten before the next one asks.
    if (departed !== undefined) letGo(this.#world, this.ending, departed)
    const member: Member = { child: this.#supervise(complete, nested), nested, isStatic }
    this.#roster.add(member)
    this.#world.names.claim(id, this.name, isStatic)
    return member
  }

  /**
   * Another plan for this supervisor, as a live upgrade has it: flags count from now on, children that both plans name get
   * the new one without a restart, new ones are `declared`, and those that only the old plan named stay, at the end.
   */
  replan(plan: SupervisorPlan): void {
    this.#plan = plan
    const planned = new Map(plan.children.map((child) => [idOf(child), child]))
    for (const member of this.members) this.#replanMember(member, planned.get(member.child.id))
    for (const [id, child] of planned) if (this.member(id) === undefined) this.adopt(child, true)
    this.#roster.reorder([...planned.keys()])
  }

  /** Another plan of one supervisor below this one, for its place here and for its next life. */
  replanMember(plan: SupervisorPlan): void {
    const member = this.member(idOf(plan))
    if (member !== undefined) this.#replanMember(member, plan)
  }

  /** What a child left becomes a memory, and its name is free. */
  forget(id: ChildId): void {
    const member = this.member(id)
    if (member === undefined) return
    this.#roster.remove(id)
    this.#world.names.release(id, this.name, false)
    member.nested?.disband(!member.isStatic)
    letGo(this.#world, this.ending, member.child)
    this.#world.book.forget(id)
    this.#world.changed()
  }

  /**
   * Leaves all children's memories behind: this life is over.
   *
   * @param isForGood there is no next one: the names of the plan are free too.
   */
  disband(isForGood: boolean): void {
    for (const { nested, isStatic } of this.members) nested?.disband(isForGood || !isStatic)
    for (const child of [...this.members.map(({ child }) => child), ...this.#roster.departed]) {
      this.#world.names.release(child.id, this.name, isForGood)
      letGo(this.#world, this.ending, child)
    }
  }

  #nest(plan: SupervisorPlan): NestedSupervisor {
    return new NestedSupervisor(plan, (next) => new SupervisorNode(next, this.depth + 1, this.#world))
  }

  /** Without a plan of its own in the new one it keeps the old one, under the new flags. */
  #replanMember({ child, nested }: Member, plan: ChildPlan | SupervisorPlan | undefined): void {
    const { template } = this.#plan
    if (template !== undefined) child.replan(planOfMember(template, child.plan), this.#terms)
    else if (plan === undefined) child.replan(child.plan, this.#terms)
    else
      child.replan(
        plan.kind === 'supervisor' && nested ? nested.replan(plan) : completePlan(plan as ChildPlan),
        this.#terms,
      )
  }

  get #terms() {
    return { intensity: this.#plan.intensity ?? defaultIntensity, isPoolMember: this.isPool }
  }

  #supervise(plan: CompletePlan, nested: NestedSupervisor | undefined): SupervisedChild {
    const { clock, nowMs, memory, book } = this.#world
    const { id } = plan
    const identity = identityOf(plan)
    // What a run did, the code did that it was started with, whatever the child is by the time of its end.
    let ran = { ...identity }
    const child: SupervisedChild = new SupervisedChild({
      plan,
      terms: this.#terms,
      remembered: memory.recall(id),
      accounts: book.recall(id, identity),
      clock,
      nowMs,
      world: {
        planner: this.#planner,
        emit: (event) => this.#voice.ofChild(id, event),
        keep: (accounts, why) => {
          if (why === 'released') book.release(id, identityOf(child.plan), accounts)
          else book.keep(id, ran, accounts)
        },
        renewed: (accounts) => book.renew(id, identityOf(child.plan), accounts),
        startRun: (incarnation, terms) => {
          ran = { ...identityOf(child.plan) }
          this.#registry.begin(id, incarnation, child.plan.port, terms, (event) => this.#hear(child, event))
        },
        stopRun: (incarnation) => this.#registry.stop(id, incarnation),
        killRun: (incarnation) => this.#registry.kill(id, incarnation),
        fence: (incarnation) => {
          if (nested === undefined) this.#world.fence(id, incarnation)
        },
      },
      handlers: {
        moved: (state, from) => {
          this.#machine.tell({ type: 'child.moved', child: id, state, from })
          if (hasEnded(state)) this.#depart(child)
          if (state === 'removed') this.forget(id)
        },
        due: () => this.#machine.tell({ type: 'child.due', child: id }),
        ended: () => this.#conclude(child),
        escalated: (report) =>
          this.#machine.tell({ type: 'child.escalated', ending: { kind: 'escalated', child: id, report } }),
        broken: (reason) => this.#onBroken(child, reason),
      },
    })
    return child
  }

  #powers(): SupervisorWorld {
    return supervisorWorld({
      accountsOf: ({ id, plan }) => this.#world.book.recall(id, identityOf(plan)),
      roster: this.#roster,
      voice: this.#voice,
      plan: () => this.#plan,
      askTurn: (child) => this.#askTurn(child),
    })
  }

  #askTurn(child: SupervisedChild): void {
    const listener = {
      throttled: (delayMs: number) => this.#machine.tell({ type: 'turns.throttled', delayMs }),
      open: () => this.#machine.tell({ type: 'turns.open' }),
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
    this.#machine.tell({ type: 'child.concluded', ending: { kind: 'auto-shutdown', child: child.id, report } })
  }

  /** A temporary child, or a member of a pool, that has ended is no child any more. */
  #depart(child: SupervisedChild): void {
    const member = this.member(child.id)
    if (member?.child !== child || child.isBroken || !this.isActive) return
    if (child.plan.restart !== 'temporary' && !this.isPool) return
    if (!member.isStatic) {
      child.deliver({ type: 'child.delete' })
      return
    }
    this.#roster.depart(child)
  }

  /** A run speaks. A child whose machine broke cannot answer any more: its exit is still fenced and told. */
  #hear(child: SupervisedChild, event: RunEvent): void {
    if (!child.isBroken) child.deliver(event)
    else if (event.type === 'run.exited') {
      this.#voice.ofChild(child.id, exitedEvent(event.incarnation, event.report))
      fenceBroken(this.#world, child.id, event.incarnation)
    }
    this.#leaveIfEmpty()
  }

  #onBroken(child: SupervisedChild, reason: string): void {
    const { incarnation } = child.view()
    this.#voice.ofChild(child.id, stoppedEvent(incarnation, 'running', 'failed', hostFault(reason)))
    void this.#reap()
    this.#machine.tell({ type: 'child.moved', child: child.id, state: 'failed', from: 'evaluating' })
  }

  #reap(): Promise<void> {
    return this.#registry.reap((id, incarnation) => {
      const child = this.#roster.child(id)
      return child !== undefined && ownsRun(child.state) && child.isAt(incarnation)
    })
  }

  #onStep(state: SupervisorState): void {
    if (state === 'stopped') void this.#end()
    if (state !== 'declared' && state !== 'starting') this.#tellStarted()
    this.#world.changed()
  }

  #tellStarted(): void {
    this.#started.resolve(this.ending?.kind === 'start-failed' ? 'failed' : 'ready')
  }

  /** Nobody decides any more: every run is ended, and the supervisor with it. */
  async #onCollapse(reason: string): Promise<void> {
    for (const { child } of this.members) child.deliver({ type: 'child.retire' })
    await this.#registry.reap(() => false)
    this.#voice.collapsed(reason)
    this.#tellStarted()
    await this.#end()
    this.#world.changed()
  }

  async #end(): Promise<void> {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#world.turns.leave(this.name)
    for (const { child } of this.members) child.close()
    for (const child of this.#roster.departed) child.close()
    await this.#reap()
    this.#ended.resolve()
    this.#leaveIfEmpty()
  }

  #leaveIfEmpty(): void {
    if (!this.isGone) return
    const { failure } = this.#machine
    this.#gone.resolve(failure === undefined ? reportOf(this.ending, this.#plan.profile) : hostFault(failure))
  }
}
