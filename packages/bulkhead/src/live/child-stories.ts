import type { HealthEvent } from '@bulkhead/vocabulary'

/** What health events tell of a child and its view does not. */
export type ChildStory = {
  readonly health: 'healthy' | 'degraded'
  /** When that began: wall clock, milliseconds. */
  readonly healthSince: number
  /** Why it is degraded, or what it waits for. */
  readonly reason?: string
}

/** Listens to health events, and keeps the last of each child that still matters. */
export class ChildStories {
  readonly #stories = new Map<string, ChildStory>()

  note({ child, type, time, reason }: HealthEvent): void {
    if (child === undefined) return
    switch (type) {
      case 'child.degraded':
        this.#stories.set(child, { health: 'degraded', healthSince: time, ...(reason === undefined ? {} : { reason }) })
        break
      case 'child.healthy':
        this.#stories.set(child, { health: 'healthy', healthSince: time })
        break
      case 'child.ready':
        // What it waited for is history. A quota that it overruns is not: who said that it is degraded will say when it ends.
        if (this.#stories.get(child)?.health !== 'degraded') this.#stories.delete(child)
        break
      case 'child.waiting':
        this.#stories.set(child, { health: 'healthy', healthSince: time, ...(reason === undefined ? {} : { reason }) })
        break
      case 'child.removed':
        this.#stories.delete(child)
        break
    }
  }

  of(child: string): ChildStory | undefined {
    return this.#stories.get(child)
  }
}
