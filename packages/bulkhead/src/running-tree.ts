// The tree of a runtime: its children, their supervision, and how what is decided about them reaches them.

import type { Binding } from '@bulkhead/admin'
import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import type { Tree } from '@bulkhead/manifest'
import { acquaint } from '@bulkhead/security-context'
import { type ChildPlan, type ChildRun, SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { Desk } from './authority/desk.js'
import type { Effect, LivePort } from './authority/desk-core.js'
import type { Emitter } from './emitter.js'
import { zombiesMax } from './limits.js'
import type { LiveChild } from './live-child.js'
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

type Child = { readonly planned: PlannedChild; readonly live: LiveChild }

export class RunningTree {
  readonly settled: Promise<Settlement>
  readonly #supervision: SupervisionTree
  readonly #children: ReadonlyMap<string, Child>
  readonly #powers: TreePowers
  /** Components that were prepared for a start under other limits. */
  readonly #ready = new Map<string, { readonly memoryBytesMax: number; readonly component: PreparedComponent }>()

  private constructor(tree: Tree, children: ReadonlyMap<string, Child>, powers: TreePowers) {
    this.#children = children
    this.#powers = powers
    this.#supervision = new SupervisionTree({
      name: tree.root.name,
      intensity: tree.root.intensity,
      children: [...children.values()].map((child) => this.#plan(child)),
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
      children.set(one.spec.id, { planned: one, live: await prepareChild(one, tree, powers) })
    }
    introduce([...children.values()].map(({ live }) => live))
    for (const [id, { live }] of children) {
      const { policyVersion } = live.context.worker
      powers.raise({ type: 'policy.loaded', supervisor: tree.root.name, child: id, policyVersion })
    }
    const running = new RunningTree(tree, children, powers)
    powers.desk.attach(running.#livePort())
    await running.#supervision.start()
    return running
  }

  children(): readonly ChildReport[] {
    return this.#supervision.children().flatMap((view) => {
      const child = this.#children.get(view.id)
      if (child === undefined) return []
      const { trust, plan } = child.live.judgement
      const level = plan.state === 'bypassed' ? 'dev-mode' : trust.level
      return [{ ...view, component: child.planned.spec.component, trust: level, approval: plan.state }]
    })
  }

  /** Checks of all running children together. */
  counters() {
    return [...this.#children.values()].flatMap(({ live }) => live.counters() ?? [])
  }

  async stop(): Promise<void> {
    await this.#supervision.stop()
  }

  #livePort(): LivePort {
    return {
      stateOf: (child) => this.#supervision.children().find(({ id }) => id === child)?.state,
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
    const neighbours = introduce(all, changed)
    const others = neighbours.map((live) => live.publish())
    const published = changed.map((live) => live.publish())
    const bindings = await Promise.all(published.map(({ settle }) => settle(effect)))
    // Neighbours may do less by what they learn of each other, whatever was done here.
    await Promise.all(others.map(({ settle }) => settle('narrows')))
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
    if (draft.child !== undefined && changesShares.has(draft.type)) this.#powers.desk.standingChanged(draft.child)
    if (draft.type !== 'child.zombie' || this.#supervision.zombies() < zombiesMax) return
    const reason = `${zombiesMax} threads would not end`
    this.#powers.raise({ type: 'host.draining', supervisor: draft.supervisor, reason })
    this.#powers.surrender.declare(reason)
  }

  /** A child that waits says in its event what would let it start. */
  #explained(draft: HealthEventDraft): HealthEventDraft {
    const reason = draft.type === 'child.waiting' ? this.#children.get(draft.child ?? '')?.live.obstacle : undefined
    return reason === undefined ? draft : { ...draft, reason }
  }

  #settlement(): Settlement {
    const children = this.children()
    return { asExpected: children.every((child) => child.metExpectation), children }
  }

  #plan({ planned, live }: Child): ChildPlan {
    const { spec } = planned
    const { desk } = this.#powers
    return {
      id: parseChildId(spec.id),
      restart: spec.restart ?? 'transient',
      ...(spec.expect === undefined ? {} : { expect: spec.expect }),
      shutdownMs: spec.shutdownMs,
      trust: () => (live.judgement.trust.level === 'trusted' ? 'trusted' : 'unknown'),
      admission: live.admission(
        () => desk.isStillJudged(live.judgement),
        () => desk.judgeAgain(live.id),
      ),
      port: { start: (incarnation) => this.#startRun(live, incarnation) },
    }
  }

  #startRun(live: LiveChild, incarnation: number): ChildRun {
    const { emitter, engine } = this.#powers
    const { id } = live
    const { plan, trust, limits } = live.judgement
    const started = startRun(
      {
        component: live.component,
        context: live.context,
        documents: live.documents,
        standing: { trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level, approval: plan.state },
        incarnation,
        deadlineMs: limits.deadlineMs?.value,
        stdin: undefined,
        stdout: (chunk) => emitter.emit('output', { child: id, stream: 'stdout', chunk }),
        stderr: (chunk) => emitter.emit('output', { child: id, stream: 'stderr', chunk }),
        reportGranted: false,
        onDenied: (denied) => emitter.emit('denied', { ...denied, child: id, incarnation }),
      },
      engine,
    )
    live.run(started, incarnation)
    const { actor } = started
    return {
      ready: actor.ready,
      exited: actor.exited,
      stuck: actor.stuck,
      stop: () => actor.stop(),
      kill: () => actor.kill(),
    }
  }
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

/**
 * Children whose mounts overlap learn of each other's rules, so that none of them moves a file into another's hands.
 *
 * @param changed whose contexts are new: their version has moved already
 * @returns the others that know something else now than before; their version has moved
 */
function introduce(all: readonly LiveChild[], changed: readonly LiveChild[] = all): readonly LiveChild[] {
  const acquainted = acquaint(all.map(({ context }) => context))
  const moved: LiveChild[] = []
  for (const [index, live] of all.entries()) {
    const now = acquainted[index]?.worker.neighbours ?? []
    const { neighbours: before, policyVersion } = live.context.worker
    const isNew = changed.includes(live)
    // The rules themselves are compared: a version that moved for a neighbour's sake changes nothing here.
    const isSame = now.length === before.length && now.every((one, at) => one.table.rules === before[at]?.table.rules)
    if (isSame && !isNew) continue
    live.meet(now, isNew ? policyVersion : policyVersion + 1)
    if (!isNew) moved.push(live)
  }
  return moved
}
