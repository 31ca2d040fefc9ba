/** Counts refused requests: in one word that the network's service writes and the host reads. */
export class RefusedRequests {
  readonly #word: Int32Array
  #seen = 0

  constructor(memory: SharedArrayBuffer) {
    this.#word = new Int32Array(memory)
  }

  add(): void {
    Atomics.add(this.#word, 0, 1)
  }

  /** Whether some were refused since this was asked the last time. */
  areNew(): boolean {
    const before = this.#seen
    this.#seen = Atomics.load(this.#word, 0)
    return this.#seen !== before
  }
}
