// Reading the tree file again while the tree runs. Everything is planned first; then the difference is put into force, and
// nobody is touched that is not part of it.

import type { ReloadReport } from '@bulkhead/admin'
import type { PreparedComponent } from '@bulkhead/component'
import type { Tree, TreeDocument } from '@bulkhead/manifest'
import type { SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { TreeAdministration } from '../administration/tree-administration.js'
import type { TreeChild } from '../administration/tree-roster.js'
import type { Judgement } from '../authority/judge.js'
import type { Routes } from '../http/routes.js'
import { LiveChild } from '../live-child.js'
import type { Exchange } from '../messages/exchange.js'
import { exchangedChild } from '../messages/tree-messages.js'
import { supervisorsOf } from '../plan-supervision.js'
import { childrenOf } from '../plan-tree.js'
import { runFactsOf } from '../prepare-child.js'
import type { RulesInForce } from '../rules-in-force.js'
import {
  planReload,
  type ReloadCandidate,
  type ReloadChange,
  type ReloadPlan,
  type ReloadPlanPowers,
} from './reload-plan.js'

export type ReloadPowers = ReloadPlanPowers & {
  /** Reads the tree file again, or the object given in its place. @throws {DocumentError} with every finding. */
  readonly readAgain: (given: TreeDocument | undefined) => Tree
  readonly supervision: SupervisionTree
  readonly administration: Pick<TreeAdministration, 'between' | 'forgetChanges' | 'succeed'>
  readonly exchange: Exchange
  readonly rules: Pick<RulesInForce, 'acquaint' | 'rebind'>
  /** Has every member that runs run anew, by what it is now. */
  readonly renew: (child: TreeChild) => Promise<void>
  readonly routes: Pick<Routes, 'replace'>
  /** Nobody can ask about the child any more, and none waits for a review of it. */
  readonly forget: (child: string) => Promise<void>
  readonly raise: (draft: HealthEventDraft) => void
}

export type ReloadOptions = {
  /** Only says what a reload would do. */
  readonly dryRun?: boolean
  /** What the tree is to be from now on, for a runtime whose tree was given as an object, and for no other. */
  readonly tree?: TreeDocument
}

export class Reloads {
  readonly #powers: ReloadPowers
  #tree: Tree
  /** The supervisor that each entry first stood below: names of static children stay that supervisor's own. */
  readonly #owners: Map<string, string>
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false
  /** Why one was put into force only in part: what a later one compares with is then no longer known. */
  #torn: BulkheadError | undefined

  constructor(tree: Tree, powers: ReloadPowers) {
    this.#tree = tree
    this.#owners = new Map(supervisorsOf(tree.root))
    this.#powers = powers
  }

  /** See `Runtime.reload`. One after the other: each compares with what the one before left. */
  reload({ dryRun = false, tree }: ReloadOptions = {}): Promise<ReloadReport> {
    const done = this.#last.then(() => this.#told(dryRun, tree))
    this.#last = done.catch(() => {})
    return done
  }

  /** Takes no more; resolves when none is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#last
  }

  async #told(dryRun: boolean, given: TreeDocument | undefined): Promise<ReloadReport> {
    try {
      return await this.#reload(dryRun, given)
    } catch (thrown) {
      if (!dryRun) this.#tell('tree.rejected', thrown instanceof Error ? thrown.message : String(thrown))
      throw thrown
    }
  }

  async #reload(dryRun: boolean, given: TreeDocument | undefined): Promise<ReloadReport> {
    if (this.#isClosed) throw new BulkheadError('actor-not-running', 'the tree is being stopped')
    if (this.#torn !== undefined) throw this.#torn
    return await this.#powers.administration.between(async () => {
      const plan = await planReload(this.#tree, this.#powers.readAgain(given), this.#powers, this.#owners)
      const outcome = plan.fixed.length > 0 ? 'needs-restart' : dryRun ? 'planned' : 'applied'
      const report = reportOf(plan, outcome)
      if (outcome === 'needs-restart' && !dryRun) {
        const keys = plan.fixed.map(({ key, where }) => `${key} (${where})`)
        this.#tell('tree.rejected', `it cannot change while the tree runs: ${keys.join(', ')}`)
      }
      if (outcome !== 'applied') return report
      this.#refuseStopped()
      await this.#apply(plan).catch((thrown) => {
        this.#torn = tornBy(thrown)
        throw this.#torn
      })
      this.#tell('tree.reloaded', inShort(report))
      return report
    })
  }

  /** While it was planned the tree may have been told to stop. */
  #refuseStopped(): void {
    if (this.#isClosed) throw new BulkheadError('actor-not-running', 'the tree is being stopped')
  }

  async #apply(plan: ReloadPlan): Promise<void> {
    const { desk, administration, routes, supervision, renew } = this.#powers
    const { after, difference, changed, added, unchanged } = plan
    this.#tree = after
    for (const [id, supervisor] of supervisorsOf(after.root)) this.#owners.set(id, supervisor)
    desk.treeHas(new Set(childrenOf(after).map(({ id }) => id)))
    for (const { child, planned } of unchanged) child.planned = planned ?? child.planned
    for (const change of changed) await this.#change(change)
    const newcomers: TreeChild[] = []
    for (const candidate of added) newcomers.push(await this.#admit(candidate))
    await this.#powers.rules.acquaint(newcomers.map(({ live }) => live))
    routes.replace(after.http?.routes ?? [])
    const members = new Set(newcomers.flatMap(({ planned }) => planned.spec.memberIds))
    administration.forgetChanges(difference.supervisors.map(({ name }) => name))
    // Who is new is there before who is gone has left: a tree that has nobody to wait for would take itself for over.
    await administration.succeed(after.root, members)
    for (const { id } of [...difference.removed].reverse()) await this.#remove(id)
    for (const { child, how } of changed) {
      if (how === 'restarted') await renew(child)
      if (how === 'restarted') await this.#startEnded(child)
    }
    for (const { planned, supervisor } of newcomers) {
      for (const id of planned.spec.memberIds) await supervision.restartChild(supervisor, parseChildId(id))
    }
  }

  /** Its account stays: who comes back under the same name is who it was. */
  async #remove(id: string): Promise<void> {
    const { roster, supervision, exchange, rules, forget } = this.#powers
    const child = roster.children.get(id)
    if (child === undefined) return
    for (const member of roster.membersOf(id)) {
      await supervision.terminateChild(child.supervisor, parseChildId(member))
      await supervision.deleteChild(child.supervisor, parseChildId(member))
    }
    // A thread that would not end keeps its name until it has ended.
    if (roster.membersOf(id).some((member) => supervision.child(parseChildId(member)) !== undefined)) return
    roster.remove(child)
    exchange.remove(id)
    await forget(id)
    await rules.acquaint([])
  }

  async #change({ child, candidate, how, isJudged }: ReloadChange): Promise<void> {
    const { desk, rules } = this.#powers
    const { planned, subject } = candidate
    const judgement = isJudged ? await desk.enroll(subject, planned.spec.policy) : undefined
    if (how === 'in-place') {
      child.planned = planned
      if (judgement !== undefined) await rules.rebind([child.live.id])
      return
    }
    const component = await this.#fitting(candidate, judgement ?? candidate.judgement)
    // Nothing waits from here on: whoever starts meanwhile starts as all of the old or as all of the new.
    child.planned = planned
    child.role = candidate.role
    child.live.equip(runFactsOf(planned, candidate.component))
    const judged = judgement ?? candidate.judgement
    child.live.take(judged, desk.documentsOf(judged), component)
  }

  async #admit(candidate: ReloadCandidate): Promise<TreeChild> {
    const { desk, exchange, roster } = this.#powers
    const { planned, subject, component, role, supervisor } = candidate
    const judgement = await desk.enroll(subject, planned.spec.policy)
    const documents = desk.documentsOf(judgement)
    const live = new LiveChild(judgement, documents, component, runFactsOf(planned, component))
    const fitting = await this.#fitting(candidate, judgement)
    if (fitting !== component) live.take(judgement, documents, fitting)
    const child: TreeChild = { planned, live, role, supervisor, origin: 'file' }
    exchange.introduce(exchangedChild(planned.spec, child))
    roster.add(child)
    return child
  }

  /** What was built for the judgement that was foreseen; should the real one give it other memory, that is built. */
  async #fitting(
    { component, memoryBytesMax: built, planned }: ReloadCandidate,
    { limits }: Judgement,
  ): Promise<PreparedComponent | BulkheadError> {
    const { builder, signal } = this.#powers
    const memoryBytesMax = limits.memoryBytes.value
    if (memoryBytesMax === built) return component
    return await builder.prepare({ file: planned.componentFile }, { memoryBytesMax, signal }).catch((thrown) => {
      if (thrown instanceof BulkheadError) return thrown
      throw thrown
    })
  }

  /** What had come to its end by its old entry is tried by the new one; what an operator stopped stays stopped. */
  async #startEnded(child: TreeChild): Promise<void> {
    const { supervision, roster } = this.#powers
    for (const member of roster.membersOf(child.live.id).map(parseChildId)) {
      const state = supervision.child(member)?.state
      if (state === 'failed' || state === 'completed') await supervision.restartChild(child.supervisor, member)
    }
  }

  #tell(type: 'tree.reloaded' | 'tree.rejected', reason: string): void {
    this.#powers.raise({ type, supervisor: this.#tree.root.name, reason })
  }
}

