import { BulkheadError, type ChildId } from '@bulkhead/vocabulary'
import type {
  ChangeSpecResult,
  ChildSpecResult,
  CountChildrenResult,
  DeleteChildResult,
  FaultResult,
  ListedChild,
  NoSupervisor,
  ReleaseResult,
  RenewResult,
  RestartChildResult,
  StartChildResult,
  StartOutcome,
  TerminateChildResult,
  WhichChildrenResult,
} from './administration-results.js'
import type { ChildMachineEvent, StartMode } from './child.machine.js'
import type { ChildPlan, ChildPort } from './child-port.js'
import { type ChildState, isDown, ownsRun } from './child-state.js'
import type { ChildView } from './child-view.js'
import { hostFault, type SeenFault } from './exit-reports.js'
import { administrativeCallsMax, childrenMax } from './limits.js'
import type { NameClaims } from './name-claims.js'
import type { Observation } from './planning/health.js'
import type { RunLevel } from './planning/ladder.js'
import { levelOf } from './planning/ladder-accounts.js'
import type { Member } from './roster.js'
import type { SupervisorNode } from './supervisor-node.js'
import { idOf, type PoolMember, type PoolTemplate, planOfMember, type SupervisorPlan } from './supervisor-plan.js'
import { checkChildPlan, checkSupervisorPlan, wrong } from './tree-plan.js'

type Line = { tail: Promise<void>; waiting: number }

const noSupervisor: NoSupervisor = { kind: 'no-supervisor' }

/**
 * Erlang's administrative calls on the supervisors of one tree. Calls to the same supervisor are served one after the other
 * in the order in which they were made, and none in the middle of the stop or start of a group, so that each finds what the
 * one before left.
 */
export class Administration {
  readonly #root: SupervisorNode
  readonly #names: NameClaims
  readonly #lines = new Map<string, Line>()
  /** Members that each pool ever had: their names are not used twice. */
  readonly #membersEver = new Map<string, number>()

  constructor(root: SupervisorNode, names: NameClaims) {
    this.#root = root
    this.#names = names
  }

