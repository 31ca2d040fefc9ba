import { outputBytesMax } from './limits.js'

/** Takes the chunks of one output: hands them on to a consumer, or keeps them up to a bound. */
export class OutputCapture {
  readonly #consume: ((chunk: Uint8Array) => void | Promise<void>) | undefined
  readonly #onOverflow: () => void
  readonly #chunks: Uint8Array[] = []
  #length = 0

  constructor(consume: ((chunk: Uint8Array) => void | Promise<void>) | undefined, onOverflow: () => void) {
    this.#consume = consume
    this.#onOverflow = onOverflow
  }

  take(chunk: Uint8Array): void | Promise<void> {
    if (this.#consume !== undefined) return this.#consume(chunk)
    if (this.#length + chunk.length > outputBytesMax) return this.#onOverflow()
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
