import type { Socket } from 'node:net'
import { type LaneMemory, LaneWriter } from '@bulkhead/lane'
import { stdioChunkBytesMax } from '../limits.js'
import { laneRetryMs, leftoverBytesMax } from './limits.js'

/** How bytes of a socket become records of a lane, and who is told that one has come. */
export type OutputCutting = {
  readonly cut?: (bytes: Uint8Array) => Iterable<Uint8Array>
  readonly onCommit?: () => void
}

/**
 * Moves what comes out of a socket into a lane. A full lane stops the reading, and so in the end the writer.
 *
 * Once the writer is ending, what it left in the socket is read at once, so that its end can be seen however slow the
 * reader of the lane is; it is a few hundred KiB at most, unless the writer lied about its end.
 */
export class OutputInlet {
  /** Resolves when the socket has ended and everything lies in the lane, or nobody reads the lane any more. */
  readonly done: Promise<void>
  readonly #socket: Socket
  readonly #lane: LaneWriter
  readonly #cut: (bytes: Uint8Array) => Iterable<Uint8Array>
  readonly #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #retry: NodeJS.Timeout | undefined
  #heldMax = stdioChunkBytesMax
  #closed = false
  #finish: () => void = () => {}

  constructor(socket: Socket, lane: LaneMemory, { cut = pieces, onCommit = () => {} }: OutputCutting = {}) {
    this.#socket = socket
    this.#lane = new LaneWriter(lane, { onCommit })
    this.#cut = cut
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.once('close', () => {
      this.#closed = true
      this.#feed()
    })
  }

  /** The writer is ending, or has ended. */
  drain(): void {
    this.#heldMax = leftoverBytesMax
    this.#feed()
  }

  #take(bytes: Uint8Array): void {
    for (const record of this.#cut(bytes)) {
      this.#waiting.push(record)
      this.#waitingBytes += record.length
    }
    this.#feed()
  }

  #feed(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#lane.readerClosed && !this.#lane.tryWrite(next)) break
      this.#waiting.shift()
      this.#waitingBytes -= next.length
    }
    if (this.#waiting.length > 0) this.#retry ??= setTimeout(() => this.#again(), laneRetryMs)
    else if (this.#closed) this.#finish()
    if (this.#waitingBytes > this.#heldMax) this.#socket.pause()
    else this.#socket.resume()
  }

  #again(): void {
    this.#retry = undefined
    this.#feed()
  }
}

function* pieces(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += stdioChunkBytesMax) yield bytes.subarray(at, at + stdioChunkBytesMax)
}
