import { messageLookMsMax, messageLookMsMin } from './limits.js'

/** What the ledger says: instants and sums on the worker's clock. */
export type MessageReading = {
  readonly nowNs: bigint
  /** When the message in processing was handed over; `undefined` between messages. */
  readonly sinceNs: bigint | undefined
  /** All the time so far in which the host owed progress. */
  readonly hostWaitNs: bigint
}

/**
 * Judges whether a handler has had one message for longer than it may. Time in which the host owed progress does not
 * count; of the waits around a message's begin those since the last look are taken for its own, in its favour.
 */
export class MessageWatch {
  readonly #deadlineMs: number
  readonly #lookMs: number
  #sinceNs: bigint | undefined
  #waitedBeforeNs = 0n
  #waitedAtLastLookNs = 0n

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs
    this.#lookMs = Math.min(messageLookMsMax, Math.max(messageLookMsMin, deadlineMs / 8))
  }

  /** In how many milliseconds to look again, or that the time is over. */
  look({ nowNs, sinceNs, hostWaitNs }: MessageReading): number | 'overdue' {
    if (sinceNs !== this.#sinceNs) {
      this.#sinceNs = sinceNs
      this.#waitedBeforeNs = this.#waitedAtLastLookNs
    }
    this.#waitedAtLastLookNs = hostWaitNs
    if (sinceNs === undefined) return this.#lookMs
    const usedMs = Number(nowNs - sinceNs - (hostWaitNs - this.#waitedBeforeNs)) / 1e6
    if (usedMs >= this.#deadlineMs) return 'overdue'
    return Math.max(1, Math.min(this.#lookMs, this.#deadlineMs - usedMs))
  }
}
