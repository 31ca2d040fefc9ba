import type { Ledger } from '../ledger.js'
import { stopGraceMs } from '../limits.js'

/**
 * When a guest that is asked to stop leaves what it is in. A program leaves at its next host call. A handler finishes the
 * message that it has in hand, so that a stop loses none: its calls go on, its waits for a while. How long all of it may
 * take is the host's to say, which kills in the end.
 */
export class Stopping {
  readonly #ledger: Ledger
  readonly #now: () => bigint
  #sinceNs: bigint | undefined
  /** Whether the guest has a message in hand. */
  inMessage = false

  constructor(ledger: Ledger, now: () => bigint) {
    this.#ledger = ledger
    this.#now = now
  }

  get isAsked(): boolean {
    return this.#ledger.stopping
  }

  /** Whether a host call is the guest's last. */
  endsCalls(): boolean {
    return this.isAsked && !this.inMessage
  }

  /** How long a wait may go on, in milliseconds; 0: it ends. */
  waitLeftMs(): number {
    if (!this.isAsked) return Number.POSITIVE_INFINITY
    if (!this.inMessage) return 0
    this.#sinceNs ??= this.#now()
    return Math.max(0, stopGraceMs - Number(this.#now() - this.#sinceNs) / 1e6)
  }
}

/** The host asked for an orderly stop: the guest's stack unwinds here. */
export class StopRequested extends Error {
  constructor() {
    super('the host asked for a stop')
  }
}
