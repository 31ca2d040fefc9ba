// Perimeter: asks the process how it is.

import { performance } from 'node:perf_hooks'
import type { ChildStatus } from '@bulkhead/admin'
import type { JournalLoad } from '@bulkhead/audit'
import type { RegistryMetrics } from '@bulkhead/policy'
import type { HealthReport } from '../health/health-report.js'
import type { MessageReport } from '../messages/message-desk.js'
import { ChildNames } from './child-names.js'
import type { EventCounts } from './event-counts.js'
import { type MemberMeter, measure, type ProcessMeter } from './measure.js'
import type { MetricsSnapshot } from './metric-sheet.js'
import { observe } from './open-telemetry.js'
import { noTotals, type RunTotals } from './run-totals.js'

/** What a tree has counted, all of it looked at once. */
export type TreeMeter = {
  readonly children: readonly ChildStatus[]
  readonly members: readonly MemberMeter[]
  /** Of children that are gone. */
  readonly gone: RunTotals
  readonly messages: MessageReport
}

/** What is counted where. */
export type MetricSources = {
  readonly wallMs: () => number
  readonly health: () => HealthReport
  /** `undefined` where no tree runs; so of the others. */
  readonly tree: () => TreeMeter | undefined
  readonly journal: () => JournalLoad
  readonly registry: () => RegistryMetrics | undefined
  readonly events: EventCounts
}

/** The numbers of one runtime. */
export class MetricsDesk {
  readonly #sources: MetricSources
  readonly #stopObserving: () => void
  readonly #names = new ChildNames()
  #loop = performance.eventLoopUtilization()

  constructor(version: string, sources: MetricSources) {
    this.#sources = sources
    this.#stopObserving = observe(version, () => this.snapshot())
  }

  snapshot(): MetricsSnapshot {
    const { wallMs, health, tree, journal, registry, events } = this.#sources
    const { children = [], members = [], gone = noTotals, messages } = tree() ?? {}
    const measured = {
      ...{ now: wallMs(), health: health(), children, members, gone, messages, journal: journal() },
      ...{ registry: registry(), events, process: this.#process() },
    }
    return measure(measured, this.#names)
  }

  close(): void {
    this.#stopObserving()
  }

  #process(): ProcessMeter {
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed, external } = process.memoryUsage()
    const before = this.#loop
    this.#loop = performance.eventLoopUtilization()
    return {
      cpuSeconds: (user + system) / 1e6,
      ...{ rssBytes: rss, heapBytes: heapUsed, externalBytes: external },
      eventLoopUse: performance.eventLoopUtilization(this.#loop, before).utilization,
    }
  }
}
