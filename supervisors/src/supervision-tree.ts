import { BulkheadError, type ChildId, type Clock, type HealthEventDraft } from '@bulkhead/vocabulary'
import { AccountBook, type AccountStore, accountsInMemory, type ChildIdentity } from './account-book.js'
import { Administration } from './administration.js'
import type {
  ChangeSpecResult,
  ChildSpecResult,
  CountChildrenResult,
  DeleteChildResult,
  FaultResult,
  ReleaseResult,
  RenewResult,
  RestartChildResult,
  StartChildResult,
  TerminateChildResult,
  WhichChildrenResult,
} from './administration-results.js'
import { ChildMemory } from './child-memory.js'
import type { ChildPlan } from './child-port.js'
import type { ChildView } from './child-view.js'
import type { SeenFault } from './exit-reports.js'
import { NameClaims } from './name-claims.js'
import type { Observation } from './planning/health.js'
import type { Level, RunLevel, Wall, Walls } from './planning/ladder.js'
import { levelOf } from './planning/ladder-accounts.js'
import { ladderTiming } from './planning/ladder-timing.js'
import { StormGuard } from './planning/storm-guard.js'
import { withResolvers } from './resolvers.js'
import type { Settlement } from './settlement.js'
import { SupervisedChild } from './supervised-child.js'
import { SupervisorNode } from './supervisor-node.js'
import type { PoolMember, SupervisorPlan } from './supervisor-plan.js'
import type { SupervisorState } from './supervisor-state.js'
import { throwOutside } from './throw-outside.js'
import { checkSupervisorPlan } from './tree-plan.js'
import { type SupervisorView, viewOfNode } from './tree-view.js'
import { TurnDesk } from './turn-desk.js'

/** The root supervisor's plan, and what the tree is given to work with. */
export type SupervisionTreeOptions = Omit<SupervisorPlan, 'kind' | 'restart' | 'shutdownMs' | 'significant'> & {
  readonly clock: Clock
  /** Numbers in [0, 1), for the jitter of delays. */
  readonly random: () => number
  /** Hears every event, in order, at once. What it throws reaches the process as an uncaught exception and harms no child. */
  readonly onEvent: (draft: HealthEventDraft) => void
  /**
   * Closes what the incarnation held: handles, write ends, slots. Called once for each incarnation of a component whose
   * exit was seen, before anything else happens to the child. When it throws, the child is not restarted: it ends `failed`.
   */
  readonly onFence?: (id: ChildId, incarnation: number) => void
  /** The host's storm guard, shared by its trees; one of its own when left out. */
  readonly stormGuard?: StormGuard
  /** Where accounts outlive the tree; with the tree, when left out. */
  readonly accounts?: AccountStore
  /** Walls that are up on this host; none when left out, and then nobody runs at `process`. */
  readonly walls?: Walls
  /** Divides the ladder's terms (quarantine, trial, score, clean time), and nothing else; 1 when left out. */
  readonly timeScale?: number
}

/** What is held against some code: where on the ladder whoever runs it would stand, and what brought it there. */
export type CodePast = { readonly level: Level; readonly because?: string }

/**
 * A tree of supervisors and their children. Each child is restarted by its own account, and none is touched by what happens
 * to a sibling outside its group, until a trusted one cannot be kept up.
 *
 * @example
 * ```ts
 * const tree = new SupervisionTree({ name: 'root', children, clock: systemClock, random: Math.random, onEvent: console.log })
 * await tree.start()
 * await tree.startChild('root', { id, port, trust: 'unknown' })
 * const { met } = await tree.settled
 * await tree.stop()
 * ```
 */
export class SupervisionTree {
  /**
   * Resolves when no child has anything left to do: each is `completed`, `stopped` or `failed`, or in the state that was
   * expected of it; or when the tree has ended. A permanent child that runs never settles.
   */
  readonly settled: Promise<Settlement>
  readonly #options: SupervisionTreeOptions
  readonly #root: SupervisorNode
  readonly #book: AccountBook
  readonly #administration: Administration
  readonly #settlement = withResolvers<Settlement>()
  #isStopAsked = false

