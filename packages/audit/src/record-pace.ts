/**
 * An actor's audit rate, as a bucket that holds one second's worth: who writes faster waits, nobody else does, and nothing
 * is dropped. Counted in integers: a record moves the theoretical arrival time by its cost (GCRA).
 */
export class RecordPace {
  readonly #costNs: bigint
  readonly #burstNs: bigint
  readonly #clock: () => bigint
  #arrivalNs: bigint
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4))

  /** @param recordsPerSecond a whole number of at least 1. */
  constructor(recordsPerSecond: number, clock: () => bigint) {
    this.#costNs = (1_000_000_000n + BigInt(recordsPerSecond) - 1n) / BigInt(recordsPerSecond)
    this.#burstNs = this.#costNs * BigInt(recordsPerSecond)
    this.#clock = clock
    this.#arrivalNs = clock()
  }

  /** Blocks the thread until one more record is within the rate. */
  take(): void {
    for (;;) {
      const nowNs = this.#clock()
      if (this.#arrivalNs < nowNs) this.#arrivalNs = nowNs
      const next = this.#arrivalNs + this.#costNs
      const aheadNs = next - nowNs - this.#burstNs
      if (aheadNs <= 0n) {
        this.#arrivalNs = next
        return
      }
      Atomics.wait(this.#sleeper, 0, 0, Math.ceil(Number(aheadNs) / 1e6))
    }
  }
}
