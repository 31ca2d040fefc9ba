// The tree of a runtime: its children, their supervision, and how what is decided about them reaches them.

import type { ChildStatus, TreeReport } from '@bulkhead/admin'
import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import type { Tree, TreeDocument } from '@bulkhead/manifest'
import { type AccountStore, type StormGuard, SupervisionTree } from '@bulkhead/supervisors'
import { type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { KeptAccounts } from './accounts/kept-accounts.js'
import { Orders } from './administration/orders.js'
import { release } from './administration/release.js'
import { TreeAdministration } from './administration/tree-administration.js'
import { type TreeChild, TreeRoster } from './administration/tree-roster.js'
import type { ChildFacts } from './administration/tree-view.js'
import { admitChild } from './admit-child.js'
import type { Desk } from './authority/desk.js'
import type { LivePort } from './authority/desk-core.js'
import type { CallDesk } from './calls/call-desk.js'
import { openCalls } from './calls/open-calls.js'
import type { Emitter } from './emitter.js'
import type { HttpGate } from './http/http-gate.js'
import { Routes } from './http/routes.js'
import { leavesInVain, openGate, refuseUnfitRoutes } from './http/tree-http.js'
import { incidentFacts } from './incidents/child-facts.js'
import type { IncidentFacts, IncidentTree } from './incidents/incident-desk.js'
import { introduce } from './introduce.js'
import { cgroupLimits, overbooked } from './ladder/cgroup-limits.js'
import { sumOfCaps } from './ladder/sum-of-caps.js'
import { openLadder, TreeLadder } from './ladder/tree-ladder.js'
import { zombiesMax } from './limits.js'
import type { ChildStories } from './live/child-stories.js'
import { childStatus, supervisorStatus } from './live/tree-report.js'
import type { LogDesk } from './logs/log-desk.js'
import { memberGauges } from './messages/member-gauges.js'
import type { MessageCenter, MessagesLeft } from './messages/message-center.js'
import type { MessageReport } from './messages/message-desk.js'
import type { Gauge } from './messages/quota-watch.js'
import { openTreeMessages } from './messages/tree-messages.js'
import type { TreeMeter } from './metrics/metrics-desk.js'
import type { RunTotals } from './metrics/run-totals.js'
import { TreeTotals } from './metrics/tree-totals.js'
import { MemberPlans } from './plan-member.js'
import { planSupervision, planSupervisor, supervisorsOf } from './plan-supervision.js'
import { planCalled, planChildren } from './plan-tree.js'
import type { Protection } from './protection.js'
import { Reloads } from './reload/reloads.js'
import { RulesInForce, tellLoaded } from './rules-in-force.js'
import type { Engine } from './run-actor.js'
import type { SecretDesk } from './secrets/secret-desk.js'
import { changesShares, isForGood, outOf } from './supervision-news.js'
import type { Surrender } from './surrender.js'
import { handlingSpans } from './tracing/handling-spans.js'
import type { Tracing } from './tracing/tracing.js'
import type { ChildReport, RuntimeEvents, Settlement } from './types.js'
import { Upgrades } from './upgrade/upgrades.js'

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
  /** Reads the tree file again. */
  readonly readAgain: (given: TreeDocument | undefined) => Tree
  /** What earlier lives left of the past of children. */
  readonly accounts: AccountStore & Pick<KeptAccounts, 'holdsIsolated' | 'flush'>
  readonly stormGuard: StormGuard
  readonly logs: LogDesk
  readonly secrets: SecretDesk
  /** `undefined` where nobody traces. */
  readonly tracing: Tracing | undefined
  /** Told of the tree before its first child is started. */
  readonly watchIncidents: (tree: IncidentTree) => void
  /** Aborts the preparation of the children. */
  readonly signal: AbortSignal
}

export class RunningTree {
  readonly settled: Promise<Settlement>
  /** It ended because a significant child had: what the others did until then was all that was wanted of them. */
  #isConcluded = false
  readonly #supervision: SupervisionTree
  readonly administration: TreeAdministration
  readonly upgrades: Upgrades
  readonly reloads: Reloads
  /** Where requests go. */
  readonly routes: Routes
  /** Absent where the tree answers no HTTP requests. */
  readonly http: HttpGate | undefined
  readonly calls: CallDesk
  readonly orders: Orders
  readonly #totals: TreeTotals
  readonly #roster: TreeRoster
  readonly #messages: MessageCenter
  readonly #root: string
  readonly #powers: TreePowers
  readonly #tree: Tree
  readonly #ladder: TreeLadder
  readonly #rules: RulesInForce

