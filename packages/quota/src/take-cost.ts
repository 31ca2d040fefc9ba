import { divideUp, type Pace } from './rate-settings.js'

/**
 * What takes cost at one pace: a take of n costs ⌈n × perNs / amount⌉ nanoseconds, rounded once per take (SPEC 12).
 * Remembers the newest answer, because most takes are of 1.
 */
export class TakeCost {
  readonly #pace: Pace
  readonly #amount: number
  readonly #perNs: number
  readonly #exactUpTo: number
  #newest = 0
  #newestNs = 0n

  /** @param pace one whose amount is not zero. */
  constructor(pace: Pace) {
    this.#pace = pace
    this.#amount = Number(pace.amount)
    this.#perNs = Number(pace.perNs)
    this.#exactUpTo = Math.floor(Number.MAX_SAFE_INTEGER / this.#perNs)
  }

  /** @param n a whole number of at least 1. */
  ns(n: number): bigint {
    if (n !== this.#newest) {
      this.#newestNs = n <= this.#exactUpTo ? BigInt(this.#inNumbers(n)) : this.#inBigInts(n)
      this.#newest = n
    }
    return this.#newestNs
  }

  /** Exact: the product is a safe integer, `%` has no rounding, and what is left divides without a remainder. */
  #inNumbers(n: number): number {
    const product = n * this.#perNs
    const rest = product % this.#amount
    return (product - rest) / this.#amount + (rest === 0 ? 0 : 1)
  }

  #inBigInts(n: number): bigint {
    return divideUp(BigInt(n) * this.#pace.perNs, this.#pace.amount)
  }
}
