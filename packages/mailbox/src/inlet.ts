import {
  type Cells,
  LaneCorruption,
  type LaneMemory,
  LaneReader,
  laneCapacityBytes,
  largestRecordBytes,
} from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import { type ArenaCells, getBody, SharedArena } from './arena.js'
import { filterAllows, type LaneFilter } from './lane-filter.js'
import { cachedRoutesMax } from './limits.js'
import type { Delivery, Sender } from './message.js'
import { RecordBuffer } from './record-buffer.js'
import { type DecodedRecord, decodeRecord } from './record-decoder.js'

/** The rules of one lane: what may pass now, what might before, and since when that is before. Places are the lane's. */
export type InletRules = {
  readonly filter: LaneFilter
  readonly previous: LaneFilter | undefined
  /** Where the tail stood when the sender was thought to obey `filter`: from there on `previous` counts no more. */
  readonly previousUntil: number | undefined
  /**
   * Where it stood when no honest sender could still be at work under older rules: from there on it is the sender's fault to
   * send what they refuse, before that the message is revoked and nobody's fault. `undefined`: that time has not come.
   */
  readonly enforcedFrom: number | undefined
}

/** All that a receiver holds of one lane. Plain: it is cloned to the receiver's thread. */
export type InletMemory = {
  readonly lane: number
  readonly slot: number
  /** Whose lane it is: the identity of whatever comes out of it. */
  readonly sender: Sender
  readonly ring: LaneMemory
  readonly arena: SharedArrayBuffer | undefined
  readonly messageBytesMax: number
  /** `undefined` on the host's own lane: its router has decided already, and names for whom it forwards. */
  readonly rules: InletRules | undefined
  /** A message that somebody has begun to process before. */
  readonly retry: { readonly position: number; readonly attempt: number } | undefined
}

/**
 * Why a message that was accepted is not handed on: its time is over; the rules under which it was accepted are two
 * versions old and those of today refuse it; it answers a request that nobody waits for any more.
 */
export type RefusalReason = 'expired' | 'revoked' | 'stale-incarnation'

/** What stands at the head of a lane. */
export type Judged =
  | { readonly kind: 'message'; readonly delivery: Delivery }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly delivery: Delivery }
  /** The sender's security fault: nothing of this lane is read any more. */
  | { readonly kind: 'breach'; readonly error: BulkheadError }

export type InletOptions = {
  /** Whether somebody waits for an answer on this topic of the host's; absent, nobody ever does. */
  readonly awaitsReply?: (subject: string, from: Sender) => boolean
  /** Called when a record names an arena that is not known yet, or is not allowed: takes in what the host has posted. */
  readonly refresh?: () => void
  /** Where to copy records to: one for all lanes of a reader, which are of one size. */
  readonly buffer?: RecordBuffer
  /** Other ways to the memory: for tests. */
  readonly cells?: Cells
  readonly arena?: ArenaCells
}

/**
 * The receiver's end of one lane: where what a sender wrote is judged (DESIGN D7). A record is copied out, then checked:
 * its lengths, its size, its topic against the host's filter for this pair.
 */
export class Inlet {
  readonly lane: number
  readonly slot: number
  readonly sender: Sender
  readonly #memory: InletMemory
  readonly #options: InletOptions
  readonly #reader: LaneReader
  readonly #buffer: RecordBuffer
  #arena: ArenaCells | undefined
  #rules: InletRules | undefined
  /** Whether the head has passed the place from which on the rules are enforced. */
  #isEnforced = false
  #nextSequence: number | undefined
  readonly #known = new Map<string, boolean>()
  #retry: InletMemory['retry']

  constructor(memory: InletMemory, options: InletOptions = {}) {
    this.#memory = memory
    this.#options = options
    this.lane = memory.lane
    this.slot = memory.slot
    this.sender = memory.sender
    this.#reader = new LaneReader(memory.ring, options.cells === undefined ? {} : { cells: options.cells })
    const recordBytesMax = largestRecordBytes(laneCapacityBytes(memory.ring))
    const given = options.buffer
    this.#buffer =
      given !== undefined && given.bytes.length >= recordBytesMax ? given : new RecordBuffer(recordBytesMax)
    this.#arena = options.arena ?? (memory.arena === undefined ? undefined : new SharedArena(memory.arena))
    this.#rules = memory.rules
    this.#retry = memory.retry
  }

  attachArena(arena: SharedArrayBuffer): void {
    this.#arena = new SharedArena(arena)
  }

  /** Newer rules are in force; accepted messages die of it only when they are two versions old. */
  replaceRules(rules: InletRules): void {
    this.#rules = rules
    this.#isEnforced = false
    this.#known.clear()
  }

  /** Whether there is something to look at. */
  hasUnread(): boolean {
    return this.#reader.unreadBytes() !== 0
  }

  /** Where the oldest unread record begins. */
  position(): number {
    return this.#reader.position()
  }

  /** Judges the oldest record that was not moved past; `undefined` when there is none. Moves nothing. */
  look(nowNs: bigint): Judged | undefined {
    try {
      const buffer = this.#buffer
      buffer.makeRoom()
      const length = this.#reader.peekInto(buffer.bytes, buffer.at)
      return length === undefined ? undefined : this.#judge(length, nowNs)
    } catch (error) {
      if (!(error instanceof LaneCorruption)) throw error
      return { kind: 'breach', error }
    }
  }

