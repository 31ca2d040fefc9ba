import { type Delivery, traceBytes } from '@bulkhead/mailbox'
import type { TracedCalls } from '@bulkhead/wasi'
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

  /** Whether anything will be told of a message that is about to be handled: what is told of it costs nothing else. */
  tells({ trace }: Delivery): boolean {
    if (trace === undefined || ((trace[traceBytes - 1] ?? 0) & sampled) === 0) return false
    return this.#told < handlingsToldPerSecond || this.#isNewSecond(this.#now())
  }

  /** A message was handled; `sinceNs` is when the handler was entered. */
  tell(delivery: Delivery, sinceNs: bigint, failed: boolean, traced?: TracedCalls): void {
    const { subject, sender, trace } = delivery
    if (trace === undefined || !this.tells(delivery)) return
    const untilNs = this.#now()
    if (this.#isNewSecond(untilNs)) {
      this.#sinceNs = untilNs
      this.#told = 0
    }
    this.#told += 1
    this.#post({
      ...{ kind: 'message-handled', subject, from: sender, trace: trace.slice(), sinceNs, untilNs, failed },
      ...(traced === undefined ? {} : { traced }),
    })
  }

  #isNewSecond(nowNs: bigint): boolean {
    return this.#sinceNs === undefined || nowNs - this.#sinceNs >= secondNs
  }
}
