// The tree of a runtime: its children, their supervision, and how what is decided about them reaches them.

import type { Binding, TreeReport } from '@bulkhead/admin'
import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import { defaultQuotas, type Tree } from '@bulkhead/manifest'
import { type ChildPlan, type ChildRun, SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { Desk } from './authority/desk.js'
import type { Effect, LivePort } from './authority/desk-core.js'
import type { Emitter } from './emitter.js'
import { introduce } from './introduce.js'
import { zombiesMax } from './limits.js'
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
import { type Engine, startRun } from './run-actor.js'
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
  /** Aborts the preparation of the children. */
  readonly signal: AbortSignal
}

type Child = { readonly planned: PlannedChild; readonly live: LiveChild; readonly role: MessageRole }

/** One instance of a child, which is supervised by itself. */
type Member = { readonly id: string; readonly child: Child }

export class RunningTree {
  readonly settled: Promise<Settlement>
  readonly #supervision: SupervisionTree
  readonly #children: ReadonlyMap<string, Child>
  readonly #members: ReadonlyMap<string, Member>
  readonly #messages: MessageCenter
  readonly #root: string
  readonly #supervisorOf: ReadonlyMap<string, string>
  readonly #powers: TreePowers
  /** Components that were prepared for a start under other limits. */
  readonly #ready = new Map<string, { readonly memoryBytesMax: number; readonly component: PreparedComponent }>()

  private constructor(tree: Tree, children: ReadonlyMap<string, Child>, powers: TreePowers) {
    this.#children = children
    this.#powers = powers
    const members = [...children.values()].flatMap((child) => child.planned.spec.memberIds.map((id) => ({ id, child })))
    this.#members = new Map(members.map((member) => [member.id, member]))
    const { engine, emitter, raise } = powers
    this.#messages = openTreeMessages(tree, [...children.values()], {
      clock: engine.clock,
      originNs: engine.originNs,
      raise,
      onHandlerFailed: (failure) => emitter.emit('handler-failed', failure),
      gaugesOf: (member) => this.#gaugesOf(member),
    })
    this.#root = tree.root.name
    this.#supervisorOf = supervisorsOf(tree.root)
    this.#supervision = new SupervisionTree({
      ...planSupervision(tree.root, (spec) => spec.memberIds.flatMap((id) => this.#planOf(id))),
      timeScale: tree.timeScale,
      clock: powers.engine.clock,
      random: Math.random,
      onEvent: (draft) => this.#heard(draft),
    })
    this.settled = this.#supervision.settled.then(() => this.#settlement())
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
    powers.desk.attach(running.#livePort())
    await running.#supervision.start()
    return running
  }

  children(): readonly ChildReport[] {
    return this.#supervision.children().flatMap((view) => {
      const child = this.#members.get(view.id)?.child
      if (child === undefined) return []
      const { trust, plan } = child.live.judgement
      const level = plan.state === 'bypassed' ? 'dev-mode' : trust.level
      return [{ ...view, component: child.planned.spec.component, trust: level, approval: plan.state }]
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
    return this.#messages.close()
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

  /** The component with a cap of linear memory, which is part of what is compiled: the next incarnation gets it. */
  async #fitting({ live, planned }: Child, memoryBytesMax: number): Promise<PreparedComponent> {
    if (live.memoryBytesMax === memoryBytesMax) return live.component
    const { componentFile } = planned
    const ready = this.#ready.get(live.id)
    if (ready?.memoryBytesMax === memoryBytesMax) return ready.component
    const component = await this.#powers.builder.prepare({ file: componentFile }, { memoryBytesMax })
    if (component.digest === live.component.digest) {
      this.#ready.set(live.id, { memoryBytesMax, component })
      return component
    }
    throw new BulkheadError(
      'component-digest-mismatch',
      `\`${componentFile}\` is no longer the file that \`${live.id}\` runs`,
      {
        details: { found: component.digest, expected: live.component.digest },
        hint: 'restart the tree',
      },
    )
  }

  #heard(draft: HealthEventDraft): void {
    this.#powers.raise(this.#explained(draft))
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
    return live === undefined || bytes === undefined ? undefined : { bytes, maxBytes: live.memoryBytesMax }
  }

  /** A child that waits says in its event what would let it start. */
  #explained(draft: HealthEventDraft): HealthEventDraft {
    const reason =
      draft.type === 'child.waiting' ? this.#members.get(draft.child ?? '')?.child.live.obstacle : undefined
    return reason === undefined ? draft : { ...draft, reason }
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
      admission: live.admission(
        () => desk.isStillJudged(live.judgement),
        () => desk.judgeAgain(live.id),
      ),
      port: { start: (incarnation) => this.#startRun(member, incarnation) },
    }
  }

  #startRun({ id, child: { live, role } }: Member, incarnation: number): ChildRun {
    const { emitter, engine } = this.#powers
    const { plan, trust, limits } = live.judgement
    const { exchange } = this.#messages
    const messages = exchange.begin(id, incarnation)
    const started = startRun(
      {
        component: live.component,
        context: live.context,
        documents: live.documents,
        standing: { trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level, approval: plan.state },
        incarnation,
        // Of a child that handles messages the deadline is that of each of them.
        deadlineMs: role.handles ? undefined : limits.deadlineMs?.value,
        messages,
        messageDeadlineMs: role.handles ? (limits.deadlineMs?.value ?? defaultQuotas.deadlineMs) : undefined,
        stdin: undefined,
        stdout: (chunk) => emitter.emit('output', { child: id, stream: 'stdout', chunk }),
        stderr: (chunk) => emitter.emit('output', { child: id, stream: 'stderr', chunk }),
        reportGranted: false,
        onDenied: (denied) => emitter.emit('denied', { ...denied, child: id, incarnation }),
      },
      engine,
    )
    live.run(id, started, incarnation)
    const { actor } = started
    exchange.attach(id, actor)
    return {
      ready: actor.ready,
      // ORDER: what it held of messages is settled before the supervisor hears of its end, and may start another.
      exited: actor.exited.then((report) => {
        exchange.ended(id)
        return report
      }),
      stuck: actor.stuck,
      stop: () => actor.stop(),
      kill: () => actor.kill(),
    }
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
