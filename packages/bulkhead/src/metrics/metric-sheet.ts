import { type ChildNames, otherChildren } from './child-names.js'
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

type Labels = MetricSample['labels']

const familyOf = new Map(metricFamilies.map((family) => [family.name, family]))

/** Where numbers are written down. How many series there are is bounded, whatever the tree is. */
export class MetricSheet {
  readonly #names: ChildNames
  readonly #samples = new Map<MetricName, Map<string, { readonly labels: Labels; value: number }>>()

  /** @param names that have looked at the children of this moment */
  constructor(names: ChildNames) {
    this.#names = names
  }

  put(name: MetricName, value: number, labels: Labels = {}): void {
    const { child } = labels
    if (child === undefined || this.#names.has(child)) {
      this.#write(name, value, labels)
      return
    }
    const told = { ...labels, child: otherChildren }
    this.#write(name, value, told)
    if (familyOf.get(name)?.type !== 'counter') return
    this.#names.note(child, `${name} ${JSON.stringify(Object.values(told))}`, { name, labels: told, value })
  }

  /** What was put, with what is kept of children that are gone. To be called once. */
  snapshot(time: number): MetricsSnapshot {
    for (const { name, labels, value } of this.#names.gone) this.#write(name, value, labels)
    const families = metricFamilies.map((family) => ({
      ...family,
      samples: [...(this.#samples.get(family.name)?.values() ?? [])],
    }))
    return { time, families, others: this.#names.others }
  }

  #write(name: MetricName, value: number, labels: Labels): void {
    const samples = this.#samples.get(name) ?? new Map()
    this.#samples.set(name, samples)
    // Labels come in one order for each family.
    const key = Object.values(labels).join('\n')
    const known = samples.get(key)
    if (known === undefined) samples.set(key, { labels, value })
    else known.value = familyOf.get(name)?.together === 'max' ? Math.max(known.value, value) : known.value + value
  }
}
