import type { Readable } from 'node:stream'

/** `would-block`: nothing now. `end`: nothing ever. */
export type Pulled = Uint8Array | 'would-block' | 'end'

/**
 * Pulls bytes out of a stream piece by piece. Nothing is read ahead of what the stream itself buffers, so that a guest that
 * does not read stops its peer.
 */
export class PullReader {
  readonly #stream: Readable
  #left: Uint8Array = new Uint8Array(0)
  #ended = false

  constructor(stream: Readable, onChange: () => void) {
    this.#stream = stream
    stream.on('readable', () => {
      // The end shows only when it is read for.
      if (stream.readableLength === 0) stream.read(0)
      onChange()
    })
    stream.on('end', () => {
      this.#ended = true
      onChange()
    })
  }

  get isReadable(): boolean {
    return this.#left.length > 0 || this.#stream.readableLength > 0 || this.#ended
  }

  /** @param allow how much of what is there may be taken. */
  pull(max: number, allow: (bytes: number) => number): Pulled {
    if (this.#left.length === 0) {
      const chunk: Uint8Array | null = this.#stream.readableLength > 0 ? this.#stream.read() : null
      if (chunk === null) return this.#ended ? 'end' : 'would-block'
      this.#left = chunk
      // A source that paused because its buffer was full goes on only when it is asked to, not when the buffer is empty.
      if (this.#stream.readableLength === 0) this.#stream.read(0)
    }
    const bytes = allow(Math.min(max, this.#left.length))
    if (bytes === 0) return 'would-block'
    const pulled = this.#left.subarray(0, bytes)
    this.#left = this.#left.subarray(bytes)
    return pulled
  }
}
