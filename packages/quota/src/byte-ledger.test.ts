import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteLedger } from './byte-ledger.js'
import { amountMax } from './limits.js'
import { createQuotaBlock } from './quota-block.js'

function createLedger(limit: number): ByteLedger {
  return new ByteLedger(createQuotaBlock({ rates: {}, ledgers: { only: limit } }).ledgers.only)
}

describe('a ledger', () => {
  it('reserves up to the limit and not one byte more, and gives back', () => {
    const ledger = createLedger(100)
    expect(ledger.tryReserve(60)).toBe(true)
    expect(ledger.tryReserve(41)).toBe(false)
    expect(ledger.tryReserve(40)).toBe(true)
    expect(ledger.spent()).toEqual({ used: 100, limit: 100 })
    expect(ledger.tryReserve(1)).toBe(false)
    ledger.release(1)
    expect(ledger.tryReserve(1)).toBe(true)
  })

  it('has room for nothing at a limit of zero, and counts to 2⁵³ − 1', () => {
    expect(createLedger(0).tryReserve(1)).toBe(false)
    expect(createLedger(0).tryReserve(0)).toBe(true)
    const largest = createLedger(amountMax)
    expect(largest.tryReserve(amountMax)).toBe(true)
    expect(largest.tryReserve(amountMax)).toBe(false)
    largest.changeLimit(amountMax)
    expect(largest.used).toBe(amountMax)
  })

  it('takes nothing away when the limit is lowered, and reserves nothing until there is room', () => {
    const ledger = createLedger(100)
    ledger.tryReserve(80)
    ledger.changeLimit(50)
    expect(ledger.spent()).toEqual({ used: 80, limit: 50 })
    expect(ledger.tryReserve(1)).toBe(false)
    ledger.release(31)
    expect(ledger.tryReserve(1)).toBe(true)
    expect(ledger.tryReserve(1)).toBe(false)
  })

  it('voids a reservation that was judged by an older limit', () => {
    const { only } = createQuotaBlock({ rates: {}, ledgers: { only: 100 } }).ledgers
    const ledger = new ByteLedger(only)
    ledger.tryReserve(10)
    const words = new BigUint64Array(only.buffer, only.byteOffset, 1)
    const judged = Atomics.load(words, 0)
    ledger.changeLimit(20)
    ledger.changeLimit(100)
    // The exchange of a reservation of 50 that another thread had begun before.
    expect(Atomics.compareExchange(words, 0, judged, judged + 50n)).not.toBe(judged)
    expect(ledger.spent()).toEqual({ used: 10, limit: 100 })
  })

  it('refuses what cannot be given back, and what is no number of bytes', () => {
    const ledger = createLedger(10)
    ledger.tryReserve(5)
    expect(() => ledger.release(6)).toThrow('only 5 are in use')
    expect(ledger.used).toBe(5)
    for (const bytes of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => ledger.tryReserve(bytes)).toThrow('not a number of bytes')
      expect(() => ledger.release(bytes)).toThrow('not a number of bytes')
      expect(() => ledger.changeLimit(bytes)).toThrow('not a number of bytes')
    }
    expect(() => new ByteLedger({ buffer: new SharedArrayBuffer(64), byteOffset: 64 })).toThrow('no ledger')
  })

  it('does what the model does', () => {
    const step = fc.record({ act: fc.constantFrom('reserve', 'release', 'limit'), bytes: fc.nat(100) })
    fc.assert(
      fc.property(fc.nat(200), fc.array(step), (limit, steps) => {
        const ledger = createLedger(limit)
        const model = { used: 0, limit }
        for (const { act, bytes } of steps) {
          if (act === 'limit') {
            ledger.changeLimit(bytes)
            model.limit = bytes
          } else if (act === 'reserve') {
            const fits = bytes === 0 || model.used + bytes <= model.limit
            expect(ledger.tryReserve(bytes)).toBe(fits)
            if (fits) model.used += bytes
          } else if (bytes <= model.used) {
            ledger.release(bytes)
            model.used -= bytes
          }
          expect(ledger.spent()).toEqual(model)
        }
      }),
    )
  })
})