  async startChild(supervisor: string, child: ChildPlan | SupervisorPlan | PoolMember): Promise<StartChildResult> {
    return await this.#inLine(supervisor, async (node) => {
      const plan = this.#planFor(node, child)
      const id = idOf(plan)
      const present = node.member(id)
      if (present !== undefined) {
        const isThere = ownsRun(present.child.state) || present.child.state === 'dormant'
        return { kind: isThere ? 'already-started' : 'already-present', child: id }
      }
      this.#checkFree(plan, node.name)
      const max = node.plan.childrenMax ?? childrenMax
      if (node.members.length >= max) return { kind: 'max-children', max }
      return await start(node.adopt(plan, false), 'dropped')
    })
  }

  async restartChild(supervisor: string, id: ChildId): Promise<RestartChildResult> {
    return await this.#inLine(supervisor, async (node) => {
      if (node.isPool) return { kind: 'pool' }
      const member = node.member(id)
      if (member === undefined) return { kind: 'not-found' }
      const { state } = member.child
      if (state === 'quarantined') return { kind: 'quarantined' }
      const status = statusIn(node, member.child)
      if (status !== 'undefined') return { kind: status }
      return await start(member, 'reported')
    })
  }

  async terminateChild(supervisor: string, id: ChildId): Promise<TerminateChildResult> {
    return await this.#inLine(supervisor, async (node) => {
      const child = node.member(id)?.child
      if (child === undefined) return { kind: 'not-found' }
      child.deliver({ type: 'child.terminate' })
      const state = await child.reach(isDown)
      return { kind: state === 'zombie' ? 'zombie' : 'terminated' }
    })
  }

  async deleteChild(supervisor: string, id: ChildId): Promise<DeleteChildResult> {
    return await this.#inLine(supervisor, async (node) => {
      if (node.isPool) return { kind: 'pool' }
      const child = node.member(id)?.child
      if (child === undefined) return { kind: 'not-found' }
      const status = statusIn(node, child)
      if (status !== 'undefined') return { kind: status }
      child.deliver({ type: 'child.delete' })
      // A machine that broke hears nothing any more.
      if (child.isBroken) node.forget(id)
      return { kind: 'deleted' }
    })
  }

  /**
   * Puts another plan into force, as a live upgrade does.
   *
   * @throws {BulkheadError} `usage` when the plan cannot be meant, or would make a pool of a supervisor, a supervisor of a
   *   pool, or another profile; then the old one stays in force, whole.
   */
  async changeSpec(supervisor: string, plan: SupervisorPlan): Promise<ChangeSpecResult> {
    return await this.#inLine(supervisor, async (node) => {
      checkSupervisorPlan(plan, node.depth)
      checkSuccession(node.plan, plan)
      for (const child of plan.children) checkSameKind(child, node.member(idOf(child)))
      for (const child of plan.children) this.#checkFree(child, node.name)
      const ids = new Set([...plan.children.map(idOf), ...node.members.map(({ child }) => child.id)])
      const max = plan.childrenMax ?? childrenMax
      if (ids.size > max) throw wrong(`\`${plan.name}\` would have ${ids.size} children; at most ${max} are possible`)
      // A supervisor's own restart type, time and significance are its supervisor's to heed.
      const above = this.#node(this.#names.ownerOf(idOf(plan)))
      if (above !== undefined && above !== node) {
        checkChildPlan(plan, above.plan.autoShutdown ?? 'never', above.depth)
        above.replanMember(plan)
      }
      node.replan(plan)
      return { kind: 'changed' }
    })
  }

  /** The children, newest first, as Erlang lists them. */
  whichChildren(supervisor: string): WhichChildrenResult {
    const node = this.#active(supervisor)
    if (node === undefined) return noSupervisor
    return { kind: 'children', children: node.members.map((member) => listed(node, member)).reverse() }
  }

  countChildren(supervisor: string): CountChildrenResult {
    const node = this.#active(supervisor)
    if (node === undefined) return noSupervisor
    const children = node.members.map((member) => listed(node, member))
    const supervisors = children.filter(({ kind }) => kind === 'supervisor').length
    return {
      kind: 'counts',
      specs: node.isPool ? 1 : children.length,
      active: children.filter(({ status }) => status === 'running').length,
      supervisors,
      workers: children.length - supervisors,
    }
  }

  getChildSpec(supervisor: string, id: ChildId): ChildSpecResult {
    const node = this.#active(supervisor)
    if (node === undefined) return noSupervisor
    const member = node.member(id)
    if (member === undefined) return { kind: 'not-found' }
    return { kind: 'found', plan: member.nested?.plan ?? member.child.plan }
  }

  /** Holds nothing against a child any more. `reason` is shown and audited. */
  release(id: ChildId, reason: string, to?: RunLevel): ReleaseResult {
    const child = this.#childOf(id)
    if (child === undefined) return { kind: 'not-found' }
    if (levelOf(child.accounts) === 'thread') return { kind: 'not-isolated' }
    child.deliver({ type: 'child.release', reason, ...(to === undefined ? {} : { to }) })
    return { kind: 'released' }
  }

  /** Stops a run and starts it again, as it is planned now; who does not run will be that when it starts. */
  renew(id: ChildId): RenewResult {
    const child = this.#childOf(id)
    if (child === undefined) return { kind: 'not-found' }
    const { state } = child
    child.deliver({ type: 'child.renew' })
    const runs = state === 'running' || state === 'half-open' || state === 'starting'
    return runs ? { kind: 'renewed' } : { kind: 'not-running', state }
  }

  viewOf(id: ChildId): ChildView | undefined {
    return this.#childOf(id)?.view()
  }

  /** The supervisor that has a child now. */
  supervisorOf(id: ChildId): string | undefined {
    return this.#childOf(id) === undefined ? undefined : this.#names.ownerOf(id)
  }

  /** Tells of a fault that somebody who watches the child saw. */
  fault(id: ChildId, fault: SeenFault): FaultResult {
    return this.#tell(id, { type: 'child.fault', fault })
  }

  /** Tells of one observation of the child's health. */
  observe(id: ChildId, observation: Observation): FaultResult {
    return this.#tell(id, { type: 'child.observed', observation })
  }

  #tell(id: ChildId, event: Extract<ChildMachineEvent, { type: 'child.fault' | 'child.observed' }>): FaultResult {
    const member = this.#memberOfTree(id)
    // A supervisor runs no guest: what is said of it was meant for somebody below.
    if (member === undefined || member.nested !== undefined) return { kind: 'not-found' }
    member.child.deliver(event)
    return { kind: 'told' }
  }

  #childOf(id: ChildId): Member['child'] | undefined {
    return this.#memberOfTree(id)?.child
  }

  #memberOfTree(id: ChildId): Member | undefined {
    return this.#node(this.#names.ownerOf(id))?.member(id)
  }

  #node(name: string | undefined): SupervisorNode | undefined {
    if (name === undefined) return undefined
    return name === this.#root.name ? this.#root : this.#nestedOf(name)?.node
  }

  #nestedOf(name: string): Member['nested'] {
    const id = name as ChildId
    return this.#node(this.#names.ownerOf(id) === name ? undefined : this.#names.ownerOf(id))?.member(id)?.nested
  }

  #active(name: string): SupervisorNode | undefined {
    const node = this.#node(name)
    return node?.isActive === true ? node : undefined
  }

  async #inLine<Result>(
    supervisor: string,
    act: (node: SupervisorNode) => Promise<Result>,
  ): Promise<Result | NoSupervisor> {
    const line = this.#lines.get(supervisor) ?? { tail: Promise.resolve(), waiting: 0 }
    if (line.waiting >= administrativeCallsMax) {
      throw new BulkheadError(
        'mailbox-overloaded',
        `${line.waiting} calls wait for supervisor \`${supervisor}\` already`,
      )
    }
    this.#lines.set(supervisor, line)
    line.waiting++
    const turn = line.tail.then(async () => {
      await this.#active(supervisor)?.calm()
      const node = this.#active(supervisor)
      return node === undefined ? noSupervisor : await act(node)
    })
    line.tail = turn.then(
      () => undefined,
      () => undefined,
    )
    try {
      return await turn
    } finally {
      line.waiting--
      if (line.waiting === 0) this.#lines.delete(supervisor)
    }
  }

  #planFor(node: SupervisorNode, child: ChildPlan | SupervisorPlan | PoolMember): ChildPlan | SupervisorPlan {
    const { template } = node.plan
    if (template !== undefined) {
      if ('port' in child || 'kind' in child) {
        throw wrong(`\`${node.name}\` is a pool: its template makes the child, from an id and arguments`)
      }
      return this.#memberOf(node, template, child)
    }
    if (!('port' in child || 'kind' in child)) throw wrong('a child without a port; a whole plan is expected')
    checkChildPlan(child, node.plan.autoShutdown ?? 'never', node.depth)
    return child
  }

  #memberOf(node: SupervisorNode, template: PoolTemplate, member: PoolMember): ChildPlan {
    const id = member.id ?? this.#nextName(node.name)
    const isTemporary = template.restart === 'temporary'
    let kept: { readonly args: unknown } | undefined = { args: member.args }
    const port: ChildPort = {
      start: (incarnation, terms) => {
        const made = (node.plan.template ?? template).port(id, kept?.args)
        // Never started again: what it was given is not kept for it.
        if (isTemporary) kept = undefined
        return made.start(incarnation, terms)
      },
    }
    const plan = planOfMember(template, { id, port })
    checkChildPlan(plan, 'never', node.depth)
    return plan
  }

  #nextName(pool: string): ChildId {
    const stem = pool.slice(0, 48)
    for (;;) {
      const count = (this.#membersEver.get(pool) ?? 0) + 1
      this.#membersEver.set(pool, count)
      const id = `${stem}-${count}` as ChildId
      if (this.#names.ownerOf(id) === undefined) return id
    }
  }

  /** Names are one space over the whole tree. */
  #checkFree(plan: ChildPlan | SupervisorPlan, supervisor: string): void {
    const owner = this.#names.ownerOf(idOf(plan))
    if (owner !== undefined && owner !== supervisor) {
      throw wrong(`\`${idOf(plan)}\` is a child of \`${owner}\`; another name is expected`)
    }
    if (idOf(plan) === supervisor) throw wrong(`\`${supervisor}\` cannot be a child of itself`)
    if (plan.kind === 'supervisor') for (const child of plan.children) this.#checkFree(child, plan.name)
  }
}

