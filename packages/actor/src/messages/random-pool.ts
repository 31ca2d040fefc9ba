/** A call of the generator costs the same for one byte and for many. */
const poolBytes = 8192

/** Random bytes in small pieces: asking for each piece alone would cost more than sending a message. */
export class RandomPool {
  readonly #fill: (bytes: Uint8Array) => void
  readonly #bytes = new Uint8Array(poolBytes)
  #left = 0

  constructor(fill: (bytes: Uint8Array) => void) {
    this.#fill = fill
  }

  /** Bytes that nobody is given again; good until the next call. At most `poolBytes`. */
  take(length: number): Uint8Array {
    if (length > this.#left) {
      this.#fill(this.#bytes)
      this.#left = this.#bytes.length
    }
    this.#left -= length
    return this.#bytes.subarray(this.#left, this.#left + length)
  }

  /** Uniform in [0, 1), of 2¹⁶ values. */
  fraction(): number {
    const [low = 0, high = 0] = this.take(2)
    return (low + 256 * high) / 65_536
  }
}
