import { heartbeatCheckMs, stallMs } from './limits.js'

export type StallEvents = { readonly onStalled: (reason: string) => void; readonly onResumed: () => void }

const looksUntilStalled = stallMs / heartbeatCheckMs

/**
 * Watches the journal's heartbeat. It counts its own looks, not the clock: a host that was busy, or a machine that slept,
 * must not take its own absence for the journal's.
 */
export class StallWatch {
  readonly #heartbeat: Int32Array
  readonly #events: StallEvents
  #seen = -1
  #looks = 0
  #stalled = false
  #reason = 'the journal makes no progress'

  constructor(heartbeat: Int32Array, events: StallEvents) {
    this.#heartbeat = heartbeat
    this.#events = events
  }

  /** To be called once a second. */
  look(): void {
    const now = Atomics.load(this.#heartbeat, 0)
    if (now !== this.#seen) {
      this.#seen = now
      this.#looks = 0
      if (!this.#stalled) return
      this.#stalled = false
      this.#events.onResumed()
      return
    }
    this.#looks++
    if (this.#looks >= looksUntilStalled) this.stall(this.#reason)
  }

  /** What the journal said about its trouble, for the event. */
  explain(reason: string): void {
    this.#reason = reason
  }

  /** It is stalled for certain. */
  stall(reason: string): void {
    if (this.#stalled) return
    this.#stalled = true
    this.#events.onStalled(reason)
  }
}
