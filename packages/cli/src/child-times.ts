import type { HealthEvent } from '@bulkhead/vocabulary'

/** How long each child's story took: from its first start to the last thing that happened to it. */
export class ChildTimes {
  readonly #times = new Map<string, { firstMs: number; lastMs: number }>()

  note(event: HealthEvent): void {
    if (event.child === undefined) return
    const known = this.#times.get(event.child)
    if (known === undefined) this.#times.set(event.child, { firstMs: event.time, lastMs: event.time })
    else known.lastMs = event.time
  }

  /** Milliseconds; `undefined` for a child of which nothing was heard. */
  of(child: string): number | undefined {
    const known = this.#times.get(child)
    return known === undefined ? undefined : known.lastMs - known.firstMs
  }
}
