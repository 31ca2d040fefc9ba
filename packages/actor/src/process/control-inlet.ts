import type { Socket } from 'node:net'
import { FrameReader } from './frames.js'
import { decodeFromChild, type FromChild } from './from-child.js'
import { childFrameBytesMax, childFramesPerSlice, frameSliceMs } from './limits.js'

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
      while (!this.#deaf && this.#inSlice < childFramesPerSlice) {
        const body = this.#frames.next()
        if (body === undefined) return
        this.#inSlice += 1
        this.#slice ??= setTimeout(() => this.#nextSlice(), frameSliceMs).unref()
        this.#onMessage(decodeFromChild(body))
      }
      this.#socket.pause()
    } catch (thrown) {
      this.#deaf = true
      this.#onBreach(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  #nextSlice(): void {
    this.#slice = undefined
    if (this.#inSlice > 0) this.#inSlice = 0
    this.#read()
    this.#socket.resume()
  }
}
