import { labelledChildrenMax } from '../limits.js'
import { type MetricFamily, type MetricName, metricFamilies } from './metric-families.js'

export type MetricSample = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

/** Every number of a runtime at one moment. */
export type MetricsSnapshot = {
  /** Wall clock, milliseconds. */
  readonly time: number
  readonly families: readonly (MetricFamily & { readonly samples: readonly MetricSample[] })[]
  /** Children that are told of together, as `(others)`: there are more than 1,000. */
  readonly others: number
}

/** The name for the children that are not named; no child can have it. */
export const otherChildren = '(others)'

const familyOf = new Map(metricFamilies.map((family) => [family.name, family]))

/** Where numbers are written down. How many series there are is bounded, whatever the tree is. */
export class MetricSheet {
  readonly #named: ReadonlySet<string>
  readonly #samples = new Map<MetricName, Map<string, { readonly labels: MetricSample['labels']; value: number }>>()
  readonly #others: number

  /** @param children in the order in which they are named, while there is room */
  constructor(children: readonly string[]) {
    this.#named = new Set(children.slice(0, labelledChildrenMax))
    this.#others = children.length - this.#named.size
  }

  put(name: MetricName, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const samples = this.#samples.get(name) ?? new Map()
    this.#samples.set(name, samples)
    const { child } = labels
    const told = child === undefined || this.#named.has(child) ? labels : { ...labels, child: otherChildren }
    const key = JSON.stringify(Object.values(told))
    const known = samples.get(key)
    if (known === undefined) samples.set(key, { labels: told, value })
    else known.value = familyOf.get(name)?.together === 'max' ? Math.max(known.value, value) : known.value + value
  }

  snapshot(time: number): MetricsSnapshot {
    const families = metricFamilies.map((family) => ({
      ...family,
      samples: [...(this.#samples.get(family.name)?.values() ?? [])],
    }))
    return { time, families, others: this.#others }
  }
}
