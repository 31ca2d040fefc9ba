// Administrative calls on a running tree. Supervision does them; what is added here is everything that a child is besides
// being supervised: it is read, judged, given a mailbox and made known to its neighbours before it starts, and all of that is
// taken back when it is gone.

import { type ChildSpec, parseChild, type SupervisorSpec, type Tree } from '@bulkhead/manifest'
import type {
  ChangeSpecResult,
  ChildPlan,
  CountChildrenResult,
  DeleteChildResult,
  RestartChildResult,
  StartChildResult,
  SupervisionTree,
  SupervisorPlan,
  TerminateChildResult,
  WhichChildrenResult,
} from '@bulkhead/supervisors'
import { BulkheadError, type ChildId, parseChildId } from '@bulkhead/vocabulary'
import type { LiveChild } from '../live-child.js'
import type { Exchange } from '../messages/exchange.js'
import { exchangedChild } from '../messages/tree-messages.js'
import type { PlannedChild } from '../plan-tree.js'
import { MemberNames } from '../pools/member-names.js'
import { supervisorsByName } from '../reload/tree-difference.js'
import type { ChildSpecAnswer, NewChild, NewMember, SupervisorChanges } from './administration-api.js'
import type { TreeChild, TreeMember, TreeRoster } from './tree-roster.js'
import { type ChildFacts, type TreeView, treeView } from './tree-view.js'

export type AdministrationPowers = {
  readonly tree: Tree
  readonly supervision: SupervisionTree
  readonly roster: TreeRoster
  readonly exchange: Exchange
  /** Looks for everything that an entry names. */
  readonly planChild: (spec: ChildSpec) => PlannedChild
  /** Judges a child, and puts it on record. */
  readonly prepare: (planned: PlannedChild, supervisor: string, origin: TreeChild['origin']) => Promise<TreeChild>
  /** Makes newcomers known to those whose mounts overlap theirs, and has these forget who is gone. */
  readonly acquaint: (newcomers: readonly LiveChild[]) => Promise<void>
  readonly planMember: (member: TreeMember) => ChildPlan
  readonly planSupervisor: (spec: SupervisorSpec) => SupervisorPlan
  /** Nobody can ask about the child any more, and none waits for a review of it. */
  readonly forget: (child: string) => Promise<void>
  readonly factsOf: (member: string) => ChildFacts | undefined
}

export class TreeAdministration {
  readonly #powers: AdministrationPowers
  #supervisors: ReadonlyMap<string, SupervisorSpec>
  /** Flags that were changed since the start. */
  readonly #changed = new Map<string, SupervisorChanges>()
  readonly #names = new MemberNames()
  #last: Promise<unknown> = Promise.resolve()

  constructor(powers: AdministrationPowers) {
    this.#powers = powers
    this.#supervisors = supervisorsByName(powers.tree.root)
  }

  tree(): TreeView {
    const { supervision, factsOf } = this.#powers
    return treeView(supervision.tree(), factsOf)
  }

