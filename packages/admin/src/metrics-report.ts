// What a running process answers about its numbers. `docs/metrics.md` says what each of them means.

/** One family of numbers, in the order in which they are told. */
export type MetricFamilyReport = {
  readonly name: string
  readonly unit: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

export type MetricsReport = {
  /** Wall clock, milliseconds. */
  readonly time: number
  readonly families: readonly MetricFamilyReport[]
  /** Children that are told of together. */
  readonly others: number
}