async function start(member: Member, mode: StartMode): Promise<StartOutcome> {
  const { child } = member
  const { id } = child
  if (!child.isStartable) return { kind: 'failed', child: id, report: hostFault(child.view().reason ?? 'it is broken') }
  const { incarnation } = child.view()
  const state = await child.startAndSee(mode)
  if (state === 'waiting') return { kind: 'waiting', child: id, reason: child.view().reason ?? '' }
  if (state === 'running' || state === 'half-open' || state === 'dormant') return { kind: 'started', child: id }
  if (state === 'quarantined' && child.view().incarnation === incarnation) return { kind: 'quarantined' }
  if (child.isIgnored) return { kind: 'ignored', child: id }
  // Its group went down before it was ready: it comes back with it.
  if (state === 'held') return { kind: 'waiting', child: id, reason: 'its group is down' }
  return { kind: 'failed', child: id, report: child.lastExit ?? hostFault(`it is ${state}`) }
}

function statusOf(state: ChildState): ListedChild['status'] {
  if (ownsRun(state) || state === 'evaluating' || state === 'dormant') return 'running'
  return state === 'backoff' || state === 'waiting' ? 'restarting' : 'undefined'
}

/** A child whose machine broke may have left a run behind that cannot be ended: then it is not gone. */
function statusIn(node: SupervisorNode, { id, state }: Member['child']): ListedChild['status'] {
  return node.hasRun(id) ? 'running' : statusOf(state)
}

