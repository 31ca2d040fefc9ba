import { parseRate, type Rate } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { amountMax, blockSlotsMax } from './limits.js'
import { createQuotaBlock } from './quota-block.js'
import { RateBucket } from './rate-bucket.js'
import { type RateBucketMemory, RateCells, rateBucketBytes } from './rate-cells.js'
import { changeRate } from './rate-change.js'
import { paceOf, type RateSettings } from './rate-settings.js'
import { TakeCost } from './take-cost.js'

function createBucket(settings: RateSettings): RateBucketMemory {
  return createQuotaBlock({ rates: { only: settings }, ledgers: {} }).rates.only
}

function copyOf(memory: RateBucketMemory): RateBucketMemory {
  const buffer = new SharedArrayBuffer(rateBucketBytes)
  new Uint8Array(buffer).set(new Uint8Array(memory.buffer, memory.byteOffset, rateBucketBytes))
  return { buffer, byteOffset: 0 }
}

const never: RateSettings = { rate: { amount: 0, perMs: 1_000 } }
const rate = (text: string): Rate => parseRate(text) ?? { amount: 0, perMs: 1 }
const perMs = fc.constantFrom(1_000, 60_000, 3_600_000)
const anyRate = fc.record({
  amount: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: amountMax })),
  perMs,
})
const anySettings = fc
  .tuple(anyRate, fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }))
  .map(([rate, burst]) => (burst === undefined ? { rate } : { rate, burst }))

