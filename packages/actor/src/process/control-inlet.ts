import type { Socket } from 'node:net'
import { FrameReader } from './frames.js'
import { decodeFromChild, type FromChild } from './from-child.js'
import { childBytesOfWork, childFrameBytesMax, childWorkPerSlice, frameSliceMs } from './limits.js'

/**
 * Reads what a bridge says. A child that talks more than an honest one has to is read at a pace that costs the host little;
 * one that says what it cannot is listened to no more.
 */
export class ControlInlet {
  readonly #socket: Socket
  readonly #frames = new FrameReader(childFrameBytesMax)
  readonly #onMessage: (message: FromChild) => void
  readonly #onBreach: (reason: string) => void
  #inSlice = 0
  #slice: NodeJS.Timeout | undefined
  #deaf = false

  /** `onMessage` may throw a `BadClaim` of its own. */
  constructor(socket: Socket, onMessage: (message: FromChild) => void, onBreach: (reason: string) => void) {
    this.#socket = socket
    this.#onMessage = onMessage
    this.#onBreach = onBreach
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      if (this.#deaf) return
      this.#frames.push(bytes)
      this.#spend(1)
      this.#read()
    })
  }

  /** The process has ended: what it said last is read at once. */
  drain(): void {
    this.#inSlice = Number.NEGATIVE_INFINITY
    this.#read()
    this.#socket.resume()
  }

  /** Nothing more that it says counts. */
  close(): void {
    this.#deaf = true
  }

  #read(): void {
    try {
      let body = this.#next()
      while (body !== undefined) {
        this.#spend(1 + Math.floor(body.length / childBytesOfWork))
        this.#onMessage(decodeFromChild(body))
        body = this.#next()
      }
      // What is not read stays with the child: a backlog here would grow with every slice. Of who is not heard any more
      // everything is thrown away, so that the end comes into sight.
      if (this.#isSpent && !this.#deaf) this.#socket.pause()
      else this.#socket.resume()
    } catch (thrown) {
      this.#deaf = true
      this.#socket.resume()
      this.#onBreach(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  get #isSpent(): boolean {
    return this.#inSlice >= childWorkPerSlice
  }

  #next(): Uint8Array | undefined {
    return this.#deaf || this.#isSpent ? undefined : this.#frames.next()
  }

  #spend(work: number): void {
    this.#inSlice += work
    this.#slice ??= setTimeout(() => this.#nextSlice(), frameSliceMs).unref()
  }

  #nextSlice(): void {
    this.#slice = undefined
    if (this.#inSlice > 0) this.#inSlice = 0
    this.#read()
  }
}
