/** How long something took, in milliseconds. */
export type Durations = { readonly count: number; readonly totalMs: number; readonly maxMs: number }

/** Counters of a registry since it was opened (SPEC 11). */
export type RegistryMetrics = {
  /** Reading documents. */
  readonly parse: Durations
  /** What callers do before a version is written: limits, conflicts, compiling contexts. */
  readonly validate: Durations
  readonly cacheHits: number
  readonly cacheMisses: number
  /** New versions by update and edit. */
  readonly updates: number
  readonly rollbacks: number
  readonly removals: number
  /** Changes that said what the current version already says. */
  readonly unchanged: number
  /** Changes that were refused. */
  readonly rejected: number
  /** Rounds that were repeated because another change came first. */
  readonly conflicts: number
}

/** Measures one kind of work with the clock that it was given. */
export class Stopwatch {
  readonly #monotonicNs: () => bigint
  #durations: Durations = { count: 0, totalMs: 0, maxMs: 0 }

  constructor(monotonicNs: () => bigint) {
    this.#monotonicNs = monotonicNs
  }

  get durations(): Durations {
    return this.#durations
  }

  /** Notes the time from now until the returned function is called. */
  start(): () => void {
    const from = this.#monotonicNs()
    return () => {
      const ms = Number(this.#monotonicNs() - from) / 1e6
      const { count, totalMs, maxMs } = this.#durations
      this.#durations = { count: count + 1, totalMs: totalMs + ms, maxMs: Math.max(maxMs, ms) }
    }
  }
}
