import type { MetricsSnapshot } from './metric-sheet.js'

export type MetricsApi = {
  /**
   * Every number of the runtime and its children, taken now from what they count anyway. `metricFamilies` says what each of them
   * means. Where the host application has set a meter provider of OpenTelemetry before, it reads the same ones.
   *
   * @example
   * ```ts
   * const { families } = runtime.metrics()
   * const depth = families.find(({ name }) => name === 'bulkhead.mailbox.depth')
   * for (const { labels, value } of depth?.samples ?? []) console.log(labels.child, value)
   * ```
   */
  readonly metrics: () => MetricsSnapshot
}
