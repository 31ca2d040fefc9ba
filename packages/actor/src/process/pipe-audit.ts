import { Durability } from '@bulkhead/audit/durability'
import { createRecordRate, encodedBytesMax, RecordEncoder, runWindowNs, sameDecision } from '@bulkhead/audit/records'
import { RateBucket } from '@bulkhead/quota'
import { type AccessRecord, Fault } from '@bulkhead/vocabulary'
import type { GuestAudit } from '../run-guest.js'

const lengthBytes = 4

/**
 * Records by writing to an inherited pipe: when `append` returns, the record is in the kernel and outlives the process
 * (TRAPS T8). A full pipe blocks the thread: the host reads it at the rate that this actor has. The thread keeps to the
 * usual rate by itself, decision by decision, so that it is rarely stopped for long in the middle of a call.
 *
 * Where the audit is strict, a granted decision waits until the host has said that its disk has the record.
 *
 * An exception in the middle of a record (stack exhaustion can put one anywhere) leaves half of it: nothing may follow.
 */
export class PipeAudit implements GuestAudit {
  readonly #writeSync: typeof import('node:fs')['writeSync']
  readonly #descriptor: number
  readonly #encoder = new RecordEncoder()
  readonly #frame = new Uint8Array(lengthBytes + encodedBytesMax)
  readonly #view = new DataView(this.#frame.buffer)
  readonly #pace: RateBucket
  readonly #confirmed: Durability | undefined
  #granted = 0
  #writing = false
  #newest: AccessRecord | undefined
  #newestUntil = 0n

  /**
   * @param clock monotonic nanoseconds; for the rate alone.
   * @param confirmed where the audit is strict: how many granted decisions are on the host's disk.
   */
  constructor(
    { writeSync }: Pick<typeof import('node:fs'), 'writeSync'>,
    descriptor: number,
    clock: () => bigint,
    confirmed?: SharedArrayBuffer,
  ) {
    this.#confirmed = confirmed && new Durability(confirmed)
    this.#pace = new RateBucket(createRecordRate(), clock)
    this.#writeSync = writeSync
    this.#descriptor = descriptor
  }

  get isStrict(): boolean {
    return this.#confirmed !== undefined
  }

  get isStalled(): boolean {
    return this.#confirmed?.stalled === true
  }

  append(record: AccessRecord): boolean {
    // A host that takes no records would leave this thread in a full pipe.
    if (this.isStalled) return false
    this.#write(record)
    if (this.#confirmed === undefined || record.verdict === 'denied') return true
    this.#granted = (this.#granted + 1) | 0
    return this.#confirmed.wait(this.#granted)
  }

  #write(record: AccessRecord): void {
    if (this.#writing) throw new Fault('internal', 'the audit pipe was left inside a record')
    this.#takeTurn(record)
    const length = this.#encoder.encode(record, 0)
    this.#view.setUint32(0, length, true)
    this.#frame.set(this.#encoder.bytes.subarray(0, length), lengthBytes)
    this.#writing = true
    for (let at = 0; at < lengthBytes + length; ) {
      at += this.#writeSync(this.#descriptor, this.#frame, at, lengthBytes + length - at)
    }
    this.#writing = false
  }

  /** What only repeats a decision of the last moment is no new record to the journal, and costs no turn. */
  #takeTurn(record: AccessRecord): void {
    const newest = this.#newest
    if (newest !== undefined && record.at <= this.#newestUntil && sameDecision(newest, record)) return
    this.#pace.takeWaiting(1)
    this.#newest = record
    this.#newestUntil = record.at + runWindowNs
  }

  /** Nothing is held back here. */
  flush(): void {}
}