  /**
   * @throws {BulkheadError} `usage` for an illegal or doubled name, too many children, too deep a tree, a number out of its
   *   bounds, or a combination that cannot be meant.
   */
  constructor(options: SupervisionTreeOptions) {
    this.#options = options
    const plan = rootPlan(options)
    checkSupervisorPlan(plan, 1)
    const { clock, random } = options
    const originNs = clock.monotonicNs()
    const nowMs = (): number => Number(clock.monotonicNs() - originNs) / 1e6
    const ladder = { walls: options.walls ?? new Set<Wall>(), timing: ladderTiming(options.timeScale) }
    const names = new NameClaims()
    names.claim(plan.name as ChildId, plan.name, true)
    const store = options.accounts ?? accountsInMemory()
    this.#book = new AccountBook({ store, ...ladder, nowMs, wallMs: clock.wallMs })
    this.settled = this.#settlement.promise
    this.#root = new SupervisorNode(plan, 1, {
      clock,
      random,
      nowMs,
      emit: (draft) => this.#emit(draft),
      fence: (id, incarnation) => options.onFence?.(id, incarnation),
      turns: new TurnDesk(options.stormGuard ?? new StormGuard(), clock),
      memory: new ChildMemory(),
      book: this.#book,
      ladder,
      names,
      changed: () => this.#settle(),
    })
    this.#administration = new Administration(this.#root, names)
  }

  /**
   * Starts the children in order: each start is issued when the one before is ready or has ended. Resolves when the last
   * one is, or when the tree is stopped meanwhile. A child that fails to start blocks none and rejects nothing (under
   * profile `otp` it ends its supervisor). Further calls share the first one's end.
   *
   * @throws {BulkheadError} `usage` (as a rejection) after `stop()`: a tree runs once.
   */
  async start(): Promise<void> {
    if (this.#isStopAsked) throw new BulkheadError('usage', 'the tree was stopped and cannot start again')
    this.#root.start()
    await this.#root.started
  }

  /**
   * Stops the children in reverse order, each within its `shutdownMs`, then by force. Resolves when each is down or a
   * zombie; bounded by the sum of all deadlines, and endless only where a component's own `shutdownMs` is `infinity`.
   * Further calls share the first one's end.
   */
  async stop(): Promise<void> {
    this.#isStopAsked = true
    this.#root.stop()
    await this.#root.ended
  }

  /** All components, those of supervisors below included, in start order. */
  children(): readonly ChildView[] {
    return componentsOf(this.#root)
  }

  /** One of them. */
  child(id: ChildId): ChildView | undefined {
    return this.#administration.viewOf(id)
  }

  /** The supervisor that has a child, or another supervisor, now. */
  supervisorOf(id: ChildId): string | undefined {
    return this.#administration.supervisorOf(id)
  }

  /** The whole tree as nested plain data. */
  tree(): SupervisorView {
    return viewOfNode(this.#root)
  }

  /** Runs that were killed and whose exit is still unseen. At too many the host has to drain and exit. */
  zombies(): number {
    return this.#root.zombies
  }

  /** The root supervisor's own state. */
  get state(): SupervisorState {
    return this.#root.state
  }

  /**
   * Adds a child at the end of a supervisor's start order and starts it; a supervisor too, with all below it. A start that
   * fails leaves no trace. A pool makes its child itself, from an id and arguments.
   *
   * Administrative calls name a supervisor of the tree, the root by its own name, and answer as Erlang's `supervisor` does.
   * Those to one supervisor are served in order, and not while it stops or starts a group.
   *
   * @throws {BulkheadError} `usage` for a plan that cannot be meant, or a name that another supervisor's child bears;
   *   `mailbox-overloaded` when too many calls wait.
   * @example
   * ```ts
   * await tree.startChild('root', { id, port, trust: 'unknown' }) // { kind: 'started', child: 'ingest' }
   * ```
   */
  startChild(supervisor: string, child: ChildPlan | SupervisorPlan | PoolMember): Promise<StartChildResult> {
    return this.#administration.startChild(supervisor, child)
  }

  /** Starts a child again that has ended or was terminated. When that fails it stays as it is: nothing tries again. */
  restartChild(supervisor: string, child: ChildId): Promise<RestartChildResult> {
    return this.#administration.restartChild(supervisor, child)
  }

  /** Stops a child within its `shutdownMs`, then by force. Its plan stays, unless it is temporary or a member of a pool. */
  terminateChild(supervisor: string, child: ChildId): Promise<TerminateChildResult> {
    return this.#administration.terminateChild(supervisor, child)
  }

  /** Forgets a child that does not run. */
  deleteChild(supervisor: string, child: ChildId): Promise<DeleteChildResult> {
    return this.#administration.deleteChild(supervisor, child)
  }

  /** The children of one supervisor, newest first. */
  whichChildren(supervisor: string): WhichChildrenResult {
    return this.#administration.whichChildren(supervisor)
  }

  countChildren(supervisor: string): CountChildrenResult {
    return this.#administration.countChildren(supervisor)
  }

  /** A child's plan, with what its author left out. */
  getChildSpec(supervisor: string, child: ChildId): ChildSpecResult {
    return this.#administration.getChildSpec(supervisor, child)
  }

  /**
   * Puts another plan of a supervisor into force while it runs: its flags count from now on; children of both plans get the
   * new one without being restarted; new ones are there and not started; those that the new plan lacks stay.
   *
   * @throws {BulkheadError} `usage` for a plan that cannot be meant, another name or profile, or a pool that was none; the
   *   old one stays in force, whole.
   */
  changeSpec(supervisor: string, plan: SupervisorPlan): Promise<ChangeSpecResult> {
    return this.#administration.changeSpec(supervisor, plan)
  }

  /**
   * An operator holds nothing against a child any more: it is started again one rung below where it fell from, or on the
   * rung given, with its accounts as new, and what its code and its origin have on record is gone.
   */
  release(child: ChildId, reason: string, to?: RunLevel): ReleaseResult {
    return this.#administration.release(child, reason, to)
  }

  /**
   * Has a child run anew: it is stopped in order and started again at once, by its plan as it is then. That is no fault, and
   * its accounts stay; where its code is another one by now, what is held against that is held against the child too.
   */
  renew(child: ChildId): RenewResult {
    return this.#administration.renew(child)
  }

  /** What is held against some code, wherever in a tree of this store it ran; `undefined` where there is nothing. */
  pastOf(code: Pick<ChildIdentity, 'tenant' | 'codeDigest'>): CodePast | undefined {
    const past = this.#book.pastOf(code)
    if (past === undefined) return undefined
    const { because } = past
    return { level: levelOf(past), ...(because === undefined ? {} : { because }) }
  }

  /**
   * Tells of a fault that somebody who watches the child saw: too many denials, memory, processor time. A run that lives is
   * killed for it; one that has ended pays for it all the same.
   */
  fault(child: ChildId, fault: SeenFault): FaultResult {
    return this.#administration.fault(child, fault)
  }

  /** Tells of one observation of a running child's health. What has failed by it is killed, as a crash. */
  observe(child: ChildId, observation: Observation): FaultResult {
    return this.#administration.observe(child, observation)
  }

  #settle(): void {
    const root = this.#root
    const { state, ending } = root
    if (state === 'stopped') this.#settlement.resolve(this.#settlementOf(outcomeOf(root), ending))
    else if (state === 'running' && root.isSettled) this.#settlement.resolve(this.#settlementOf('settled'))
  }

  #settlementOf(outcome: Settlement['outcome'], ending?: SupervisorNode['ending']): Settlement {
    const children = this.children()
    const base = { outcome, met: children.every((child) => child.metExpectation), children }
    const reason = ending === undefined ? this.#root.standing.reason : `${ending.child}: ${ending.report.reason}`
    return reason === undefined ? base : { ...base, reason }
  }

  #emit(draft: HealthEventDraft): void {
    try {
      this.#options.onEvent(draft)
    } catch (thrown) {
      throwOutside(thrown)
    }
  }
}

function rootPlan(options: SupervisionTreeOptions): SupervisorPlan {
  const { clock: _clock, random: _random, onEvent: _onEvent, onFence: _onFence, stormGuard: _guard, ...rest } = options
  const { accounts: _accounts, walls: _walls, timeScale: _timeScale, ...plan } = rest
  return { ...plan, kind: 'supervisor' }
}

function outcomeOf({ ending, standing }: SupervisorNode): Settlement['outcome'] {
  if (ending?.kind === 'auto-shutdown') return 'concluded'
  return ending === undefined && standing.reason === undefined ? 'stopped' : 'escalated'
}

function componentsOf(node: SupervisorNode): readonly ChildView[] {
  return node.shown.flatMap((member) => {
    if (member instanceof SupervisedChild) return [member.view()]
    return member.nested === undefined ? [member.child.view()] : componentsOf(member.nested.node)
  })
}
