import { BulkheadError } from '@bulkhead/vocabulary'
import type { Spent } from './rate-bucket.js'
import { isAmount } from './rate-settings.js'

// Two words: how much is used, and how much may be.
//
//   0 u64: generation of the limit (11 bits) │ used (53 bits)      8 u64: limit
//
// INVARIANT (never above the limit): a change of the limit stores it and then moves the generation, so a reservation that
// was judged by the old limit fails its compare-and-exchange and is judged again. (It would take 2,048 changes between
// one thread's load and its exchange, and the same use after them, to fool it.)

/** Where a ledger lies. */
export type ByteLedgerMemory = { readonly buffer: SharedArrayBuffer; readonly byteOffset: number }

/** What one ledger takes of a block: a cache line. */
export const byteLedgerBytes = 64

const USED = 0
const LIMIT = 1
const GENERATION = 1n << 53n
const USED_BITS = GENERATION - 1n

/**
 * What of a limited amount is in use, counted in shared memory: exact with any number of threads, and never above the
 * limit. A limit that is lowered below what is used takes nothing away; nothing more is reserved until enough was given
 * back. Bytes by custom; it counts anything.
 *
 * Unlike a rate, a reservation outlives the thread that made it: the host gives back what a killed worker held.
 *
 * @example
 * ```ts
 * const { ledgers } = createQuotaBlock({ rates: {}, ledgers: { storage: 100 * 1024 ** 2 } })
 * const storage = new ByteLedger(ledgers.storage)
 * if (!storage.tryReserve(bytes.length)) refuse('quota')
 * ```
 */
export class ByteLedger {
  readonly #words: BigUint64Array

  /** @throws {BulkheadError} `usage` when the memory is not that of a ledger. */
  constructor({ buffer, byteOffset }: ByteLedgerMemory) {
    if (byteOffset % 64 !== 0 || byteOffset < 0 || byteOffset + byteLedgerBytes > buffer.byteLength) {
      throw new BulkheadError('usage', `there is no ledger at ${byteOffset} in ${buffer.byteLength} bytes`)
    }
    this.#words = new BigUint64Array(buffer, byteOffset, 2)
  }

  /** What is in use. */
  get used(): number {
    return Number(Atomics.load(this.#words, USED) & USED_BITS)
  }

  /** What may be in use; zero is nothing. */
  get limit(): number {
    return Number(Atomics.load(this.#words, LIMIT))
  }

  /**
   * Reserves so much, or nothing.
   *
   * @throws {BulkheadError} `usage` when it is not a whole number from 0 to 2⁵³ − 1.
   */
  tryReserve(bytes: number): boolean {
    const more = checked(bytes)
    if (more === 0n) return true
    for (;;) {
      const word = Atomics.load(this.#words, USED)
      const limit = Atomics.load(this.#words, LIMIT)
      if ((word & USED_BITS) + more > limit) return false
      if (Atomics.compareExchange(this.#words, USED, word, word + more) === word) return true
    }
  }

  /**
   * Gives back so much.
   *
   * @throws {BulkheadError} `usage` when so much is not in use: nothing is given back then.
   */
  release(bytes: number): void {
    const less = checked(bytes)
    for (;;) {
      const word = Atomics.load(this.#words, USED)
      const used = word & USED_BITS
      if (used < less) {
        throw new BulkheadError('usage', `${bytes} bytes were to be given back and only ${used} are in use`)
      }
      if (Atomics.compareExchange(this.#words, USED, word, word - less) === word) return
    }
  }

  /**
   * Puts another limit in force: when it returns, nothing is reserved by the old one. One thread at a time: the host's.
   *
   * @throws {BulkheadError} `usage` when it is not a whole number from 0 to 2⁵³ − 1.
   */
  changeLimit(bytes: number): void {
    Atomics.store(this.#words, LIMIT, checked(bytes))
    Atomics.add(this.#words, USED, GENERATION)
  }

  /** A sample for `stepWatermark`. */
  spent(): Spent {
    return { used: this.used, limit: this.limit }
  }
}

function checked(bytes: number): bigint {
  if (!isAmount(bytes)) throw new BulkheadError('usage', `\`${bytes}\` is not a number of bytes`)
  return BigInt(bytes)
}
