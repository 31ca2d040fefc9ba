import type { ChildId } from '@bulkhead/vocabulary'
import type { StormGuard } from './planning/storm-guard.js'

/** Children whose backoff is over and who wait for the storm guard, oldest first. Each stands here at most once: the roster bounds it. */
export class TurnQueue {
  readonly #guard: StormGuard
  readonly #nowMs: () => number
  readonly #waiting = new Set<ChildId>()
  #delayMs = 0

  constructor(guard: StormGuard, nowMs: () => number) {
    this.#guard = guard
    this.#nowMs = nowMs
  }

  ask(id: ChildId): void {
    this.#waiting.add(id)
  }

  /** Calls `start` for as many as may start now. Those that no longer want to are dropped without using a turn. */
  give(wants: (id: ChildId) => boolean, start: (id: ChildId) => void): void {
    this.#delayMs = 0
    for (const id of this.#waiting) {
      if (wants(id)) {
        this.#delayMs = this.#guard.take(this.#nowMs())
        if (this.#delayMs > 0) return
        start(id)
      }
      this.#waiting.delete(id)
    }
  }

  /** Milliseconds until the next one may start, as of the last `give`; 0 when nobody waits. */
  get delayMs(): number {
    return this.#delayMs
  }
}
