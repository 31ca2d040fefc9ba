import { labelledChildrenMax } from '../limits.js'
import type { MetricName } from './metric-families.js'

/** The name for the children that are not named; no child can have it. */
export const otherChildren = '(others)'

export type KeptCount = {
  readonly name: MetricName
  readonly labels: Readonly<Record<string, string>>
  value: number
}

/**
 * Which children have series of their own: as many as there is room for, in the order of the tree. Who was told of among the
 * others stays there, and what was counted of who is gone stays in their sums.
 *
 * INVARIANT (others never fall): from one look to the next the sum of a counter over the others does not fall.
 */
export class ChildNames {
  readonly #named = new Set<string>()
  /** By child that is not named, then by series: what was counted at the last look. */
  readonly #others = new Map<string, Map<string, KeptCount>>()
  /** By series: of those who are gone, or began again. */
  readonly #gone = new Map<string, KeptCount>()

  /** @param children all that there are at this look */
  look(children: readonly string[]): void {
    const present = new Set(children)
    for (const child of this.#named) if (!present.has(child)) this.#named.delete(child)
    for (const [child, counts] of this.#others) {
      if (present.has(child)) continue
      for (const [series, count] of counts) this.#keep(series, count)
      this.#others.delete(child)
    }
    for (const child of children) {
      if (this.#named.has(child) || this.#others.has(child)) continue
      if (this.#named.size < labelledChildrenMax) this.#named.add(child)
      else this.#others.set(child, new Map())
    }
  }

  has(child: string): boolean {
    return this.#named.has(child)
  }

  get others(): number {
    return this.#others.size
  }

  /** A counter of a child that is not named. */
  note(child: string, series: string, count: KeptCount): void {
    const counts = this.#others.get(child)
    const before = counts?.get(series)
    if (before !== undefined && before.value > count.value) this.#keep(series, before)
    counts?.set(series, count)
  }

  get gone(): Iterable<KeptCount> {
    return this.#gone.values()
  }

  #keep(series: string, { name, labels, value }: KeptCount): void {
    const kept = this.#gone.get(series)
    if (kept === undefined) this.#gone.set(series, { name, labels, value })
    else kept.value += value
  }
}
