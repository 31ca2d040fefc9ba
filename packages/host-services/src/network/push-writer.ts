import type { Writable } from 'node:stream'
import { socketBufferBytes } from '../limits.js'

/** Pushes bytes into a stream, as many as it may buffer: a peer that does not read stops the guest. */
export class PushWriter {
  readonly #stream: Writable
  #isEnded = false

  constructor(stream: Writable, onChange: () => void) {
    this.#stream = stream
    stream.on('drain', onChange)
    stream.on('finish', onChange)
  }

  get room(): number {
    return this.#isEnded ? 0 : Math.max(0, socketBufferBytes - this.#stream.writableLength)
  }

  /** Whether everything that was written has gone to the system. */
  get isFlushed(): boolean {
    return this.#stream.writableLength === 0
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** How many of the bytes it took. */
  push(bytes: Uint8Array, allow: (bytes: number) => number, onChange: () => void): number {
    const taken = allow(Math.min(bytes.length, this.room))
    // A request's bytes are a copy that nobody else has: they may wait in the stream as they are.
    if (taken > 0) this.#stream.write(bytes.subarray(0, taken), () => onChange())
    return taken
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#stream.end()
  }
}
