import type { HealthEvent } from '@bulkhead/vocabulary'

/** What health events tell of a child and its view does not. */
export type ChildStory = {
  readonly health: 'healthy' | 'degraded'
  /** When that began: wall clock, milliseconds. */
  readonly healthSince: number
  /** Why it is degraded, or what it waits for. */
  readonly reason?: string
  /** When a restart is due that was planned last: wall clock. */
  readonly restartAt?: number
}

/** Listens to health events, and keeps the last of each child that still matters. */
export class ChildStories {
  readonly #stories = new Map<string, ChildStory>()

  note({ child, type, time, reason, delayMs }: HealthEvent): void {
    if (child === undefined) return
    switch (type) {
      case 'child.degraded':
        this.#stories.set(child, { health: 'degraded', healthSince: time, ...(reason === undefined ? {} : { reason }) })
        break
      case 'child.ready':
      case 'child.restarted':
      case 'child.healthy':
        this.#stories.set(child, { health: 'healthy', healthSince: time })
        break
      case 'child.waiting':
        this.#stories.set(child, { health: 'healthy', healthSince: time, ...(reason === undefined ? {} : { reason }) })
        break
      case 'child.restarting':
        this.#stories.set(child, { health: 'healthy', healthSince: time, restartAt: time + (delayMs ?? 0) })
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
