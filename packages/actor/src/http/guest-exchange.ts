import { type LaneMemory, LaneReader, LaneWriter } from '@bulkhead/lane'
import type { IncomingBodySource, IncomingExchange, ResponseSink } from '@bulkhead/wasi'
import { decodeFrame, encodeFrame, type FrameFromGuest, type HttpFields, isCarried, isStatusOf } from './frames.js'
import { httpPieceBytesMax } from './limits.js'
import type { RequestHead } from './request-head.js'

/** The two lanes of an incarnation that answers HTTP requests. */
export type HttpLanes = { readonly toGuest: LaneMemory; readonly fromGuest: LaneMemory }

/** The guest's ends of them. */
export class HttpLaneEnds {
  readonly reader: LaneReader
  readonly #writer: LaneWriter

  constructor({ toGuest, fromGuest }: HttpLanes) {
    this.reader = new LaneReader(toGuest)
    this.#writer = new LaneWriter(fromGuest)
  }

  /** Sends a frame; `false` when there is no room for it now. */
  send(frame: FrameFromGuest): boolean {
    return this.#writer.tryWrite(encodeFrame(frame))
  }

  /** Bytes that a `data` frame could carry now. */
  room(): number {
    return Math.max(0, Math.min(this.#writer.capacity() - frameHeadBytes, httpPieceBytesMax))
  }

  /** Whether everything that was sent was taken. */
  drained(): boolean {
    return this.#writer.drained()
  }

  /** The exchange whose client is gone, by the word of the host. */
  goneNumber(): number {
    return this.#writer.ownerWord()
  }
}

const frameHeadBytes = 5
const none = new Uint8Array(0)

/** One exchange as the guest's host functions see it: nothing here blocks. */
export class GuestExchange implements IncomingExchange {
  readonly head: RequestHead
  readonly body: IncomingBodySource
  readonly response: ResponseSink
  readonly #ends: HttpLaneEnds
  #rest: Uint8Array = none
  #trailers: HttpFields | undefined
  /** Why HTTP cannot carry what the guest said: the host is told when there is room. */
  #refused: string | undefined

  constructor(head: RequestHead, ends: HttpLaneEnds) {
    this.head = head
    this.#ends = ends
    const { number } = head
    this.body = { read: (max) => this.#read(max), trailers: () => this.#trailers ?? [] }
    this.response = {
      isWanted: () => !this.#isGone,
      informational: (status, fields) =>
        !isStatusOf('informational', status) ||
        !isCarried(fields) ||
        this.#send({ kind: 'informational', number, status, fields }),
      head: (status, fields) => this.#head(status, fields),
      capacity: () => (this.#isGone || this.#refused !== undefined ? httpPieceBytesMax : ends.room()),
      write: (bytes) => {
        for (let at = 0; at < bytes.length; at += httpPieceBytesMax) {
          this.#send({ kind: 'data', number, bytes: bytes.subarray(at, at + httpPieceBytesMax) })
        }
      },
      flushed: () => this.#isGone || ends.drained(),
      end: (fields) => {
        if (!isCarried(fields)) this.#refused = 'its trailers are too many, or none that HTTP can carry'
        return this.#send({ kind: 'end', number, fields })
      },
      fail: (code) => this.#send({ kind: 'failed', number, reason: code.tag }),
    }
  }

  /** What HTTP cannot carry of the answer; `undefined` while it can. */
  get refused(): string | undefined {
    return this.#refused
  }

  get #isGone(): boolean {
    return this.#ends.goneNumber() === this.head.number
  }

  #head(status: number, fields: HttpFields): boolean {
    if (!isStatusOf('head', status)) this.#refused = `${status} is not the status of a response`
    if (!isCarried(fields)) this.#refused = 'its header fields are too many, or none that HTTP can carry'
    return this.#send({ kind: 'head', number: this.head.number, status, fields })
  }

  /** What nobody waits for, and what is refused, is taken and forgotten. */
  #send(frame: FrameFromGuest): boolean {
    return this.#isGone || this.#refused !== undefined || this.#ends.send(frame)
  }

  #read(max: number): Uint8Array | 'empty' | 'closed' | 'failed' {
    if (this.#rest.length === 0) this.#next()
    if (this.#rest.length === 0) {
      if (this.#trailers !== undefined) return 'closed'
      return this.#isGone ? 'failed' : 'empty'
    }
    const piece = this.#rest.subarray(0, max)
    this.#rest = this.#rest.subarray(piece.length)
    return piece
  }

  /** Takes in the next frame that is about this exchange. */
  #next(): void {
    while (this.#trailers === undefined && this.#rest.length === 0) {
      const record = this.#ends.reader.read()
      if (record === undefined) return
      const frame = decodeFrame(record)
      // What the handler before left of its request.
      if (frame.number !== this.head.number) continue
      if (frame.kind === 'end') this.#trailers = frame.fields
      else if (frame.kind === 'data') this.#rest = frame.bytes
    }
  }
}