  private constructor(tree: Tree, roster: TreeRoster, powers: TreePowers) {
    this.#tree = tree
    this.#roster = roster
    this.#totals = new TreeTotals(roster)
    this.#powers = powers
    const { journal, clock } = powers.engine
    this.#ladder = new TreeLadder(tree, {
      ...{ clock, journal, builder: powers.builder, protection: powers.protection },
      fault: (member, fault) => void this.#supervision.fault(parseChildId(member), fault),
      observe: (member, observation) => void this.#supervision.observe(parseChildId(member), observation),
    })
    const { engine, emitter, raise } = powers
    this.#messages = openTreeMessages(tree, [...roster.children.values()], {
      ...{ clock: engine.clock, originNs: engine.originNs, raise },
      onHandled: handlingSpans(powers.tracing, engine.clock),
      onHandlerFailed: (failure) => emitter.emit('handler-failed', failure),
      isRunning: (member) => roster.members.get(member)?.child.live.actorOf(member) !== undefined,
      gaugesOf: (member) => this.#gaugesOf(member),
      feed: this.#ladder.feed,
      fault: (member, fault) => void this.#supervision.fault(parseChildId(member), fault),
    })
    const { exchange } = this.#messages
    this.http = openGate(tree, {
      ...{ exchange, clock, raise, random: Math.random, tracing: powers.tracing },
      stateOf: (member) => this.#supervision.child(parseChildId(member))?.state,
      limitsOf: (child) => roster.children.get(child)?.live.judgement.limits,
    })
    this.calls = openCalls(roster, {
      ...{ exchange, clock, random: Math.random },
      stateOf: (member) => this.#supervision.child(parseChildId(member))?.state,
    })
    this.#rules = new RulesInForce({ roster, desk: powers.desk, exchange, rungs: this.#ladder.rungs, raise })
    this.#root = tree.root.name
    const plans = new MemberPlans({
      ...{ emitter, engine, tree, roster, exchange, ladder: this.#ladder, http: this.http, calls: this.calls },
      ...{ desk: powers.desk, secrets: powers.secrets, logs: powers.logs },
    })
    const planner = plans.planner()
    this.#supervision = new SupervisionTree({
      ...planSupervision(tree.root, planner),
      ...{ clock, timeScale: tree.timeScale, accounts: powers.accounts, stormGuard: powers.stormGuard },
      walls: this.#ladder.walls.up,
      random: Math.random,
      onEvent: (draft) => this.#heard(draft),
    })
    this.administration = new TreeAdministration({
      ...{ tree, roster, supervision: this.#supervision, exchange: this.#messages.exchange },
      planChild: (spec) => planCalled(spec, tree, powers.protection, powers.engine.kinds, `children.${spec.id}`),
      prepare: (planned, supervisor, origin) => admitChild(planned, tree, powers, { supervisor, origin }),
      acquaint: (newcomers) => this.#rules.acquaint(newcomers),
      planMember: (member) => plans.member(member),
      planSupervisor: (spec) => planSupervisor(spec, planner),
      forget: (child) => this.#forget(child),
      factsOf: (id) => this.#factsOf(id),
    })
    this.orders = new Orders({ supervision: this.#supervision, roster })
    this.upgrades = new Upgrades({
      ...{ ...powers, tree, roster, supervision: this.#supervision, exchange: this.#messages.exchange },
      settle: (child) => this.#rules.settle(child),
    })
    this.routes = new Routes(tree.http?.routes ?? [])
    this.reloads = new Reloads(tree, {
      ...{ ...powers, roster, supervision: this.#supervision, exchange: this.#messages.exchange },
      ...{ administration: this.administration, rules: this.#rules, routes: this.routes },
      isBusy: (child) => this.upgrades.isBusy(child),
      renew: (child) => this.upgrades.renew(child),
      forget: (child) => this.#forget(child),
    })
    this.settled = this.#supervision.settled.then(({ outcome }) => {
      this.#isConcluded = outcome === 'concluded'
      return this.#settlement()
    })
  }

  /** @throws {DocumentError} with every finding; @throws {BulkheadError} when a component is refused. */
  static async start(tree: Tree, powers: TreePowers): Promise<RunningTree> {
    const roster = new TreeRoster()
    const supervisors = supervisorsOf(tree.root)
    const planned = planChildren(tree, powers.protection, powers.engine.kinds, powers.secrets)
    await powers.desk.keepOnly(new Set(planned.map(({ spec }) => spec.id)))
    for (const one of planned) {
      const supervisor = supervisors.get(one.spec.id) ?? tree.root.name
      roster.add(await admitChild(one, tree, powers, { supervisor, origin: 'file' }))
    }
    refuseUnfitRoutes(tree, (child) => roster.children.get(child)?.role)
    introduce([...roster.children.values()].map(({ live }) => live))
    for (const [id, child] of roster.children) tellLoaded(id, child, powers.raise)
    await openLadder(tree, powers.accounts.holdsIsolated)
    const running = new RunningTree(tree, roster, powers)
    powers.desk.attach(running.#livePort())
    const { publish } = running.#messages.desk
    powers.watchIncidents({ factsOf: (child) => running.#incidentFactsOf(child), publish })
    await running.#supervision.start()
    return running
  }

  children(): readonly ChildReport[] {
    return this.#supervision.children().flatMap((view) => {
      const child = this.#roster.members.get(view.id)?.child
      if (child === undefined) return []
      const { trust, plan } = child.live.judgement
      const level = plan.state === 'bypassed' ? 'dev-mode' : trust.level
      const { component, expect } = child.planned.spec
      const metExpectation = view.metExpectation || (this.#isConcluded && view.state === 'stopped' && !expect)
      return [{ ...view, metExpectation, component, trust: level, approval: plan.state }]
    })
  }

  /** Checks of all children together, also of those that are gone. */
  counters(): RunTotals['checks'] {
    return this.#totals.all().checks
  }

  /** How each child stands, in the words of `bulkhead ps`. */
  report(stories: ChildStories): TreeReport {
    const children = this.#statuses(this.children(), this.#messages.desk.stats(), stories)
    return { root: this.#root, children, tree: supervisorStatus(this.#supervision.tree()) }
  }

  /** What all of it has counted, for metrics: each child and each number is looked at once. */
  measured(stories: ChildStories): TreeMeter {
    const reports = this.children()
    const messages = this.#messages.desk.stats()
    const members = reports.map(({ id }) => ({
      ...{ id, totals: this.#totals.of(id), handles: this.#actorOf(id)?.handlesOpen() },
      gauges: this.#gaugesOf(id),
    }))
    return { children: this.#statuses(reports, messages, stories), members, gone: this.#totals.gone, messages }
  }

  #statuses(reports: readonly ChildReport[], messages: MessageReport, stories: ChildStories): readonly ChildStatus[] {
    const statsOf = new Map(messages.children.map((stats) => [stats.child, stats]))
    return reports.map((child) => {
      const entry = this.#roster.members.get(child.id)?.child.planned.spec.id ?? child.id
      const own = childStatus(child, {
        supervisor: this.#roster.members.get(child.id)?.child.supervisor ?? this.#root,
        story: stories.of(child.id),
        memory: this.#memoryOf(child.id),
        cpuMs: this.#actorOf(child.id)?.cpuMs(),
        denied: this.#actorOf(child.id)?.counters().checksDenied ?? 0,
        messages: statsOf.get(child.id),
      })
      const status = entry === child.id ? own : { ...own, memberOf: entry }
      const http = this.http?.counts.seen(child.id)
      return http === undefined ? status : { ...status, http }
    })
  }

  get messages(): MessageCenter {
    return this.#messages
  }

  /** The children first, so that what they still send is accepted; then whom the host answers and hears. */
  async stop(): Promise<MessagesLeft> {
    this.upgrades.close()
    this.calls.close()
    const reloaded = this.reloads.close()
    await this.#supervision.stop()
    await reloaded
    this.#ladder.close()
    return this.#messages.close()
  }

  /** See `Runtime.release`. */
  release(child: string, reason: string, author: string): Promise<readonly string[]> {
    const { accounts, engine } = this.#powers
    const powers = { roster: this.#roster, supervision: this.#supervision, journal: engine.journal, accounts }
    return release({ child, reason, author }, powers)
  }

  #forget(child: string): Promise<void> {
    this.#powers.logs.forget(child)
    return this.#powers.desk.forget(child)
  }

  #factsOf(id: string): ChildFacts | undefined {
    const child = this.#roster.members.get(id)?.child
    if (child === undefined) return undefined
    const { trust, plan } = child.live.judgement
    const messages = this.#messages.exchange.depthOf(id)
    return {
      component: child.planned.spec.component,
      trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level,
      approval: plan.state,
      ...(messages === undefined ? {} : { messages }),
    }
  }

  #livePort(): LivePort {
    return {
      stateOf: (child) => this.#stateOf(child),
      versionOf: (child) => this.#roster.children.get(child)?.live.context.worker.policyVersion,
      prepare: async (id, memoryBytes) => {
        const child = this.#roster.children.get(id)
        if (child !== undefined) await this.#fitting(child, memoryBytes)
      },
      rebind: (children, effect) => this.#rules.rebind(children, effect),
    }
  }

  /** The component with the cap that it may have now: the next incarnation gets it. */
  #fitting({ live, planned }: TreeChild, memoryBytesMax: number): Promise<PreparedComponent> {
    return this.#ladder.rungs.fitting(live, planned.componentFile, memoryBytesMax)
  }

  #heard(draft: HealthEventDraft): void {
    this.#powers.raise(this.#explained(draft))
    this.#ladder.heard(draft)
    this.upgrades.heard(draft)
    const member = this.#roster.members.get(draft.child ?? '')
    if (member !== undefined && changesShares.has(draft.type)) {
      this.#powers.desk.standingChanged(member.child.planned.spec.id)
    }
    if (member !== undefined && isForGood(draft)) this.#messages.exchange.bury(member.id)
    if (member !== undefined && leavesInVain(draft)) {
      this.http?.abandon(member.id)
      this.calls.abandon(member.id, draft.type.replace('child.', 'it was '))
    }
    if (member !== undefined && draft.type === 'child.removed') {
      this.#totals.dismiss(member.id)
      this.administration.departed(member.id)
      this.http?.counts.forget(member.id)
    }
    if (member !== undefined && outOf.has(draft.type)) {
      this.#messages.exchange.setOut(member.id, draft.type === 'child.quarantined')
    }
    if (draft.type === 'supervisor.stopped' && draft.supervisor !== this.#root) this.administration.supervisorEnded()
    if (draft.type !== 'child.zombie' || this.#supervision.zombies() < zombiesMax) return
    const reason = `${zombiesMax} threads would not end`
    this.#powers.raise({ type: 'host.draining', supervisor: draft.supervisor, reason })
    this.#powers.surrender.declare(reason)
  }

  /** The present state of a child; of a pool that of a member which runs, if any does. */
  #stateOf(id: string): string | undefined {
    const states = this.#roster.membersOf(id).flatMap((member) => this.#supervision.child(parseChildId(member)) ?? [])
    return (states.find(({ state }) => state === 'running') ?? states[0])?.state
  }

  #gaugesOf(id: string): readonly Gauge[] {
    const live = this.#roster.members.get(id)?.child.live
    const logs = live && this.#powers.logs.spentOf(live.id)
    const services = live?.serviceGaugesOf(id) ?? []
    return [...memberGauges({ memory: this.#memoryOf(id), audit: live?.auditSpentOf(id), logs }), ...services]
  }

  #actorOf(id: string) {
    return this.#roster.members.get(id)?.child.live.actorOf(id)
  }

  #memoryOf(id: string): { readonly bytes: number; readonly maxBytes: number } | undefined {
    const live = this.#roster.members.get(id)?.child.live
    const bytes = this.#actorOf(id)?.memoryBytes()
    const maxBytes = live?.memoryBytesMaxOf(id)
    return bytes === undefined || maxBytes === undefined ? undefined : { bytes, maxBytes }
  }

  #incidentFactsOf(id: string): IncidentFacts | undefined {
    const planned = this.#roster.members.get(id)?.child
    const view = planned && this.#supervision.child(parseChildId(id))
    if (view === undefined || planned === undefined) return undefined
    const { live } = planned
    const { spec, environment } = planned.planned
    const member = [...this.#messages.exchange.members].find((one) => one.id === id)
    const hidden = [...environment, ...this.#powers.secrets.known(spec)]
    return incidentFacts({ spec, environment: hidden, live, view, member })
  }

  /** A child that waits says in its event what would let it start; the tree's own start, what it may promise. */
  #explained(draft: HealthEventDraft): HealthEventDraft {
    const reason = this.#reasonFor(draft)
    return reason === undefined ? draft : { ...draft, reason }
  }

  #reasonFor({ type, supervisor, child = '' }: HealthEventDraft): string | undefined {
    if (type === 'supervisor.started' && supervisor === this.#root) return this.#promise()
    if (type !== 'child.waiting') return undefined
    return this.#roster.members.get(child)?.child.live.obstacle ?? this.#ladder.waitsFor(child)
  }

  /** What may be promised; and a warning where the caps of all children come to more than the process itself may use. */
  #promise(): string {
    const warning = overbooked(sumOfCaps(this.#roster), cgroupLimits())
    return warning === undefined ? this.#ladder.promise : `${this.#ladder.promise}; ${warning}`
  }

  #settlement(): Settlement {
    const children = this.children()
    return { asExpected: children.every((child) => child.metExpectation), children }
  }
}
