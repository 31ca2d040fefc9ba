import type { Interest } from '@bulkhead/host-services/client'
import type { Poller } from '../io/poller.js'
import {
  type InputStream,
  type OutputStream,
  type StreamClasses,
  socketStreamFailed,
  streamClosed,
} from '../io/stream-classes.js'
import { pieceBytes } from '../limits.js'
import type { Connection } from './connection.js'
import { failedWith } from './socket-error.js'

/** What the two streams of a connection and its socket share. */
export type StreamPowers = { readonly streams: StreamClasses; readonly poller: Poller }

/**
 * Tells the guest once why the connection failed (`last-operation-failed`, with `network-error-code`), and from then on that
 * the stream is closed.
 */
class Ending {
  readonly #connection: Connection
  readonly #streams: StreamClasses
  #isTold = false

  constructor(connection: Connection, streams: StreamClasses) {
    this.#connection = connection
    this.#streams = streams
  }

  /** Runs `work` on a connection that has not failed. */
  guard<T>(work: () => T): T {
    this.check()
    try {
      return this.#connection.attempt(work)
    } catch (thrown) {
      failedWith(thrown)
      return this.#tell()
    }
  }

  check(): void {
    if (this.#connection.ended !== undefined) this.#tell()
  }

  #tell(): never {
    const { ended } = this.#connection
    if (this.#isTold || ended === undefined) return streamClosed()
    this.#isTold = true
    return socketStreamFailed(this.#streams, ended)
  }
}

const nothing = new Uint8Array(0)

/** What comes. A piece is fetched at once and given out as the guest asks for it, so that small reads cost little. */
export class TcpInput implements InputStream {
  readonly #connection: Connection
  readonly #ending: Ending
  #piece: Uint8Array = nothing
  #isClosed = false

  constructor(connection: Connection, { streams }: StreamPowers) {
    this.#connection = connection.retain()
    this.#ending = new Ending(connection, streams)
  }

  readonly ready = (): boolean => this.#isClosed || this.#piece.length > 0 || this.#connection.ended !== undefined

  readonly interest = (): Interest | undefined => this.#connection.interest('read')

  readonly read = (max: number): Uint8Array => {
    if (this.#isClosed) return streamClosed()
    // What the rules do not allow any more is not read either, although it has come.
    if (this.#connection.ended === 'access-denied') this.#ending.check()
    if (max === 0) return nothing
    if (this.#piece.length === 0) this.#fetch()
    const bytes = this.#piece.subarray(0, max)
    this.#piece = this.#piece.subarray(bytes.length)
    return bytes
  }

  #fetch(): void {
    const pulled = this.#ending.guard(() => this.#connection.ask((network, handle) => network.read(handle, pieceBytes)))
    if (pulled === 'would-block') return
    if (pulled === 'end') {
      this.#isClosed = true
      streamClosed()
    }
    this.#piece = pulled
    this.#connection.countUse()
  }

  /** Nothing more is read, and what has come is thrown away. */
  close(): void {
    this.#isClosed = true
    this.#piece = nothing
  }

  drop(): void {
    this.close()
    this.#connection.release()
  }
}

/** What goes out. What the service takes is on its way; it takes as much as the peer and the bandwidth allow. */
export class TcpOutput implements OutputStream {
  readonly #connection: Connection
  readonly #ending: Ending
  readonly #poller: Poller
  /** What the service would take at least: it only grows until we write. */
  #room = 0
  #isFlushed = true
  #isClosed = false
  permitted = 0

  constructor(connection: Connection, { streams, poller }: StreamPowers) {
    this.#connection = connection.retain()
    this.#ending = new Ending(connection, streams)
    this.#poller = poller
  }

  readonly ready = (): boolean => this.#isClosed || this.#room > 0 || this.#connection.ended !== undefined

  readonly interest = (): Interest | undefined => this.#connection.interest('write')

  readonly flushed = (): boolean => this.#isClosed || this.#isFlushed || this.#connection.ended !== undefined

  readonly flushInterest = (): Interest | undefined => {
    // What the flush came to is asked for, and not remembered.
    this.#room = 0
    return this.#connection.interest('flush')
  }

  readonly capacity = (): number => {
    if (this.#isClosed) return streamClosed()
    this.#ending.check()
    if (this.#room > 0) return this.#room
    const { bytes, isFlushed } = this.#ending.guard(() =>
      this.#connection.ask((network, handle) => network.room(handle)),
    )
    this.#room = bytes
    this.#isFlushed = isFlushed
    return bytes
  }

  /** All of it. Where the bandwidth is used up in the middle, this waits for more: what was permitted is taken. */
  readonly write = (bytes: Uint8Array): void => {
    for (let left = bytes; left.length > 0; ) {
      if (this.#isClosed) streamClosed()
      const piece = left.subarray(0, pieceBytes)
      const taken = this.#ending.guard(() => this.#connection.ask((network, handle) => network.write(handle, piece)))
      this.#isFlushed = false
      if (taken > 0) this.#connection.countUse()
      this.#room = Math.max(0, this.#room - taken)
      left = left.subarray(taken)
      if (taken === piece.length) continue
      this.#room = 0
      this.#poller.wait(this)
    }
  }

  /** Nothing more is written; what was written still goes. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#connection.ended !== undefined) return
    try {
      this.#connection.attempt(() => this.#connection.ask((network, handle) => network.shutdown(handle)))
    } catch (thrown) {
      // It has failed: its peer hears of no end any more.
      failedWith(thrown)
    }
  }

  drop(): void {
    this.close()
    this.#connection.release()
  }
}
