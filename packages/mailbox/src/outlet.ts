import { type Cells, LaneCorruption, type LaneMemory, LaneWriter } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type ArenaCells, putBody, SharedArena } from './arena.js'
import { Bell } from './bell.js'
import { inlineBesideArenaBytesMax } from './limits.js'
import type { MessageEncoder } from './record-encoder.js'
import { SentWindow } from './sent-window.js'

/** All that a sender holds of a receiver's mailbox. Plain: it is cloned to the sender's thread. */
export type OutletMemory = {
  readonly lane: number
  readonly slot: number
  readonly ring: LaneMemory
  readonly bell: SharedArrayBuffer
  readonly arena: SharedArrayBuffer | undefined
  /** The most bytes of a body that the receiver takes. */
  readonly messageBytesMax: number
}

/**
 * - `sent`: committed; from now on the receiver's.
 * - `overloaded`: no room; the sender is told at once.
 * - `arena-missing`: the body is too large for the ring and the lane has no arena yet: ask the host for one.
 * - `closed`: the lane ends; ask the host for another.
 * - `corrupt`: the receiver left the lane as it cannot be (`corruption` says how).
 */
export type SendOutcome = 'sent' | 'overloaded' | 'arena-missing' | 'closed' | 'corrupt'

/** Other ways to the memory: for tests that stop the sender at each step. */
export type OutletPorts = { readonly cells?: Cells; readonly arena?: ArenaCells; readonly bell?: Bell }

/**
 * The sender's end of one lane. One thread, one `Outlet`, for the lane's whole life.
 *
 * What it must remember (sequence, arena, what is unread) it brings up to date at the *next* call, from `tail`, which
 * only it moves: so an exception at any instruction, also right after the commit, leaves it right.
 *
 * @example
 * ```ts
 * const outlet = new Outlet(memory)
 * const outcome = outlet.send(encoder.encode({ subject: 'orders.new', body, sentAtNs: now() }))
 * if (outcome === 'overloaded') return refuse()
 * ```
 */
export class Outlet {
  readonly lane: number
  readonly #writer: LaneWriter
  readonly #bell: Bell
  readonly #slot: number
  readonly #messageBytesMax: number
  readonly #window = new SentWindow()
  /** The longest record that goes into the ring where there is an arena: a ring of those holds many. */
  readonly #inlineBytesMax: number
  #arena: ArenaCells | undefined
  #closed = false
  #corruption: LaneCorruption | undefined
  #settledTail: number
  #sequence = 0
  #arenaTail = 0
  /** Where the arena would be used up to if the record that is being written is committed. */
  #arenaTailIfCommitted = 0

  constructor(memory: OutletMemory, ports: OutletPorts = {}) {
    this.lane = memory.lane
    this.#slot = memory.slot
    this.#messageBytesMax = memory.messageBytesMax
    this.#bell = ports.bell ?? new Bell(memory.bell)
    this.#writer = new LaneWriter(memory.ring, ports.cells === undefined ? {} : { cells: ports.cells })
    this.#arena = ports.arena ?? (memory.arena === undefined ? undefined : new SharedArena(memory.arena))
    this.#inlineBytesMax = Math.min(this.#writer.recordBytesMax, inlineBesideArenaBytesMax)
    this.#settledTail = this.#writer.position()
  }

  /** What the receiver did to the lane that it may not; set when `send` answered `corrupt`. */
  get corruption(): LaneCorruption | undefined {
    return this.#corruption
  }

  /** How many messages of this sender wait for this receiver. */
  depth(): number {
    this.#settle()
    return this.#window.length
  }

  /** The host has made an arena for large bodies. */
  attachArena(arena: SharedArrayBuffer): void {
    this.#arena = new SharedArena(arena)
  }

  /**
   * Sends what the encoder holds, or does nothing and says why.
   *
   * @throws {BulkheadError} `resource-limit-exceeded` when the body is larger than the receiver's largest message.
   */
  send(message: MessageEncoder): SendOutcome {
    if (message.body.length > this.#messageBytesMax) throw tooLarge(message.body.length, this.#messageBytesMax)
    if (this.#corruption !== undefined) return 'corrupt'
    try {
      if (this.#closed || this.#writer.readerClosed) return 'closed'
      return this.#send(message)
    } catch (error) {
      if (!(error instanceof LaneCorruption)) throw error
      this.#corruption = error
      return 'corrupt'
    }
  }

  /** Sends no more: the lane ends when the receiver has read it empty. */
  close(): void {
    this.#closed = true
    this.#writer.close()
    this.#bell.ring(this.#slot)
  }

  #send(message: MessageEncoder): SendOutcome {
    const writer = this.#writer
    this.#settle()
    if (this.#window.length >= writer.ownerWord()) return 'overloaded'
    let bytes = message.inlineBytes(this.#arena === undefined ? writer.recordBytesMax : this.#inlineBytesMax)
    if (bytes >= 0) {
      this.#arenaTailIfCommitted = this.#arenaTail
      message.stampInline(this.#sequence)
    } else {
      const arena = this.#arena
      if (arena === undefined) return 'arena-missing'
      bytes = message.prefixBytes
      const bodyBytes = message.body.length
      const usedBytes = (this.#arenaTail - this.#window.arenaHead) >>> 0
      if (usedBytes + bodyBytes > arena.capacityBytes || writer.capacity() < bytes) return 'overloaded'
      putBody(arena, this.#arenaTail, message.body)
      this.#arenaTailIfCommitted = (this.#arenaTail + bodyBytes) >>> 0
      message.stampSpilled(this.#sequence, this.#arenaTail)
    }
    if (!writer.tryWrite(message.bytes, bytes)) return writer.readerClosed ? 'closed' : 'overloaded'
    this.#bell.ring(this.#slot)
    return 'sent'
  }

  #settle(): void {
    const tail = this.#writer.position()
    if (tail !== this.#settledTail) {
      this.#window.push(tail, this.#arenaTailIfCommitted)
      this.#settledTail = tail
      this.#arenaTail = this.#arenaTailIfCommitted
      this.#sequence = (this.#sequence + 1) >>> 0
    }
    this.#window.dropRead(this.#writer.readPosition())
  }
}

function tooLarge(bodyBytes: number, limit: number): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `a body of ${bodyBytes} bytes is too large for its receiver`, {
    details: { resource: 'message', limit },
    hint: `at most ${limit} bytes: send it in pieces`,
  })
}
