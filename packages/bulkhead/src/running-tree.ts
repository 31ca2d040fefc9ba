// The tree of a runtime: its children, their supervision, and how what is decided about them reaches them.

import type { Binding, TreeReport } from '@bulkhead/admin'
import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import { defaultQuotas, type Tree } from '@bulkhead/manifest'
import {
  type AccountStore,
  type ChildPlan,
  type ChildRun,
  type StartTerms,
  type StormGuard,
  SupervisionTree,
} from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { KeptAccounts } from './accounts/kept-accounts.js'
import type { Desk } from './authority/desk.js'
import type { Effect, LivePort } from './authority/desk-core.js'
import type { Emitter } from './emitter.js'
import { incidentFacts } from './incidents/child-facts.js'
import type { IncidentFacts, IncidentTree } from './incidents/incident-desk.js'
import { introduce } from './introduce.js'
import { identityOf } from './ladder/child-identity.js'
import type { WatchedRun } from './ladder/run-watch.js'
import type { Rung } from './ladder/rungs.js'
import { TreeLadder } from './ladder/tree-ladder.js'
import { startMsMax, zombiesMax } from './limits.js'
import type { ChildStories } from './live/child-stories.js'
import { childStatus } from './live/tree-report.js'
import type { LiveChild } from './live-child.js'
import type { MessageCenter, MessagesLeft } from './messages/message-center.js'
import type { MessageRole } from './messages/message-member.js'
import { refuseWhatHandlesNothing, roleOf } from './messages/message-role.js'
import type { Gauge } from './messages/quota-watch.js'
import { messageRulesOf, openTreeMessages } from './messages/tree-messages.js'
import { planSupervision, supervisorsOf } from './plan-supervision.js'
import { type PlannedChild, planChildren } from './plan-tree.js'
import { prepareChild } from './prepare-child.js'
import type { Protection } from './protection.js'
import type { Engine } from './run-actor.js'
import { startMember } from './start-member.js'
import type { Surrender } from './surrender.js'
import type { ChildReport, RuntimeEvents, Settlement } from './types.js'

export type TreePowers = {
  readonly engine: Engine
  readonly builder: ComponentBuilder
  readonly protection: Protection
  readonly desk: Desk
  /** Dev mode was asked for. */
  readonly dev: boolean
  readonly emitter: Emitter<RuntimeEvents>
  readonly raise: (draft: HealthEventDraft) => void
  readonly surrender: Surrender
  /** What earlier lives left of the past of children. */
  readonly accounts: AccountStore & Pick<KeptAccounts, 'holdsIsolated' | 'flush'>
  readonly stormGuard: StormGuard
  /** Told of the tree before its first child is started. */
  readonly watchIncidents: (tree: IncidentTree) => void
  /** Aborts the preparation of the children. */
  readonly signal: AbortSignal
}

type Child = { readonly planned: PlannedChild; readonly live: LiveChild; readonly role: MessageRole }

/** One instance of a child, which is supervised by itself. */
type Member = { readonly id: string; readonly child: Child }

export class RunningTree {
  readonly settled: Promise<Settlement>
  /** It ended because a significant child had: what the others did until then was all that was wanted of them. */
  #isConcluded = false
  readonly #supervision: SupervisionTree
  readonly #children: ReadonlyMap<string, Child>
  readonly #members: ReadonlyMap<string, Member>
  readonly #messages: MessageCenter
  readonly #root: string
  readonly #supervisorOf: ReadonlyMap<string, string>
  readonly #powers: TreePowers
  readonly #tree: Tree
  readonly #ladder: TreeLadder

