// What a process has recorded, on its way into the ring that the journal drains.
//
// The process writes a record into a pipe before it acts; what is in the pipe survives it. The host reads the pipe to its
// end, judges every byte, and puts the records into the ring of this incarnation at the rate that the actor has: beyond
// it the pipe fills, and then the actor waits in its write, nobody else.

import type { Socket } from 'node:net'
import { AuditRing, type RingMemory } from '@bulkhead/audit'
import { decodeRecord, encodedBytesMax } from '@bulkhead/audit/records'
import type { AccessRecord } from '@bulkhead/vocabulary'
import { ConfirmationWatch } from './confirmation-watch.js'
import { FrameReader } from './frames.js'
import { frameSliceMs, laneRetryMs, leftoverRecordsMs, recordsPerSlice } from './limits.js'

export type AuditInletPowers = {
  /** Monotonic nanoseconds since the runtime's origin. */
  readonly clock: () => bigint
  /** The newest policy version that the process was told. */
  readonly policyVersion: () => number
  /** Told `true` while the journal is late: time in which the host owes progress. */
  readonly onWait: (waiting: boolean) => void
  /** Strict audit: so many granted decisions are on the disk; nothing can be recorded while the journal is stalled. */
  readonly onRecorded: (granted: number, stalled: boolean) => void
  /** Something came that no honest process writes. */
  readonly onBreach: (reason: string) => void
}

export class AuditInlet {
  /** Resolves when the pipe has ended and everything in it was recorded, or nothing can be any more. */
  readonly done: Promise<void>
  readonly #socket: Socket
  readonly #ring: AuditRing
  readonly #powers: AuditInletPowers
  readonly #frames = new FrameReader(encodedBytesMax)
  readonly #confirmations: ConfirmationWatch
  #pending: AccessRecord | undefined
  #retry: NodeJS.Timeout | undefined
  #late = false
  #waiting = false
  #slice = 0
  #inSlice = 0
  #ended = false
  #given = false
  #finish: () => void = () => {}

  constructor(socket: Socket, memory: RingMemory, powers: AuditInletPowers) {
    this.#socket = socket
    this.#powers = powers
    this.#ring = new AuditRing(memory, { clock: powers.clock })
    this.#confirmations = new ConfirmationWatch(this.#ring, {
      onRecorded: powers.onRecorded,
      onMoved: () => this.#tellWait(),
    })
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      this.#frames.push(bytes)
      this.#feed()
    })
    socket.once('close', () => {
      this.#ended = true
      this.#confirmations.end()
      this.#feed()
    })
  }

  /** The process has ended: what is left in the pipe, which is not much, is taken out at once. */
  drain(): void {
    this.#ended = true
    this.#confirmations.end()
    this.#socket.resume()
    // A journal that is gone takes nothing: whoever waits for this has to hear of the end all the same.
    setTimeout(() => {
      this.#give()
      this.#feed()
    }, leftoverRecordsMs).unref()
  }

  #feed(): void {
    if (!this.#given && !this.#recordAll()) {
      if (!this.#ended) this.#socket.pause()
      this.#retry ??= setTimeout(() => this.#again(), laneRetryMs)
      return
    }
    this.#setLate(false)
    if (this.#socket.closed) this.#finish()
    else this.#socket.resume()
  }

  #again(): void {
    this.#retry = undefined
    this.#feed()
  }

  /** Whether everything that came was dealt with. */
  #recordAll(): boolean {
    for (let record = this.#pending ?? this.#next(); record !== undefined; record = this.#next()) {
      if (this.#isSliceSpent()) {
        this.#pending = record
        return false
      }
      const answer = this.#ring.tryAppend(record, this.#ended ? 'over' : 'kept')
      this.#pending = answer === 'recorded' ? undefined : record
      if (answer === 'recorded' && record.verdict === 'granted') this.#confirmations.expect()
      if (answer === 'ended') this.#give()
      if (answer === 'recorded' || answer === 'ended') continue
      this.#setLate(answer === 'full')
      return false
    }
    return true
  }

  /** Whether the host has done enough for this process for a while. */
  #isSliceSpent(): boolean {
    const slice = Math.floor(performance.now() / frameSliceMs)
    if (slice !== this.#slice) this.#inSlice = 0
    this.#slice = slice
    this.#inSlice += 1
    return this.#inSlice > recordsPerSlice && !this.#ended
  }

  #next(): AccessRecord | undefined {
    if (this.#given) return undefined
    try {
      const body = this.#frames.next()
      if (body === undefined) return undefined
      const decoded = decodeRecord(body)
      if (typeof decoded === 'string') return this.#breach(decoded)
      return this.#judged(decoded.record)
    } catch (thrown) {
      return this.#breach(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  /** The process has no word about when it is, and cannot have decided by rules that it was not told. */
  #judged(record: AccessRecord): AccessRecord | undefined {
    if (record.policyVersion > this.#powers.policyVersion()) return this.#breach('a record by rules of the future')
    const now = this.#powers.clock()
    return record.at >= 0n && record.at <= now ? record : { ...record, at: now }
  }

  #breach(reason: string): undefined {
    this.#give()
    this.#powers.onBreach(reason)
    return undefined
  }

  /** Nothing more is recorded; what still comes is thrown away, so that the end of the pipe is reached. */
  #give(): void {
    this.#given = true
    this.#pending = undefined
  }

  #setLate(late: boolean): void {
    this.#late = late
    this.#tellWait()
  }

  /** The process waits for the host while the ring is full, and while the disk has not what the process is to act on. */
  #tellWait(): void {
    const waiting = this.#late || this.#confirmations.isOwed
    if (waiting !== this.#waiting) this.#powers.onWait(waiting)
    this.#waiting = waiting
  }
}
