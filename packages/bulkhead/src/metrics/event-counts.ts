import type { HealthEvent } from '@bulkhead/vocabulary'

/** What only health events tell: how often which of them came, and how runs ended. */
export class EventCounts {
  readonly #byType = new Map<string, number>()
  /** By child, then by class. A child that is gone for good is forgotten. */
  readonly #exits = new Map<string, Map<string, number>>()

  note({ type, child, class: fault = 'normal' }: HealthEvent): void {
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + 1)
    if (child === undefined) return
    if (type === 'child.removed') this.#exits.delete(child)
    if (type !== 'child.exited') return
    const exits = this.#exits.get(child) ?? new Map<string, number>()
    this.#exits.set(child, exits)
    exits.set(fault, (exits.get(fault) ?? 0) + 1)
  }

  get types(): Iterable<readonly [type: string, count: number]> {
    return this.#byType
  }

  exitsOf(child: string): Iterable<readonly [fault: string, count: number]> {
    return this.#exits.get(child) ?? []
  }
}