/** Not even a finding in a document may pass for one of a reload that changed nothing. */
function tornBy(cause: unknown): BulkheadError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BulkheadError('update-conflict', `a reload was put into force only in part: ${why}`, {
    cause,
    hint: 'mend that and restart the process: until then it takes no other reload',
  })
}

function reportOf(plan: ReloadPlan, outcome: ReloadReport['outcome']): ReloadReport {
  const { difference, added, changed, unchanged, fixed } = plan
  return {
    outcome,
    added: added.map((candidate) => ({ child: candidate.planned.spec.id, ...waitOf(candidate) })),
    removed: difference.removed.map(({ id }) => id),
    changed: changed.map(({ child, candidate, what, how }) => ({
      ...{ child: child.live.id, what, how },
      ...waitOf(candidate),
    })),
    unchanged: unchanged.map(({ child }) => child.live.id),
    around: [
      ...difference.supervisors.filter(({ what }) => what.some((key) => key !== 'members')),
      ...(difference.isRerouted ? [{ name: 'http', what: ['routes'] }] : []),
    ],
    needsRestart: fixed,
  }
}

function waitOf({ judgement: { obstacle } }: ReloadCandidate): { readonly waits?: string } {
  return obstacle === undefined ? {} : { waits: `${obstacle.code}: ${obstacle.reason}` }
}

/** `1 added, 2 changed, 40 as they were` */
function inShort({ added, removed, changed, unchanged, around }: ReloadReport): string {
  const counts = [
    [added.length, 'added'],
    [removed.length, 'removed'],
    [changed.length, 'changed'],
    [unchanged.length, 'as they were'],
    [around.length, 'other settings'],
  ] as const
  return counts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ')
}
