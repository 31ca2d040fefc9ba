import { outputBytesMax } from './limits.js'

/** The first room that is made for an output, in bytes; it doubles as the output grows. */
const firstRoomBytes = 4 * 1024

/**
 * Takes the chunks of one output: hands them on to a consumer, or keeps them up to a bound. What is kept is copied together:
 * a guest that writes byte by byte must not make the host keep an object for each byte.
 */
export class OutputCapture {
  readonly #consume: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  readonly #onOverflow: () => void
  #kept = new Uint8Array(0)
  #length = 0

  constructor(consume: ((chunk: Uint8Array) => void | Promise<void>) | undefined, onOverflow: () => void) {
    this.#consume = consume
    this.#onOverflow = onOverflow
  }

  take(chunk: Uint8Array): void | Promise<void> {
    if (this.#consume !== undefined) return this.#consume(chunk)
    const length = this.#length + chunk.length
    if (length > outputBytesMax) return this.#onOverflow()
    if (length > this.#kept.length) this.#makeRoom(length)
    this.#kept.set(chunk, this.#length)
    this.#length = length
  }

  get bytes(): Uint8Array {
    return this.#kept.slice(0, this.#length)
  }

  get text(): string {
    return Buffer.from(this.#kept.buffer, 0, this.#length).toString('utf8')
  }

  #makeRoom(needed: number): void {
    const roomBytes = Math.max(needed, firstRoomBytes, Math.min(2 * this.#kept.length, outputBytesMax))
    const larger = new Uint8Array(roomBytes)
    larger.set(this.#kept.subarray(0, this.#length))
    this.#kept = larger
  }
}