  private constructor(tree: Tree, children: ReadonlyMap<string, Child>, powers: TreePowers) {
    this.#tree = tree
    this.#children = children
    this.#powers = powers
    const { journal, clock } = powers.engine
    this.#ladder = new TreeLadder(tree, {
      ...{ clock, journal, builder: powers.builder, protection: powers.protection },
      runs: () => this.#watchedRuns(),
      fault: (member, fault) => void this.#supervision.fault(parseChildId(member), fault),
      observe: (member, observation) => void this.#supervision.observe(parseChildId(member), observation),
    })
    const members = [...children.values()].flatMap((child) => child.planned.spec.memberIds.map((id) => ({ id, child })))
    this.#members = new Map(members.map((member) => [member.id, member]))
    const { engine, emitter, raise } = powers
    this.#messages = openTreeMessages(tree, [...children.values()], {
      clock: engine.clock,
      originNs: engine.originNs,
      raise,
      onHandlerFailed: (failure) => emitter.emit('handler-failed', failure),
      gaugesOf: (member) => this.#gaugesOf(member),
      feed: this.#ladder.feed,
      fault: (member, fault) => void this.#supervision.fault(parseChildId(member), fault),
    })
    this.#root = tree.root.name
    this.#supervisorOf = supervisorsOf(tree.root)
    this.#supervision = new SupervisionTree({
      ...planSupervision(tree.root, (spec) => spec.memberIds.flatMap((id) => this.#planOf(id))),
      ...{ clock, timeScale: tree.timeScale, accounts: powers.accounts, stormGuard: powers.stormGuard },
      walls: this.#ladder.walls.up,
      random: Math.random,
      onEvent: (draft) => this.#heard(draft),
    })
    this.settled = this.#supervision.settled.then(({ outcome }) => {
      this.#isConcluded = outcome === 'concluded'
      return this.#settlement()
    })
  }

  /** @throws {DocumentError} with every finding; @throws {BulkheadError} when a component is refused. */
  static async start(tree: Tree, powers: TreePowers): Promise<RunningTree> {
    const children = new Map<string, Child>()
    const planned = planChildren(tree, powers.protection)
    await powers.desk.keepOnly(new Set(planned.map(({ spec }) => spec.id)))
    for (const one of planned) {
      const live = await prepareChild(one, tree, powers)
      const { kind } = live.judgement.subject
      const role = roleOf(live.component, kind)
      refuseWhatHandlesNothing({ instances: one.spec.memberIds.length, kind }, role, `${tree.file}:${one.spec.at.line}`)
      children.set(one.spec.id, { planned: one, live, role })
    }
    introduce([...children.values()].map(({ live }) => live))
    const supervisors = supervisorsOf(tree.root)
    for (const [id, { live }] of children) {
      const { policyVersion } = live.context.worker
      const supervisor = supervisors.get(id) ?? tree.root.name
      powers.raise({ type: 'policy.loaded', supervisor, child: id, policyVersion })
    }
    const running = new RunningTree(tree, children, powers)
    try {
      await running.#ladder.open(powers.accounts.holdsIsolated)
    } catch (thrown) {
      await running.stop()
      throw thrown
    }
    powers.desk.attach(running.#livePort())
    const { publish } = running.#messages.desk
    powers.watchIncidents({ factsOf: (child) => running.#incidentFactsOf(child), publish })
    await running.#supervision.start()
    return running
  }

  children(): readonly ChildReport[] {
    return this.#supervision.children().flatMap((view) => {
      const child = this.#members.get(view.id)?.child
      if (child === undefined) return []
      const { trust, plan } = child.live.judgement
      const level = plan.state === 'bypassed' ? 'dev-mode' : trust.level
      const { component, expect } = child.planned.spec
      const metExpectation = view.metExpectation || (this.#isConcluded && view.state === 'stopped' && !expect)
      return [{ ...view, metExpectation, component, trust: level, approval: plan.state }]
    })
  }

  /** Checks of all running children together. */
  counters() {
    return [...this.#children.values()].flatMap(({ live }) => live.counters())
  }

  /** How each child stands, in the words of `bulkhead ps`. */
  report(stories: ChildStories): TreeReport {
    const messages = new Map(this.#messages.desk.stats().children.map((stats) => [stats.child, stats]))
    const children = this.children().map((child) =>
      childStatus(child, {
        supervisor: this.#supervisorOf.get(this.#members.get(child.id)?.child.planned.spec.id ?? '') ?? this.#root,
        story: stories.of(child.id),
        memory: this.#memoryOf(child.id),
        messages: messages.get(child.id),
      }),
    )
    return { root: this.#root, children }
  }

  get messages(): MessageCenter {
    return this.#messages
  }

  /** The children first, so that what they still send is accepted; then whom the host answers and hears. */
  async stop(): Promise<MessagesLeft> {
    await this.#supervision.stop()
    this.#ladder.close()
    return this.#messages.close()
  }

  /** See `Runtime.release`. */
  async release(child: string, reason: string, author: string): Promise<readonly string[]> {
    const ids = this.#members.has(child) ? [child] : this.#children.get(child)?.planned.spec.memberIds
    if (ids === undefined) {
      throw new BulkheadError('usage', `the tree has no child \`${child}\``, {
        hint: `it has ${[...this.#children.keys()].map((id) => `\`${id}\``).join(', ')}`,
      })
    }
    const released: string[] = []
    for (const id of ids) {
      // ORDER: on record, then done, then on the disk.
      const held = this.#supervision.children().find((view) => view.id === id)
      if (held === undefined || (held.level === 'thread' && held.state !== 'quarantined')) continue
      await this.#powers.engine.journal.note({
        event: 'released',
        component: `component:${id}`,
        reason,
        details: { author },
      })
      if (this.#supervision.release(parseChildId(id), reason).kind === 'released') released.push(id)
    }
    await this.#powers.accounts.flush()
    return released
  }

  #livePort(): LivePort {
    return {
      stateOf: (child) => this.#stateOf(child),
      versionOf: (child) => this.#children.get(child)?.live.context.worker.policyVersion,
      prepare: async (id, memoryBytes) => {
        const child = this.#children.get(id)
        if (child !== undefined) await this.#fitting(child, memoryBytes)
      },
      rebind: (children, effect) => this.#rebind(children, effect),
    }
  }

  /**
   * Puts what was decided about these children into force. Their neighbours learn of it first: by what they know of each
   * other it is decided what may be moved (SPEC 2.2).
   */
  async #rebind(ids: readonly string[], effect: Effect = 'narrows'): Promise<readonly Binding[]> {
    const concerned = ids.flatMap((id) => this.#children.get(id) ?? [])
    const judged = []
    for (const child of concerned) {
      const judgement = await this.#powers.desk.judge(child.live.id)
      const component = await this.#fitting(child, judgement.limits.memoryBytes.value).catch(asBulkheadError)
      judged.push({ live: child.live, judgement, component })
    }
    const waited = new Set(
      concerned.filter(({ live }) => live.judgement.obstacle !== undefined).map(({ live }) => live),
    )
    // From here to the last `publish` nothing waits: a child that starts meanwhile starts under all of the old or all of the new.
    for (const { live, judgement, component } of judged) {
      live.take(judgement, this.#powers.desk.documentsOf(judgement), component)
    }
    const all = [...this.#children.values()].map(({ live }) => live)
    const changed = concerned.map(({ live }) => live)
    const rules = this.#messages.exchange.changeRules(changed.map(messageRulesOf))
    const neighbours = introduce(all, changed)
    const others = neighbours.map((live) => live.publish())
    const published = changed.map((live) => live.publish())
    const bindings = await Promise.all(published.map(({ settle }) => settle(effect)))
    // Neighbours may do less by what they learn of each other, whatever was done here.
    await Promise.all(others.map(({ settle }) => settle('narrows')))
    rules.settle()
    for (const live of changed) live.announce()
    return bindings.map((binding, index) => {
      const live = changed[index]
      const starts = live !== undefined && waited.has(live) && live.judgement.obstacle === undefined
      return starts && binding.within === 'next-start' ? { ...binding, within: 'starting' } : binding
    })
  }

  /** The component with the cap that it may have now: the next incarnation gets it. */
  #fitting({ live, planned }: Child, memoryBytesMax: number): Promise<PreparedComponent> {
    return this.#ladder.rungs.fitting(live, planned.componentFile, memoryBytesMax)
  }

  #heard(draft: HealthEventDraft): void {
    this.#powers.raise(this.#explained(draft))
    this.#ladder.heard(draft)
    const member = this.#members.get(draft.child ?? '')
    if (member !== undefined && changesShares.has(draft.type)) {
      this.#powers.desk.standingChanged(member.child.planned.spec.id)
    }
    if (member !== undefined && isForGood(draft)) this.#messages.exchange.bury(member.id)
    if (draft.type !== 'child.zombie' || this.#supervision.zombies() < zombiesMax) return
    const reason = `${zombiesMax} threads would not end`
    this.#powers.raise({ type: 'host.draining', supervisor: draft.supervisor, reason })
    this.#powers.surrender.declare(reason)
  }

  /** The present state of a child; of a pool that of a member which runs, if any does. */
  #stateOf(id: string): string | undefined {
    const members = this.#children.get(id)?.planned.spec.memberIds ?? []
    const states = this.#supervision.children().filter((view) => members.includes(view.id))
    return (states.find(({ state }) => state === 'running') ?? states[0])?.state
  }

  /** What a member uses of the quotas that its ledger tells of. */
  #gaugesOf(id: string): readonly Gauge[] {
    const memory = this.#memoryOf(id)
    const audit = this.#members.get(id)?.child.live.auditSpentOf(id)
    return [
      ...(memory === undefined
        ? []
        : [{ quota: 'linear memory', spent: { used: memory.bytes, limit: memory.maxBytes } }]),
      ...(audit === undefined ? [] : [{ quota: 'audit records', spent: audit }]),
    ]
  }

  #memoryOf(id: string): { readonly bytes: number; readonly maxBytes: number } | undefined {
    const live = this.#members.get(id)?.child.live
    const bytes = live?.actorOf(id)?.memoryBytes()
    const maxBytes = live?.memoryBytesMaxOf(id)
    return bytes === undefined || maxBytes === undefined ? undefined : { bytes, maxBytes }
  }

  #incidentFactsOf(id: string): IncidentFacts | undefined {
    const report = this.children().find((child) => child.id === id)
    const planned = this.#members.get(id)?.child
    if (report === undefined || planned === undefined) return undefined
    const { live } = planned
    const { spec, environment } = planned.planned
    const stats = this.#messages.desk.stats().children.find(({ child }) => child === id)
    const member = [...this.#messages.exchange.members].find((one) => one.id === id)
    return incidentFacts({ spec, environment, live, report, stats, member })
  }

  #watchedRuns(): readonly WatchedRun[] {
    return this.#supervision.children().flatMap(({ id, incarnation, level }) => {
      const live = this.#members.get(id)?.child.live
      const actor = live?.actorOf(id)
      if (live === undefined || actor === undefined) return []
      const { cpuPercent, deadlineMs } = live.judgement.limits
      return {
        ...{ id, incarnation, isApart: level === 'process', cpuPercent: cpuPercent.value },
        cpuMs: () => actor.cpuMs(),
        memoryBytes: actor.memoryBytes(),
        messageMs: actor.messageMs(),
        messageDeadlineMs: deadlineMs?.value ?? defaultQuotas.deadlineMs,
      }
    })
  }

  /** A child that waits says in its event what would let it start; the tree's own start, what it may promise. */
  #explained(draft: HealthEventDraft): HealthEventDraft {
    const reason = this.#reasonFor(draft)
    return reason === undefined ? draft : { ...draft, reason }
  }

  #reasonFor({ type, supervisor, child = '' }: HealthEventDraft): string | undefined {
    if (type === 'supervisor.started' && supervisor === this.#root) return this.#ladder.promise
    if (type !== 'child.waiting') return undefined
    return this.#members.get(child)?.child.live.obstacle ?? this.#ladder.waitsFor(child)
  }

  #settlement(): Settlement {
    const children = this.children()
    return { asExpected: children.every((child) => child.metExpectation), children }
  }

  #planOf(id: string): readonly ChildPlan[] {
    const member = this.#members.get(id)
    return member === undefined ? [] : [this.#plan(member)]
  }

  #plan(member: Member): ChildPlan {
    const { planned, live } = member.child
    const { spec } = planned
    const { desk } = this.#powers
    return {
      id: parseChildId(member.id),
      restart: spec.restart ?? (live.judgement.subject.kind === 'actor' ? 'permanent' : 'transient'),
      ...(spec.expect === undefined ? {} : { expect: spec.expect }),
      shutdownMs: spec.shutdownMs,
      significant: spec.significant,
      trust: () => (spec.trustedEscalates && live.judgement.trust.level === 'trusted' ? 'trusted' : 'unknown'),
      admission: this.#ladder.admission(
        member.id,
        live,
        live.admission(
          () => desk.isStillJudged(live.judgement),
          () => desk.judgeAgain(live.id),
        ),
      ),
      identity: identityOf(spec, this.#tree, live),
      // Above `thread` the component may have to be built first; an actor that has begun has a shorter time of its own.
      startMs: startMsMax,
      port: { start: (incarnation, terms) => this.#startRun(member, incarnation, terms) },
    }
  }

  #startRun({ id, child: { live, role, planned } }: Member, incarnation: number, terms: StartTerms): ChildRun {
    const { emitter, engine } = this.#powers
    const powers = { emitter, engine, exchange: this.#messages.exchange, ladder: this.#ladder }
    return this.#ladder.rungs.start(terms, live, planned.componentFile, (rung: Rung) =>
      startMember({ id, incarnation, live, role, rung }, powers),
    )
  }
}

/** Whether a child has ended and will not come back: it is not waited for with what lies in its mailbox. */
function isForGood({ type, to }: HealthEventDraft): boolean {
  return type === 'child.removed' || (type === 'child.stopped' && (to === 'completed' || to === 'failed'))
}

/** What binds narrower rules does not stop at a component that cannot be prepared: only its next start does. */
function asBulkheadError(thrown: unknown): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown
  return new BulkheadError('component-transpile-failed', String(thrown), { cause: thrown, hint: 'restart the tree' })
}

/** After these a policy that the child shares may begin or cease to be in force. */
const changesShares: ReadonlySet<HealthEventDraft['type']> = new Set([
  'child.starting',
  'child.quarantined',
  'child.stopped',
  'child.removed',
])
