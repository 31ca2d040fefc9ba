/** A source of time that is handed in, so that deciding code can be run under a simulated one. */
export type Clock = {
  /** Monotonic nanoseconds; one origin for all threads of the process. */
  readonly monotonicNs: () => bigint
  /** Wall clock, milliseconds since 1970 UTC: only for what is shown or persisted. */
  readonly wallMs: () => number
  /** Runs `fire` once after `delayMs`; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void
}

/** A clock that moves only when told to: `advance` fires what falls due, in order. For tests and the simulation. */
export class SimulatedClock implements Clock {
  #nowMs = 0
  #sequence = 0
  readonly #timers = new Map<number, { readonly dueMs: number; readonly fire: () => void }>()

  readonly monotonicNs = (): bigint => BigInt(Math.round(this.#nowMs * 1e6))
  readonly wallMs = (): number => this.#nowMs

  readonly after = (delayMs: number, fire: () => void): (() => void) => {
    const key = this.#sequence++
    this.#timers.set(key, { dueMs: this.#nowMs + delayMs, fire })
    return () => this.#timers.delete(key)
  }

  /** Moves time forward by `ms`, firing every timer that falls due, earliest first, those of one instant in order of their making. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (;;) {
      let next: { key: number; dueMs: number; fire: () => void } | undefined
      for (const [key, timer] of this.#timers) {
        if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = { key, ...timer }
      }
      if (next === undefined) break
      this.#timers.delete(next.key)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.fire()
    }
    this.#nowMs = untilMs
  }

  get pendingTimers(): number {
    return this.#timers.size
  }
}
