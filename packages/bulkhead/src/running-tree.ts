// The tree of a runtime: plans from documents, contexts, and the supervision of the children.

import type { ComponentBuilder, PreparedComponent } from '@bulkhead/component'
import { DocumentError } from '@bulkhead/document'
import { defaultQuotas, type Manifest, parseManifest, type Tree } from '@bulkhead/manifest'
import { acquaint, contextLimits, type Documents, joinContext, type SecurityContext } from '@bulkhead/security-context'
import { type ChildPlan, type ChildRun, SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { Emitter } from './emitter.js'
import { zombiesMax } from './limits.js'
import { type PlannedChild, planChildren } from './plan-tree.js'
import type { Protection } from './protection.js'
import { type Engine, startRun } from './run-actor.js'
import type { Surrender } from './surrender.js'
import type { ChildReport, RuntimeEvents, Settlement } from './types.js'

export type TreePowers = {
  readonly engine: Engine
  readonly builder: ComponentBuilder
  readonly protection: Protection
  readonly emitter: Emitter<RuntimeEvents>
  readonly raise: (draft: HealthEventDraft) => void
  readonly surrender: Surrender
  /** Aborts the preparation of the children. */
  readonly signal: AbortSignal
}

/** What one child keeps over its incarnations. */
type Child = {
  readonly planned: PlannedChild
  readonly component: PreparedComponent
  readonly context: SecurityContext
  readonly documents: Documents
  readonly deadlineMs: number | undefined
}

export class RunningTree {
  readonly settled: Promise<Settlement>
  readonly #supervision: SupervisionTree
  readonly #children: ReadonlyMap<string, Child>
  readonly #powers: TreePowers

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
    for (const planned of planChildren(tree, powers.protection)) {
      children.set(planned.spec.id, await prepareChild(planned, tree, powers))
    }
    introduce(children)
    for (const [id, { component }] of children) {
      await powers.engine.journal.note({
        event: 'policy-loaded',
        component: `component:${id}`,
        reason: `the tree file ${tree.file} approves ${component.digest}`,
      })
      powers.raise({ type: 'policy.loaded', supervisor: tree.root.name, child: id, policyVersion: 1 })
    }
    const running = new RunningTree(tree, children, powers)
    await running.#supervision.start()
    return running
  }

  children(): readonly ChildReport[] {
    return this.#supervision.children().flatMap((view) => {
      const child = this.#children.get(view.id)
      if (child === undefined) return []
      return [{ ...view, component: child.planned.spec.component }]
    })
  }

  async stop(): Promise<void> {
    await this.#supervision.stop()
  }

  #heard(draft: HealthEventDraft): void {
    this.#powers.raise(draft)
    if (draft.type !== 'child.zombie' || this.#supervision.zombies() < zombiesMax) return
    const reason = `${zombiesMax} threads would not end`
    this.#powers.raise({ type: 'host.draining', supervisor: draft.supervisor, reason })
    this.#powers.surrender.declare(reason)
  }

  #settlement(): Settlement {
    const children = this.children()
    return { asExpected: children.every((child) => child.metExpectation), children }
  }

  #plan(child: Child): ChildPlan {
    const { spec } = child.planned
    return {
      id: parseChildId(spec.id),
      restart: spec.restart ?? 'transient',
      ...(spec.expect === undefined ? {} : { expect: spec.expect }),
      shutdownMs: spec.shutdownMs,
      trust: 'unknown',
      port: { start: (incarnation) => this.#startRun(child, incarnation) },
    }
  }

  #startRun(child: Child, incarnation: number): ChildRun {
    const { emitter, engine } = this.#powers
    const id = child.planned.spec.id
    const { actor } = startRun(
      {
        component: child.component,
        context: child.context,
        documents: child.documents,
        incarnation,
        deadlineMs: child.deadlineMs,
        stdin: undefined,
        stdout: (chunk) => emitter.emit('output', { child: id, stream: 'stdout', chunk }),
        stderr: (chunk) => emitter.emit('output', { child: id, stream: 'stderr', chunk }),
        reportGranted: false,
        onDenied: (denied) => emitter.emit('denied', { ...denied, child: id, incarnation }),
      },
      engine,
    )
    return {
      ready: actor.ready,
      exited: actor.exited,
      stuck: actor.stuck,
      stop: () => actor.stop(),
      kill: () => actor.kill(),
    }
  }
}

/** Children whose mounts overlap learn of each other's rules, so that none of them moves a file into another's hands. */
function introduce(children: Map<string, Child>): void {
  const before = [...children]
  const contexts = acquaint(before.map(([, child]) => child.context))
  for (const [index, [id, child]] of before.entries())
    children.set(id, { ...child, context: contexts[index] ?? child.context })
}

async function prepareChild(planned: PlannedChild, tree: Tree, powers: TreePowers): Promise<Child> {
  const { spec } = planned
  // An embedded manifest comes before those beside the file, after the one that the tree names; its memory quota is only
  // known once the component was read, so the cap is the tree's or the file's, and the default else.
  const fileQuotas = planned.manifest?.quotas
  const memoryBytesMax = narrowest(spec.quotas?.memoryBytes, fileQuotas?.memoryBytes) ?? defaultQuotas.memoryBytes
  const component = await prepare(planned, tree, memoryBytesMax, powers)
  const manifest = manifestOf(planned, component)
  const context = joinContext({
    principal: `component:${spec.id}`,
    componentId: manifest?.component.id ?? spec.id,
    policyVersion: 1,
    layers: [{ layer: 'manifest', grants: manifest?.capabilities ?? [] }],
    operator: [],
    deny: [],
    forbidden: powers.protection.rules,
    ownDirectories: powers.protection.directories,
    mounts: planned.mounts,
    args: spec.args.length === 0 ? [component.name] : spec.args,
    environment: planned.environment,
    limits: contextLimits(memoryBytesMax, narrowest(spec.quotas?.handles, manifest?.quotas.handles)),
  })
  return {
    planned,
    component,
    context,
    documents: {
      tree: { file: tree.file, line: spec.at.line },
      ...(manifest === undefined ? {} : { manifest: { file: manifest.file, line: manifest.capabilitiesAt.line } }),
    },
    deadlineMs: narrowest(spec.deadlineMs, spec.quotas?.deadlineMs, manifest?.quotas.deadlineMs),
  }
}

async function prepare(planned: PlannedChild, tree: Tree, memoryBytesMax: number, { builder, signal }: TreePowers) {
  try {
    return await builder.prepare({ file: planned.componentFile }, { memoryBytesMax, signal })
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || thrown instanceof DocumentError) throw thrown
    const { line, column } = tree.positionOf(['children', planned.spec.id, 'component'], 'value')
    throw new BulkheadError(thrown.code, `${tree.file}:${line}:${column}: ${thrown.message}`, {
      details: thrown.details,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      cause: thrown,
    })
  }
}

/** SPEC 4: the tree entry's `manifest`, then the custom section, then those beside the file. */
function manifestOf(planned: PlannedChild, component: PreparedComponent): Manifest | undefined {
  if (planned.spec.manifest === undefined && component.embeddedManifest !== undefined) {
    return parseManifest(component.embeddedManifest, { file: `${planned.componentFile}#bulkhead:manifest` })
  }
  return planned.manifest
}

function narrowest(...values: readonly (number | undefined)[]): number | undefined {
  const written = values.filter((value) => value !== undefined)
  return written.length === 0 ? undefined : Math.min(...written)
}
