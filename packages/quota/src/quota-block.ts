import { BulkheadError } from '@bulkhead/vocabulary'
import { ByteLedger, type ByteLedgerMemory, byteLedgerBytes } from './byte-ledger.js'
import { blockSlotsMax } from './limits.js'
import { type RateBucketMemory, RateCells, rateBucketBytes } from './rate-cells.js'
import { paceOf, type RateSettings } from './rate-settings.js'

/** Named buckets and ledgers in one piece of shared memory: plain data, given to a thread whole or in parts. */
export type QuotaBlock<Rates extends string, Ledgers extends string> = {
  readonly rates: { readonly [Name in Rates]: RateBucketMemory }
  readonly ledgers: { readonly [Name in Ledgers]: ByteLedgerMemory }
}

/**
 * Makes buckets, all full, and ledgers with nothing in use. To hand out one slot is to hand out the block's memory:
 * what a thread must not write goes into another block.
 *
 * @param limits the settings of each bucket, and the limit of each ledger in bytes.
 * @throws {BulkheadError} `usage` for settings or a limit that cannot be; `resource-limit-exceeded` for over 64 slots.
 * @example
 * ```ts
 * const block = createQuotaBlock({
 *   rates: { messages: { rate: { amount: 1_000, perMs: 1_000 } }, bytes: { rate: { amount: 2 ** 20, perMs: 1_000 } } },
 *   ledgers: { mailbox: 4 * 1024 ** 2 },
 * })
 * new Worker(file, { workerData: { messages: block.rates.messages } })
 * ```
 */
export function createQuotaBlock<Rates extends string, Ledgers extends string>(limits: {
  readonly rates: { readonly [Name in Rates]: RateSettings }
  readonly ledgers: { readonly [Name in Ledgers]: number }
}): QuotaBlock<Rates, Ledgers> {
  const rates = Object.entries<RateSettings>(limits.rates)
  const ledgers = Object.entries<number>(limits.ledgers)
  if (rates.length + ledgers.length > blockSlotsMax) {
    throw new BulkheadError('resource-limit-exceeded', `a quota block holds ${blockSlotsMax} buckets and ledgers`, {
      details: { resource: 'quota block', limit: blockSlotsMax },
    })
  }
  const buffer = new SharedArrayBuffer(rates.length * rateBucketBytes + ledgers.length * byteLedgerBytes)
  const buckets = rates.map(([name, settings], index) => {
    const memory = { buffer, byteOffset: index * rateBucketBytes }
    new RateCells(memory).writePace(paceOf(settings))
    return [name, memory] as const
  })
  const books = ledgers.map(([name, limit], index) => {
    const memory = { buffer, byteOffset: rates.length * rateBucketBytes + index * byteLedgerBytes }
    new ByteLedger(memory).changeLimit(limit)
    return [name, memory] as const
  })
  return {
    rates: Object.fromEntries(buckets) as { [Name in Rates]: RateBucketMemory },
    ledgers: Object.fromEntries(books) as { [Name in Ledgers]: ByteLedgerMemory },
  }
}
