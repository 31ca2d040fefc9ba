import type { Writable } from 'node:stream'
import { socketBufferBytes, writesWaitingMax } from '../limits.js'

/** Pushes bytes into a stream, as many as it may buffer: a peer that does not read stops the guest. */
export class PushWriter {
  readonly #stream: Writable
  #waiting = 0
  #isEnded = false

  constructor(stream: Writable, onChange: () => void) {
    this.#stream = stream
    stream.on('drain', onChange)
    stream.on('finish', onChange)
  }

  get room(): number {
    if (this.#isEnded || this.#waiting >= writesWaitingMax) return 0
    return Math.max(0, socketBufferBytes - this.#stream.writableLength)
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
    if (taken === 0) return 0
    this.#waiting += 1
    // A request's bytes are a copy that nobody else has: all of them may wait in the stream as they are. Some of them would
    // keep the others in memory.
    this.#stream.write(taken === bytes.length ? bytes : bytes.slice(0, taken), () => {
      this.#waiting -= 1
      onChange()
    })
    return taken
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#stream.end()
  }
}