describe('a bucket', () => {
  it('lets a burst through and then its rate, to the nanosecond', () => {
    let nowNs = 5n
    const bucket = new RateBucket(createBucket({ rate: rate('2000/s') }), () => nowNs)
    for (let count = 0; count < 2_000; count++) expect(bucket.take(1)).toBe('taken')
    expect(bucket.take(1)).toEqual({ retryInNs: 500_000 })
    nowNs += 499_999n
    expect(bucket.take(1)).toEqual({ retryInNs: 1 })
    nowNs += 1n
    expect(bucket.take(1)).toBe('taken')
    expect(bucket.take(2_000)).toEqual({ retryInNs: 1_000_000_000 })
    expect(bucket.take(2_001)).toEqual({ retryInNs: Number.POSITIVE_INFINITY })
  })

  it.each([
    { text: '0/s', first: Number.POSITIVE_INFINITY },
    { text: '1/h', first: 3_600e9 },
    { text: '30/m', first: 2e9 },
    { text: '120/m', first: 0.5e9 },
  ])('of $text lets through one second’s worth and at least one, and zero lets nothing through', ({ text, first }) => {
    const bucket = new RateBucket(createBucket({ rate: rate(text) }), () => 0n)
    let taken = 0
    while (bucket.take(1) === 'taken') taken++
    expect(taken).toBe({ '0/s': 0, '1/h': 1, '30/m': 1, '120/m': 2 }[text])
    expect(bucket.take(1)).toEqual({ retryInNs: first })
    expect(bucket.take(0)).toBe('taken')
  })

  it('lets nothing through with a burst of zero, and one with a burst of one', () => {
    const of = (burst: number) => new RateBucket(createBucket({ rate: rate('10/s'), burst }), () => 0n)
    expect(of(0).take(1)).toEqual({ retryInNs: Number.POSITIVE_INFINITY })
    expect(of(1).take(1)).toBe('taken')
  })

  it('costs what the formula says, in whatever arithmetic', () => {
    fc.assert(
      fc.property(
        anyRate,
        fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: amountMax })),
        (rate, n) => {
          const exact = BigInt(n) * BigInt(rate.perMs) * 1_000_000n
          const amount = BigInt(rate.amount)
          const expected = exact / amount + (exact % amount === 0n ? 0n : 1n)
          expect(new TakeCost(paceOf({ rate, burst: 0 })).ns(n)).toBe(expected)
        },
      ),
    )
  })

  it('never lets one more through than burst and rate allow, in any window, however the clock goes', () => {
    const step = fc.record({
      clock: fc.oneof(fc.bigInt(0n, 2_000_000_000n), fc.bigInt(-3_000_000_000n, 0n)),
      n: fc.nat(40),
    })
    fc.assert(
      fc.property(anySettings, fc.array(step, { maxLength: 60 }), (settings, steps) => {
        let nowNs = 10n ** 12n
        const bucket = new RateBucket(createBucket(settings), () => nowNs)
        const pace = paceOf(settings)
        const taken: { readonly atNs: bigint; readonly n: number }[] = []
        for (const { clock, n } of steps) {
          nowNs += clock
          if (bucket.take(n) === 'taken' && n > 0) taken.push({ atNs: nowNs, n })
        }
        for (const [from, first] of taken.entries()) {
          let sum = 0n
          for (const { atNs, n } of taken.slice(from)) {
            sum += BigInt(n)
            expect(sum * pace.perNs <= (pace.burstNs + atNs - first.atNs) * pace.amount).toBe(true)
          }
        }
      }),
    )
  })

  it('does what the model does, through steps of the clock and changes of the rate', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('advance' as const), ns: fc.bigInt(-2_000_000_000n, 4_000_000_000n) }),
      fc.record({ type: fc.constant('take' as const), n: fc.nat(60) }),
      fc.record({ type: fc.constant('change' as const), settings: anySettings }),
    )
    fc.assert(
      fc.property(anySettings, fc.array(step, { maxLength: 80 }), (first, steps) => {
        let nowNs = 10n ** 15n
        const memory = createBucket(first)
        const bucket = new RateBucket(memory, () => nowNs)
        const model = { arrival: new RateCells(memory).arrivalNs(), pace: paceOf(first) }
        for (const each of steps) {
          if (each.type === 'advance') nowNs += each.ns
          if (each.type === 'change') {
            changeRate(memory, each.settings)
            model.pace = paceOf(each.settings)
            model.arrival += 1n
          }
          if (each.type !== 'take' || each.n === 0) continue
          const { amount, perNs, burstNs } = model.pace
          const cost = amount === 0n ? burstNs + 1n : (BigInt(each.n) * perNs + amount - 1n) / amount
          const next = (model.arrival > nowNs ? model.arrival : nowNs) + cost
          if (next - nowNs <= burstNs) model.arrival = next
          const waitNs = cost > burstNs ? Number.POSITIVE_INFINITY : Number(next - nowNs - burstNs)
          expect(bucket.take(each.n)).toEqual(next - nowNs <= burstNs ? 'taken' : { retryInNs: waitNs })
          expect(new RateCells(memory).arrivalNs()).toBe(model.arrival)
        }
      }),
    )
  })

  it('says how long to wait: then, and not a nanosecond before', () => {
    fc.assert(
      fc.property(anySettings, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }), (settings, takes) => {
        const memory = createBucket(settings)
        const bucket = new RateBucket(memory, () => 7n)
        for (const n of takes) {
          const answer = bucket.take(n)
          if (answer === 'taken' || answer.retryInNs === Number.POSITIVE_INFINITY) continue
          const dueNs = 7n + BigInt(answer.retryInNs)
          expect(new RateBucket(copyOf(memory), () => dueNs - 1n).take(n)).toEqual({ retryInNs: 1 })
          expect(new RateBucket(copyOf(memory), () => dueNs).take(n)).toBe('taken')
        }
      }),
    )
  })

  it('makes takers wait when the clock steps back, by as much, and lets nothing more through', () => {
    let nowNs = 10_000_000_000n
    const bucket = new RateBucket(createBucket({ rate: rate('1/s') }), () => nowNs)
    expect(bucket.take(1)).toBe('taken')
    nowNs -= 3_000_000_000n
    expect(bucket.take(1)).toEqual({ retryInNs: 4_000_000_000 })
    nowNs += 4_000_000_000n
    expect(bucket.take(1)).toBe('taken')
  })

  it('never stores what overflows, whatever lies in the cell', () => {
    const huge = 2n ** 62n
    fc.assert(
      fc.property(
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        fc.bigInt(0n, huge),
        anySettings,
        (arrival, nowNs, settings) => {
          const memory = createBucket(settings)
          const cell = new BigInt64Array(memory.buffer, memory.byteOffset, 1)
          cell[0] = arrival
          const answer = new RateBucket(memory, () => nowNs).take(1)
          const after = cell[0]
          expect(answer === 'taken' ? after > nowNs : after === arrival).toBe(true)
          expect(answer !== 'taken' || after <= nowNs + paceOf(settings).burstNs).toBe(true)
        },
      ),
    )
  })

  it('tells how much of the burst is spent', () => {
    let nowNs = 0n
    const memory = createBucket({ rate: rate('4/s') })
    const bucket = new RateBucket(memory, () => nowNs)
    expect(bucket.spent()).toEqual({ used: 0, limit: 1e9 })
    bucket.take(3)
    expect(bucket.spent()).toEqual({ used: 0.75e9, limit: 1e9 })
    nowNs += 2_000_000_000n
    expect(bucket.spent()).toEqual({ used: 0, limit: 1e9 })
  })
})