  /** Moves past what `look` showed: this one store is the end of the message. */
  advance(): void {
    this.#reader.advance()
    this.#retry = undefined
    if (this.#nextSequence !== undefined) this.#nextSequence = (this.#nextSequence + 1) >>> 0
  }

  #judge(length: number, nowNs: bigint): Judged {
    const decoded = decodeRecord(this.#buffer, length)
    this.#checkSequence(decoded.sequence)
    const delivery = this.#deliveryOf(length, decoded)
    this.#passPlaces(delivery.position)
    if (delivery.subject.startsWith('_inbox.')) {
      const awaited = this.#options.awaitsReply?.(delivery.subject, delivery.sender) ?? false
      if (!awaited) return { kind: 'refused', reason: 'stale-incarnation', delivery }
    } else if (!(this.#allowed(delivery.subject) || this.#allowedByNews(delivery))) {
      if (this.#isEnforced) return { kind: 'breach', error: outsideFilter(delivery) }
      return { kind: 'refused', reason: 'revoked', delivery }
    }
    if (delivery.expiresAtNs !== undefined && delivery.expiresAtNs <= nowNs) {
      return { kind: 'refused', reason: 'expired', delivery }
    }
    return { kind: 'message', delivery }
  }

  #checkSequence(sequence: number): void {
    const expected = this.#nextSequence ?? sequence
    if (sequence !== expected) throw new LaneCorruption('writer', 'a record is out of turn', { sequence, expected })
    this.#nextSequence = sequence
  }

  #deliveryOf(length: number, decoded: DecodedRecord): Delivery {
    const { bodyBytes, bodyAt } = decoded
    const { messageBytesMax } = this.#memory
    if (bodyBytes > messageBytesMax) {
      throw new LaneCorruption('writer', 'a body is larger than its receiver takes', { bodyBytes, messageBytesMax })
    }
    if (decoded.sender !== undefined && this.#rules !== undefined) {
      throw new LaneCorruption('writer', 'a sender names another in its place', { lane: this.lane })
    }
    const position = this.#reader.position()
    return {
      lane: this.lane,
      position,
      sequence: decoded.sequence,
      sender: decoded.sender ?? this.sender,
      subject: decoded.subject,
      body: bodyAt === undefined ? this.#buffer.keep(length, bodyBytes) : this.#spilled(bodyAt, bodyBytes),
      replyTo: decoded.replyTo,
      trace: decoded.trace,
      sentAtNs: decoded.sentAtNs,
      expiresAtNs: decoded.expiresAtNs,
      attempt: decoded.attempt + (this.#retry?.position === position ? this.#retry.attempt : 0),
    }
  }

  #spilled(bodyAt: number, bodyBytes: number): Uint8Array {
    if (this.#arena === undefined) this.#options.refresh?.()
    if (this.#arena === undefined) {
      throw new LaneCorruption('writer', 'a record names an arena that its lane has not', { bodyAt, bodyBytes })
    }
    const buffer = this.#buffer
    if (bodyBytes > buffer.recordBytesMax) {
      const body = new Uint8Array(bodyBytes)
      getBody(this.#arena, bodyAt, bodyBytes, body, 0)
      return body
    }
    // The record itself was decoded and is not needed any more: the body may take its place.
    getBody(this.#arena, bodyAt, bodyBytes, buffer.bytes, buffer.at)
    return buffer.keep(bodyBytes, bodyBytes)
  }

  #allowed(subject: string): boolean {
    if (this.#rules === undefined) return true
    const known = this.#known.get(subject)
    if (known !== undefined) return known
    const { filter, previous } = this.#rules
    const allowed = filterAllows(filter, subject) || (previous !== undefined && filterAllows(previous, subject))
    if (this.#known.size >= cachedRoutesMax) this.#known.clear()
    this.#known.set(subject, allowed)
    return allowed
  }

  /**
   * Readers are told of newer rules before senders are, but may be in the middle of a look when that happens: nobody is
   * accused by rules that are older than what the host has posted.
   */
  #allowedByNews(delivery: Delivery): boolean {
    this.#options.refresh?.()
    this.#passPlaces(delivery.position)
    return this.#allowed(delivery.subject)
  }

  /** Asked of each record: positions wrap, so that a place of the rules was passed has to be remembered. */
  #passPlaces(position: number): void {
    const rules = this.#rules
    if (rules === undefined) return
    this.#isEnforced ||= rules.enforcedFrom !== undefined && !isBefore(position, rules.enforcedFrom)
    if (rules.previousUntil === undefined || isBefore(position, rules.previousUntil)) return
    this.#rules = { ...rules, previous: undefined, previousUntil: undefined }
    this.#known.clear()
  }
}

/** Whether a position of a lane comes before another; they are less than half a turn apart. */
export function isBefore(position: number, other: number): boolean {
  return ((position - other) | 0) < 0
}

function outsideFilter(delivery: Delivery): BulkheadError {
  const { subject, sender } = delivery
  return new BulkheadError(
    'topic-access-denied',
    `\`${sender.id}\` sent to the topic \`${subject}\` past its own checks`,
    {
      details: { topic: subject, action: 'publish', sender: sender.id, incarnation: sender.incarnation },
    },
  )
}
