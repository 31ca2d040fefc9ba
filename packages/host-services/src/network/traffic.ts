/** What a channel has used of the network since it was opened. */
export type Traffic = {
  /** Of both directions together. */
  readonly bytes: number
  /** HTTP requests that were let through. */
  readonly requests: number
}

/** Counts it in memory that the network's service writes and the host reads; a service that starts anew counts on. */
export class TrafficMeter {
  readonly #words: BigInt64Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new BigInt64Array(memory)
  }

  static createMemory(): SharedArrayBuffer {
    return new SharedArrayBuffer(16)
  }

  addBytes(bytes: number): void {
    Atomics.add(this.#words, 0, BigInt(bytes))
  }

  addRequest(): void {
    Atomics.add(this.#words, 1, 1n)
  }

  get(): Traffic {
    return { bytes: Number(Atomics.load(this.#words, 0)), requests: Number(Atomics.load(this.#words, 1)) }
  }
}