describe('a change of the rate', () => {
  it('keeps what was spent, and holds at once', () => {
    let nowNs = 0n
    const memory = createBucket({ rate: rate('10/s') })
    const bucket = new RateBucket(memory, () => nowNs)
    expect(bucket.take(10)).toBe('taken')
    changeRate(memory, { rate: rate('1000/s') })
    expect(bucket.take(1)).toEqual({ retryInNs: 1_000_001 })
    nowNs += 1_000_001n
    expect(bucket.take(1)).toBe('taken')
    changeRate(memory, { rate: rate('0/s') })
    nowNs += 10n ** 12n
    expect(bucket.take(1)).toEqual({ retryInNs: Number.POSITIVE_INFINITY })
    changeRate(memory, { rate: rate('1/h') })
    expect(bucket.take(1)).toBe('taken')
  })

  // The clock is read between the load of the word and its exchange: what it does here happens in between.
  it('voids a take that was judged by the old rate', () => {
    const memory = createBucket({ rate: rate('10/s') })
    let meanwhile = () => changeRate(memory, { rate: rate('0/s') })
    const bucket = new RateBucket(memory, () => {
      meanwhile()
      meanwhile = () => undefined
      return 0n
    })
    expect(bucket.take(1)).toEqual({ retryInNs: Number.POSITIVE_INFINITY })
  })

  it('voids it also when the rate was changed there and back', () => {
    const memory = createBucket({ rate: rate('10/s'), burst: 1 })
    const changes = ['0/s', '10/s'].map((text) => () => changeRate(memory, { rate: rate(text), burst: 1 }))
    let reads = 0
    const bucket = new RateBucket(memory, () => {
      if (reads++ === 0) for (const change of changes) change()
      return 0n
    })
    // The arrival is two changes ahead of a clock that stands: no room for a whole one.
    expect(bucket.take(1)).toEqual({ retryInNs: 2 })
    expect(reads).toBe(2)
  })

  it.each([1, 2, 3, 4, 5])('is seen whole, also by who is overtaken by two changes after load %d', (overtakenAt) => {
    const settings = [1, 2, 4, 8].map((amount) => ({ rate: { amount, perMs: 1_000 * amount ** 2 }, burst: amount }))
    const [first = never, ...later] = settings
    const memory = createBucket(first)
    const cells = new RateCells(memory)
    const next = () => changeRate(memory, later.shift() ?? first)
    next()
    const load = Atomics.load
    let loads = 0
    // A hook between the loads of a thread: what it does is what another thread may do there.
    vi.spyOn(Atomics, 'load').mockImplementation(((cell: BigInt64Array, index: number) => {
      const value = load(cell, index)
      if (++loads === overtakenAt) {
        next()
        next()
      }
      return value
    }) as typeof Atomics.load)
    const { burstNs, cost } = cells.pace()
    vi.restoreAllMocks()
    const paces = settings.map((each) => [paceOf(each).burstNs, new TakeCost(paceOf(each)).ns(1)])
    expect(paces).toContainEqual([burstNs, cost?.ns(1)])
  })

  it('leaves the old settings in force when the new ones cannot be', () => {
    const memory = createBucket({ rate: rate('10/s') })
    expect(() => changeRate(memory, { rate: { amount: -1, perMs: 1_000 } })).toThrow('not an amount of a rate')
    expect(new RateBucket(memory, () => 0n).take(10)).toBe('taken')
  })
})

describe('two takers', () => {
  it('are judged one after the other: the later sees what the earlier took', () => {
    const memory = createBucket({ rate: rate('1/s') })
    const other = new RateBucket(memory, () => 0n)
    let meanwhile: (() => unknown) | undefined = () => other.take(1)
    const bucket = new RateBucket(memory, () => {
      const now = meanwhile
      meanwhile = undefined
      now?.()
      return 0n
    })
    expect(bucket.take(1)).toEqual({ retryInNs: 1_000_000_000 })
  })
})

describe('what is no bucket', () => {
  it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])('refuses a take of %d', (n) => {
    expect(() => new RateBucket(createBucket({ rate: rate('1/s') }), () => 0n).take(n)).toThrow('not an amount to take')
  })

  it.each([
    { rate: { amount: 0.5, perMs: 1_000 } },
    { rate: { amount: 2 ** 53, perMs: 1_000 } },
    { rate: { amount: 1, perMs: 0 } },
    { rate: { amount: 1, perMs: 86_400_001 } },
    { rate: { amount: 1, perMs: 1_000 }, burst: -1 },
    { rate: { amount: 1, perMs: 3_600_000 }, burst: 2_502 },
  ])('refuses the settings %j', (settings) => {
    expect(() => createBucket(settings)).toThrow()
  })

  it('takes the largest that can be', () => {
    const bucket = new RateBucket(createBucket({ rate: { amount: amountMax, perMs: 1_000 } }), () => 0n)
    expect(bucket.take(amountMax)).toBe('taken')
    expect(() => createBucket({ rate: { amount: 1, perMs: 3_600_000 }, burst: 2_501 })).not.toThrow()
  })

  it('refuses memory that is no bucket’s, and a block of 65', () => {
    const buffer = new SharedArrayBuffer(rateBucketBytes)
    for (const byteOffset of [-64, 8, 64, 128]) {
      expect(() => new RateBucket({ buffer, byteOffset }, () => 0n)).toThrow('there is no bucket')
    }
    const block = (slots: number) =>
      createQuotaBlock({
        rates: {},
        ledgers: Object.fromEntries(Array.from({ length: slots }, (_, slot) => [slot, 1])),
      })
    expect(Object.keys(block(blockSlotsMax).ledgers)).toHaveLength(blockSlotsMax)
    expect(() => block(blockSlotsMax + 1)).toThrow('a quota block holds 64')
  })
})
