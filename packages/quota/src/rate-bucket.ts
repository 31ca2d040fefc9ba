import { BulkheadError } from '@bulkhead/vocabulary'
import { nextArrival, retryInNs } from './gcra.js'
import { type RateBucketMemory, RateCells } from './rate-cells.js'
import { isAmount } from './rate-settings.js'

/** `retryInNs`: the take succeeds after exactly so many nanoseconds if nobody else takes; `Infinity`: no wait helps. */
export type Take = 'taken' | { readonly retryInNs: number }

/** How much of a burst is spent, in nanoseconds of the rate: a sample for `stepWatermark`. */
export type Spent = { readonly used: number; readonly limit: number }

/**
 * A rate limit in shared memory, one atomic word (GCRA): exact with any number of threads, each with a `RateBucket` of
 * its own on the same memory. A refused take costs nothing. A thread that is killed at any instruction has taken or has
 * not; there is nothing to recover.
 *
 * Who holds the memory can write it: it binds a guest behind our code, and not a thread that was subverted. Where it has
 * to bind that too, the reader of what the thread sends takes from a bucket which the thread does not have.
 *
 * @example
 * ```ts
 * const { rates } = createQuotaBlock({ rates: { messages: { rate: { amount: 1_000, perMs: 1_000 } } }, ledgers: {} })
 * const messages = new RateBucket(rates.messages, process.hrtime.bigint) // in any thread
 * const answer = messages.take(1)
 * if (answer !== 'taken') refuse(`again in ${answer.retryInNs} ns`)
 * ```
 */
export class RateBucket {
  readonly #cells: RateCells
  readonly #clock: () => bigint

  /**
   * @param clock monotonic nanoseconds, at least 0, of one origin for all threads.
   * @throws {BulkheadError} `usage` when the memory is not that of a bucket.
   */
  constructor(memory: RateBucketMemory, clock: () => bigint) {
    this.#cells = new RateCells(memory)
    this.#clock = clock
  }

  /**
   * Takes n at once, or nothing. Nothing is always there to be taken: `take(0)` succeeds at any rate.
   *
   * @throws {BulkheadError} `usage` when n is not a whole number from 0 to 2⁵³ − 1.
   */
  take(n: number): Take {
    checkTake(n)
    if (n === 0) return 'taken'
    for (;;) {
      const arrivalNs = this.#cells.arrivalNs()
      const { burstNs, cost } = this.#cells.pace()
      if (cost === undefined) return never
      const costNs = cost.ns(n)
      const nowNs = this.#clock()
      const nextNs = nextArrival(arrivalNs, nowNs, costNs)
      if (nextNs - nowNs > burstNs) return { retryInNs: retryInNs(nextNs, nowNs, costNs, burstNs) }
      if (this.#cells.exchangeArrival(arrivalNs, nextNs)) return 'taken'
    }
  }

  /**
   * Takes n, and blocks the thread until it can. A change of the rate wakes it. Never on a thread whose event loop must
   * run; it waits for ever where no wait helps and nobody changes the rate.
   *
   * @throws {BulkheadError} `usage` as `take`.
   */
  takeWaiting(n: number): void {
    for (;;) {
      const pace = this.#cells.pace()
      const answer = this.take(n)
      if (answer === 'taken') return
      this.#cells.waitForChange(pace, Math.ceil(answer.retryInNs / 1e6))
    }
  }

  /** How much of the burst is spent now; more than the limit after a change to a smaller one. */
  spent(): Spent {
    const aheadNs = this.#cells.arrivalNs() - this.#clock()
    return { used: aheadNs > 0n ? Number(aheadNs) : 0, limit: Number(this.#cells.pace().burstNs) }
  }
}

/** The answer of a bucket that lets nothing through. */
export const never: Take = Object.freeze({ retryInNs: Number.POSITIVE_INFINITY })

/** @throws {BulkheadError} `usage` when n cannot be taken from any bucket. */
export function checkTake(n: number): void {
  if (!isAmount(n)) throw new BulkheadError('usage', `\`${n}\` is not an amount to take`)
}
