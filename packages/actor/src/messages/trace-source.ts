import { traceBytes } from '@bulkhead/mailbox'
import type { RandomPool } from './random-pool.js'

const traceIdBytes = 16
const spanIdBytes = 8
const sampled = 1

/** The trace contexts of what one guest sends: of the message that it is handling, else each of its own. */
export class TraceSource {
  readonly #random: RandomPool
  readonly #next = new Uint8Array(traceBytes)
  #handled: Uint8Array | undefined

  constructor(random: RandomPool) {
    this.#random = random
  }

  /** What is sent from now on follows from this message; from none for `undefined`. */
  follow(trace: Uint8Array | undefined): void {
    this.#handled = trace
  }

  /** The context of the next message, with a span of its own; good until the next call. */
  next(): Uint8Array {
    const next = this.#next
    const handled = this.#handled
    next.set(handled?.subarray(0, traceIdBytes) ?? this.#random.take(traceIdBytes))
    next.set(this.#random.take(spanIdBytes), traceIdBytes)
    next[traceBytes - 1] = handled?.[traceBytes - 1] ?? sampled
    return next
  }
}
