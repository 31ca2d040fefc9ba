// Perimeter: asks the process how it is.

import { performance } from 'node:perf_hooks'
import type { TreeReport } from '@bulkhead/admin'
import type { RegistryMetrics } from '@bulkhead/policy'
import type { HealthReport } from '../health/health-report.js'
import type { MessageReport } from '../messages/message-desk.js'
import type { EventCounts } from './event-counts.js'
import { type MemberMeter, measure, type ProcessMeter } from './measure.js'
import type { MetricsSnapshot } from './metric-sheet.js'
import { observe } from './open-telemetry.js'

/** What is counted where. */
export type MetricSources = {
  readonly wallMs: () => number
  readonly health: () => HealthReport
  /** `undefined` where no tree runs; so of the others. */
  readonly tree: () => TreeReport | undefined
  readonly members: () => readonly MemberMeter[]
  readonly messages: () => MessageReport | undefined
  readonly registry: () => RegistryMetrics | undefined
  readonly events: EventCounts
}

/** The numbers of one runtime. */
export class MetricsDesk {
  readonly #sources: MetricSources
  readonly #stopObserving: () => void
  #loop = performance.eventLoopUtilization()

  constructor(version: string, sources: MetricSources) {
    this.#sources = sources
    this.#stopObserving = observe(version, () => this.snapshot())
  }

  snapshot(): MetricsSnapshot {
    const { wallMs, health, tree, members, messages, registry, events } = this.#sources
    return measure({
      ...{ now: wallMs(), health: health(), children: tree()?.children ?? [], members: members() },
      ...{ messages: messages(), registry: registry(), events, process: this.#process() },
    })
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
