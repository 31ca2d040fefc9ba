// One child of a running tree: what it keeps over its incarnations, and how changes of authority reach it.

import type { Settled } from '@bulkhead/actor'
import type { Binding } from '@bulkhead/admin'
import type { PreparedComponent } from '@bulkhead/component'
import type { ContextMount, ContextReduction, Documents, Neighbour, SecurityContext } from '@bulkhead/security-context'
import type { AdmissionPort } from '@bulkhead/supervisors'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Effect } from './authority/desk-core.js'
import type { Judgement, Obstacle } from './authority/judge.js'
import { MemberTotals, type RunTotals, totalsOf } from './metrics/run-totals.js'
import type { StartedRun } from './run-actor.js'
import { serviceQuotas } from './services/service-quotas.js'

/** What a run needs besides what was judged. */
export type ChildRunFacts = {
  readonly mounts: readonly ContextMount[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  /** What `wasi:config` gives. */
  readonly configuration: readonly (readonly [name: string, value: string])[]
  /** What it gives besides. */
  readonly secretNames: readonly string[]
}

type MemberRun = {
  readonly started: StartedRun
  readonly incarnation: number
  /** What its rung takes away. */
  readonly reduction: ContextReduction | undefined
  readonly memoryBytesMax: number
}

/**
 * A child of the tree. Its context is replaced as a whole; whoever starts a run takes the present one.
 *
 * INVARIANT (later-version): a context that replaces another has a higher version, also when only what it knows of its
 * neighbours has changed.
 */
export class LiveChild {
  readonly id: string
  /** What the next start runs; the cap of linear memory is part of it. */
  component: PreparedComponent
  /** That cap. */
  memoryBytesMax: number
  #facts: ChildRunFacts
  #judgement: Judgement
  #documents: Documents
  #context: SecurityContext
  /** Why there is no component with the memory cap that it may have now. */
  #unfit: BulkheadError | undefined
  /** By member; of a pool each runs by itself, under the one context. */
  readonly #runs = new Map<string, MemberRun>()
  readonly #totals = new Map<string, MemberTotals>()
  #isBeingJudged = false
  readonly #listeners = new Set<() => void>()

  constructor(judgement: Judgement, documents: Documents, component: PreparedComponent, facts: ChildRunFacts) {
    this.id = judgement.subject.child
    this.component = component
    this.memoryBytesMax = judgement.limits.memoryBytes.value
    this.#judgement = judgement
    this.#documents = documents
    this.#facts = facts
    this.#context = judgement.contextAt(1, facts)
  }

  get judgement(): Judgement {
    return this.#judgement
  }

  /** Why it may not start, in words. */
  get obstacle(): string | undefined {
    if (this.#unfit !== undefined) return `${this.#unfit.code}: ${this.#unfit.message} (${this.#unfit.hint ?? ''})`
    return this.#judgement.obstacle === undefined ? undefined : obstacleText(this.#judgement.obstacle)
  }

  get context(): SecurityContext {
    return this.#context
  }

  /** The present context as a run gets it, less what its rung takes away. */
  contextFor(reduction: ContextReduction | undefined): SecurityContext {
    if (reduction === undefined) return this.#context
    const { policyVersion, neighbours } = this.#context.worker
    const context = this.#judgement.contextAt(policyVersion, this.#facts, reduction)
    return { ...context, worker: { ...context.worker, neighbours } }
  }

  /** The context that another judgement would give it, under its present version. */
  contextBy(judgement: Judgement): SecurityContext {
    return judgement.contextAt(this.#context.worker.policyVersion, this.#facts)
  }

  get documents(): Documents {
    return this.#documents
  }

  /** What the supervisor asks before each start. */
  admission(isStillJudged: () => boolean, judgeAgain: () => void): AdmissionPort {
    return {
      state: () => {
        if (!this.#isBeingJudged && !isStillJudged()) {
          this.#isBeingJudged = true
          judgeAgain()
        }
        if (this.#isBeingJudged) return { kind: 'waiting', reason: 'judged-again' }
        const code = this.#unfit?.code ?? this.#judgement.obstacle?.code
        return code === undefined ? { kind: 'open' } : { kind: 'waiting', reason: code }
      },
      onChange: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
    }
  }

  /**
   * Takes a newer judgement; the supervisor hears of it by {@link announce}, after what binds it is in force.
   *
   * @param component for the next start; or why there is none, and then there is no next start
   */
  take(judgement: Judgement, documents: Documents, component: PreparedComponent | BulkheadError): void {
    this.#judgement = judgement
    this.#documents = documents
    this.#unfit = component instanceof BulkheadError ? component : undefined
    if (!(component instanceof BulkheadError)) {
      this.component = component
      this.memoryBytesMax = judgement.limits.memoryBytes.value
    }
    this.#isBeingJudged = false
    this.#context = judgement.contextAt(this.#context.worker.policyVersion + 1, this.#facts)
  }

  /** What its next start has besides; to be followed by {@link take}. */
  equip(facts: ChildRunFacts): void {
    this.#facts = facts
  }

  /** Tells it of other neighbours than before. Its own rules stay the very same objects. */
  meet(neighbours: readonly Neighbour[], version: number): void {
    const table = { ...this.#context.table, version }
    const worker = { ...this.#context.worker, policyVersion: version, table, neighbours }
    this.#context = { ...this.#context, table, worker }
  }

  /** The admission may be another one than before. */
  announce(): void {
    for (const listener of this.#listeners) listener()
  }

  run(member: string, started: StartedRun, incarnation: number, reduction?: ContextReduction): void {
    const memoryBytesMax = Math.floor(this.memoryBytesMax / (reduction?.memoryDivisor ?? 1))
    this.#runs.set(member, { started, incarnation, reduction, memoryBytesMax })
    const totals = this.#totals.get(member) ?? new MemberTotals()
    this.#totals.set(member, totals)
    totals.begin(() => totalsOf(started.actor, started.services))
    void started.actor.exited.then(({ usage }) => {
      totals.end(usage.cpuMs)
      if (this.#runs.get(member)?.started === started) this.#runs.delete(member)
    })
  }

  /** What all runs of a member come to; `undefined` where there was none. */
  totalsOf(member: string): RunTotals | undefined {
    return this.#totals.get(member)?.sum()
  }

  /** That member is gone for good. */
  dismiss(member: string): void {
    this.#totals.delete(member)
  }

  /** How much of its rate of audit records a member that runs has spent. */
  auditSpentOf(member: string) {
    return this.#runs.get(member)?.started.auditSpent()
  }

  /** How much of what the services give it a member that runs uses. */
  serviceGaugesOf(member: string) {
    return this.#runs.get(member)?.started.services.gauges() ?? []
  }

  /** The cap of linear memory of a member that runs. */
  memoryBytesMaxOf(member: string): number | undefined {
    return this.#runs.get(member)?.memoryBytesMax
  }

  /** The actor of a member that runs. */
  actorOf(member: string) {
    return this.#runs.get(member)?.started.actor
  }

  /** Hands the present context to what runs; `settle` tells when nothing goes on under older rules. */
  publish(): { readonly settle: (effect: Effect) => Promise<Binding> } {
    const runs = [...this.#runs.values()]
    const { policyVersion } = this.#context.worker
    for (const { started, reduction } of runs) {
      const context = this.contextFor(reduction)
      const { table, neighbours, limits } = context.worker
      started.collector.follow(context, this.#documents)
      started.services.changeQuotas(serviceQuotas(this.#judgement.limits, reduction?.rateDivisor))
      started.actor.replaceContext({ policyVersion, table, neighbours, limits })
    }
    return {
      settle: async (effect) => {
        // What only widens takes nothing from a call that has begun: none is waited for, and none is stopped.
        const settled = runs.map(async ({ started, incarnation }) => ({
          incarnation,
          how: effect === 'widens' ? 'left' : await started.actor.settleOn(policyVersion),
        }))
        return bindingOf(this.id, await Promise.all(settled))
      },
    }
  }
}

/** One answer for all members: what went worst with any of them. */
function bindingOf(
  child: string,
  settled: readonly { readonly incarnation: number; readonly how: Settled }[],
): Binding {
  const [first] = settled
  if (first === undefined) return { child, within: 'next-start', stuck: false }
  return {
    child,
    incarnation: first.incarnation,
    within: 'running',
    stuck: settled.some(({ how }) => how === 'zombie' || how === 'stalled'),
    ...(settled.some(({ how }) => how === 'stopped') ? { stopped: true } : {}),
  }
}

/** `approval-required: no source of trust.toml matches (bulkhead review ingest, then …)` */
function obstacleText({ code, reason, hint }: Obstacle): string {
  return `${code}: ${reason} (${hint})`
}