  /** See `Runtime.startChild`. One after the other: what one finds is what the one before left. */
  startChild(supervisor: string, child: NewChild | NewMember): Promise<StartChildResult> {
    return this.#inTurn(async () => {
      const spec = this.#supervisors.get(supervisor)
      if (spec === undefined) return { kind: 'no-supervisor' }
      if (spec.template !== undefined) return await this.#startMember(spec, child)
      if ('component' in child) return await this.#startOwn(spec, child)
      throw new BulkheadError('usage', `\`${supervisor}\` is no pool: a child of it has a \`component\``)
    })
  }

  terminateChild(supervisor: string, child: string): Promise<TerminateChildResult> {
    return this.#powers.supervision.terminateChild(supervisor, asId(child))
  }

  restartChild(supervisor: string, child: string): Promise<RestartChildResult> {
    return this.#powers.supervision.restartChild(supervisor, asId(child))
  }

  deleteChild(supervisor: string, child: string): Promise<DeleteChildResult> {
    return this.#inTurn(async () => {
      const result = await this.#powers.supervision.deleteChild(supervisor, asId(child))
      if (result.kind === 'deleted') await this.#dismissGone(child)
      return result
    })
  }

  whichChildren(supervisor: string): WhichChildrenResult {
    return this.#powers.supervision.whichChildren(supervisor)
  }

  countChildren(supervisor: string): CountChildrenResult {
    return this.#powers.supervision.countChildren(supervisor)
  }

  getChildSpec(supervisor: string, child: string): ChildSpecAnswer {
    const found = this.#powers.supervision.getChildSpec(supervisor, asId(child))
    if (found.kind !== 'found') return found
    const spec = this.#powers.roster.members.get(child)?.child.planned.spec ?? this.#supervisors.get(child)
    return spec === undefined ? { kind: 'not-found' } : { kind: 'found', spec }
  }

  changeSpec(supervisor: string, changes: SupervisorChanges): Promise<ChangeSpecResult> {
    return this.#inTurn(async () => {
      const { supervision, planSupervisor } = this.#powers
      const spec = this.#supervisors.get(supervisor)
      const present = supervision.whichChildren(supervisor)
      if (spec === undefined || present.kind !== 'children') return { kind: 'no-supervisor' }
      const all = { ...this.#changed.get(supervisor), ...changes }
      const plan = planSupervisor(spec)
      const ids = new Set<string>(present.children.map(({ id }) => id))
      // Whoever was deleted is not brought back by another matter.
      const children = plan.children.filter((child) => ids.has(idOfPlan(child)))
      const result = await supervision.changeSpec(supervisor, { ...plan, ...all, children })
      if (result.kind === 'changed') this.#changed.set(supervisor, all)
      return result
    })
  }

  /** Runs a change of the tree that is more than one call, between calls. */
  between<Result>(act: () => Promise<Result>): Promise<Result> {
    return this.#inTurn(act)
  }

  /** What calls changed of these supervisors counts no more. */
  forgetChanges(supervisors: readonly string[]): void {
    for (const name of supervisors) this.#changed.delete(name)
  }

  /**
   * The tree file says other things of its supervisors than before: their flags count from now on. New children are there then, and not yet started. To be called from within {@link between}.
   *
   * @param newcomers children that the file did not have before
   */
  async succeed(root: SupervisorSpec, newcomers: ReadonlySet<string>): Promise<void> {
    const { supervision, planSupervisor } = this.#powers
    this.#supervisors = supervisorsByName(root)
    // From the top down: what stands below learns of its place first, and then of itself.
    for (const [name, spec] of this.#supervisors) {
      const present = supervision.whichChildren(name)
      if (present.kind !== 'children') continue
      const plan = planSupervisor(spec)
      const ids = new Set<string>([...present.children.map(({ id }) => id), ...newcomers])
      const children = plan.children.filter((child) => ids.has(idOfPlan(child)))
      await supervision.changeSpec(name, { ...plan, ...this.#changed.get(name), children })
    }
  }

  /** Supervision has forgotten a member: so does everybody else. */
  departed(member: string): void {
    void this.#inTurn(() => this.#dismissGone(member))
  }

  /** A supervisor has ended: those of its children that were added come back with it no more. */
  supervisorEnded(): void {
    void this.#inTurn(async () => {
      for (const id of [...this.#powers.roster.members.keys()]) await this.#dismissGone(id)
    })
  }

  async #startOwn(supervisor: SupervisorSpec, { id: name, ...entry }: NewChild): Promise<StartChildResult> {
    const { tree, supervision, roster } = this.#powers
    const spec = parseChild(name, entry, tree, supervisor)
    const { id, memberIds } = spec
    if (memberIds.length !== 1) {
      const hint = 'write a pool with a `template` into the tree file, or add each by itself'
      throw new BulkheadError('usage', `\`${id}\` would have ${memberIds.length} instances; one is added at a time`, {
        hint,
      })
    }
    const known = supervision.getChildSpec(supervisor.name, asId(id))
    if (known.kind === 'no-supervisor') return known
    if (known.kind === 'found') return await supervision.startChild(supervisor.name, known.plan)
    this.#refuseTaken(id)
    const child = await this.#admit(spec, supervisor.name)
    const [member] = roster.membersOf(id).flatMap((one) => roster.members.get(one) ?? [])
    if (member === undefined) return { kind: 'no-supervisor' }
    try {
      return await supervision.startChild(supervisor.name, this.#powers.planMember(member))
    } finally {
      await this.#dismissGone(child.planned.spec.id)
    }
  }

  async #startMember(pool: SupervisorSpec, { id, args }: NewMember): Promise<StartChildResult> {
    const { supervision, roster, exchange } = this.#powers
    const child = roster.children.get(pool.template?.id ?? '')
    if (child === undefined) return { kind: 'no-supervisor' }
    const owned = (name: string): string => (pool.tenant === undefined ? name : `${pool.tenant}/${name}`)
    const isTaken = (name: string): boolean => supervision.supervisorOf(asId(owned(name))) !== undefined
    const memberId = owned(id ?? this.#names.next(pool.name, isTaken))
    const known = supervision.getChildSpec(pool.name, asId(memberId))
    if (known.kind === 'no-supervisor') return known
    if (known.kind === 'not-found') {
      this.#refuseTaken(memberId)
      roster.join({ id: memberId, child, ...(args === undefined ? {} : { args }) })
      exchange.join(child.planned.spec.id, memberId)
    }
    try {
      return await supervision.startChild(pool.name, { id: asId(memberId) })
    } finally {
      await this.#dismissGone(memberId)
    }
  }

  async #admit(spec: ChildSpec, supervisor: string): Promise<TreeChild> {
    const { planChild, prepare, roster, exchange, acquaint } = this.#powers
    const child = await prepare(planChild(spec), supervisor, 'call')
    // Until here nothing of it is known to anybody but the desk: a component that is refused leaves nothing else.
    exchange.introduce(exchangedChild(spec, child))
    roster.add(child)
    await acquaint([child.live])
    return child
  }

  #refuseTaken(id: string): void {
    const { roster, supervision, tree } = this.#powers
    const taken = roster.members.get(id)?.child ?? roster.children.get(id)
    const isSupervisor = this.#supervisors.has(id)
    if (taken === undefined && !isSupervisor) return
    const owner = supervision.supervisorOf(asId(id))
    const where = owner === undefined ? `${tree.file} has it` : `a child of \`${owner}\` has it`
    throw new BulkheadError('usage', `the name \`${id}\` is taken: ${where}`, { hint: 'choose another id' })
  }

  /** Takes back what a member had that supervision does not know any more; the tree file's own stay known. */
  async #dismissGone(id: string): Promise<void> {
    const { supervision, roster, exchange, acquaint, forget } = this.#powers
    const member = roster.members.get(id)
    if (member === undefined || supervision.supervisorOf(asId(id)) !== undefined) return
    const { child } = member
    if (child.planned.spec.memberIds.length === 0) {
      roster.leave(member)
      exchange.leave(id)
    } else if (child.origin === 'call') {
      roster.remove(child)
      exchange.remove(child.live.id)
      await forget(child.live.id)
      await acquaint([])
    }
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => {})
    return done
  }
}

/** What is no id names nobody. */
function asId(name: string): ChildId {
  return parseChildId(name)
}

function idOfPlan(plan: ChildPlan | SupervisorPlan): string {
  return plan.kind === 'supervisor' ? plan.name : plan.id
}
