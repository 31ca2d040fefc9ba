// What all pages look at: one look at the tree a second for all of them, and none where nobody looks. What changed is
// numbered; a page remembers the numbers that it has seen, so that one that reads slowly gets the newest state and no queue.

import type { ReviewSummary, TreeReport } from '@bulkhead/admin'
import type { HealthEvent, HealthReport, Runtime } from 'bulkhead'
import type { SampleReport } from './api-types.js'
import { DenialLog } from './denial-log.js'
import { lookAgainMs, lookedMs, reviewLooks, sampleMs, samplesKeptMax } from './limits.js'
import { Ring } from './ring.js'
import { type DeniedBefore, deniedUntil, sampleOf } from './sample-of.js'

/** Something that changes as a whole. */
export type Whole<Value> = { readonly value: Value; readonly json: string; readonly version: number }

export class Board {
  readonly denials: DenialLog
  readonly samples = new Ring<SampleReport>(samplesKeptMax)
  tree: Whole<TreeReport> | undefined
  health: Whole<HealthReport> | undefined
  reviews: Whole<readonly ReviewSummary[]> | undefined
  readonly #runtime: Runtime
  readonly #wallMs: () => number
  readonly #listeners = new Set<() => void>()
  readonly #unsubscribe: () => void
  #clock: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined
  #lookedUntil = 0
  #looks = 0
  #before: DeniedBefore | undefined
  #isAsking = false
  #isClosed = false

  constructor(runtime: Runtime, wallMs: () => number = Date.now) {
    this.#runtime = runtime
    this.#wallMs = wallMs
    this.denials = new DenialLog(runtime, wallMs, () => this.#tell())
    this.#unsubscribe = runtime.on('health', (event) => this.#heard(event))
  }

  /** Somebody looks: from now on, for a minute, there is a sample each second. */
  look(): void {
    this.#lookedUntil = this.#wallMs() + lookedMs
    if (this.#clock !== undefined || this.#isClosed) return
    // What was refused while nobody looked is not of the first second.
    this.#before = undefined
    this.#looks = 0
    this.#clock = setInterval(() => this.#tick(), sampleMs)
    this.#clock.unref()
    this.#tick()
  }

  /** @returns ends it */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.look()
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#isClosed = true
    this.#rest()
    clearTimeout(this.#soon)
    this.#unsubscribe()
    this.denials.close()
  }

  #rest(): void {
    clearInterval(this.#clock)
    this.#clock = undefined
  }

  #tick(): void {
    const now = this.#wallMs()
    if (this.#listeners.size > 0) this.#lookedUntil = now + lookedMs
    if (now > this.#lookedUntil) {
      this.#rest()
      return
    }
    const report = this.#lookAtTree()
    if (report !== undefined) {
      this.samples.push(sampleOf(report, now, this.#before))
      this.#before = deniedUntil(report, now)
    }
    if (this.#looks % reviewLooks === 0) void this.#lookAtReviews()
    this.#looks += 1
    this.#tell()
  }

  #heard({ type }: HealthEvent): void {
    if (this.#clock === undefined) return
    if (/^(?:approval|policy)\.|^child\.(?:waiting|removed|upgraded)$/.test(type)) void this.#lookAtReviews()
    if (this.#soon !== undefined) return
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      this.#lookAtTree()
      this.#tell()
    }, lookAgainMs)
    this.#soon.unref()
  }

  /** Called by timers: what it threw would end the host application. */
  #lookAtTree(): TreeReport | undefined {
    this.health = renewed(this.health, this.#runtime.health())
    try {
      const report = this.#runtime.report()
      this.tree = renewed(this.tree, report)
      return report
    } catch {
      // A runtime without a tree has a health and nothing to sample.
      return undefined
    }
  }

  /** One at a time; what comes meanwhile is seen by the next look. */
  async #lookAtReviews(): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    try {
      this.reviews = renewed(this.reviews, await this.#runtime.approvals.list())
      this.#tell()
    } catch {
      // A runtime that stops meanwhile has no queue any more; the page learns of it by its stream's end.
    } finally {
      this.#isAsking = false
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function renewed<Value>(old: Whole<Value> | undefined, value: Value): Whole<Value> {
  const json = JSON.stringify(value)
  return old?.json === json ? old : { value, json, version: (old?.version ?? 0) + 1 }
}
