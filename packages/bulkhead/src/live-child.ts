// One child of a running tree: what it keeps over its incarnations, and how changes of authority reach it.

import type { Binding } from '@bulkhead/admin'
import type { PreparedComponent } from '@bulkhead/component'
import type { ContextMount, Documents, Neighbour, SecurityContext } from '@bulkhead/security-context'
import type { AdmissionPort } from '@bulkhead/supervisors'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Effect } from './authority/desk-core.js'
import type { Judgement, Obstacle } from './authority/judge.js'
import type { StartedRun } from './run-actor.js'

/** What a run needs besides what was judged. */
export type ChildRunFacts = {
  readonly mounts: readonly ContextMount[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
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
  readonly #facts: ChildRunFacts
  #judgement: Judgement
  #documents: Documents
  #context: SecurityContext
  /** Why there is no component with the memory cap that it may have now. */
  #unfit: BulkheadError | undefined
  #started: StartedRun | undefined
  #incarnation: number | undefined
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

  run(started: StartedRun, incarnation: number): void {
    this.#started = started
    this.#incarnation = incarnation
    void started.actor.exited.then(() => {
      if (this.#started === started) this.#started = undefined
    })
  }

  counters() {
    return this.#started?.actor.counters()
  }

  /** Hands the present context to the run, if there is one; `settle` tells when nothing goes on under older rules. */
  publish(): { readonly settle: (effect: Effect) => Promise<Binding> } {
    const started = this.#started
    const { table, neighbours, policyVersion, limits } = this.#context.worker
    started?.collector.follow(this.#context, this.#documents)
    started?.actor.replaceContext({ policyVersion, table, neighbours, limits })
    return {
      settle: async (effect) => {
        if (started === undefined) return { child: this.id, within: 'next-start', stuck: false }
        // What only widens takes nothing from a call that has begun: none is waited for, and none is stopped.
        const how = effect === 'widens' ? 'left' : await started.actor.settleOn(policyVersion)
        return {
          child: this.id,
          ...(this.#incarnation === undefined ? {} : { incarnation: this.#incarnation }),
          within: 'running',
          stuck: how === 'zombie',
          ...(how === 'stopped' ? { stopped: true } : {}),
        }
      },
    }
  }
}

/** `approval-required: no source of trust.toml matches (bulkhead review ingest, then …)` */
function obstacleText({ code, reason, hint }: Obstacle): string {
  return `${code}: ${reason} (${hint})`
}