function listed(node: SupervisorNode, { child, nested }: Member): ListedChild {
  const { id, state } = child
  return { id, kind: nested === undefined ? 'child' : 'supervisor', status: statusIn(node, child), state }
}

function checkSuccession(old: SupervisorPlan, next: SupervisorPlan): void {
  if (next.name !== old.name) throw wrong(`the plan is of \`${next.name}\`; one of \`${old.name}\` is expected`)
  if ((next.template === undefined) !== (old.template === undefined)) {
    throw wrong(`\`${old.name}\` cannot become ${next.template === undefined ? 'no pool' : 'a pool'} while it runs`)
  }
  if ((next.profile ?? 'default') !== (old.profile ?? 'default')) {
    throw wrong(`\`${old.name}\` cannot change its profile while it runs`)
  }
}

/** What is a component cannot become a supervisor in place, nor the other way round: nothing of the one fits the other. */
function checkSameKind(plan: ChildPlan | SupervisorPlan, member: Member | undefined): void {
  if (member === undefined || (plan.kind === 'supervisor') === (member.nested !== undefined)) return
  const [is, wanted] = member.nested === undefined ? ['a component', 'a supervisor'] : ['a supervisor', 'a component']
  throw wrong(`\`${idOf(plan)}\` is ${is} and cannot become ${wanted} while it is there`)
}
