import { type Delivery, traceBytes } from '@bulkhead/mailbox'
import { handlingsToldPerSecond } from '../limits.js'
import type { MessageEvent } from '../message-protocol.js'

const sampled = 1
const secondNs = 1_000_000_000n

/** Tells the host how long messages took whose traces are sampled: as many in a second as it can bear. */
export class HandlingReports {
  readonly #now: () => bigint
  readonly #post: (event: MessageEvent) => void
  #sinceNs: bigint | undefined
  #told = 0

  constructor(now: () => bigint, post: (event: MessageEvent) => void) {
    this.#now = now
    this.#post = post
  }

  /** A message was handled; `sinceNs` is when the handler was entered. */
  tell({ subject, sender, trace }: Delivery, sinceNs: bigint, failed: boolean): void {
    if (trace === undefined || ((trace[traceBytes - 1] ?? 0) & sampled) === 0) return
    const untilNs = this.#now()
    if (this.#sinceNs === undefined || untilNs - this.#sinceNs >= secondNs) {
      this.#sinceNs = untilNs
      this.#told = 0
    }
    if (this.#told >= handlingsToldPerSecond) return
    this.#told += 1
    this.#post({ kind: 'message-handled', subject, from: sender, trace: trace.slice(), sinceNs, untilNs, failed })
  }
}
