import { RateBucket, RateChain } from '@bulkhead/quota'
import { expect, it } from 'vitest'
import { rateTreeNodesMax } from '../limits.js'
import { MessageRates, type SupervisorRate } from './message-rates.js'

const perSecond = (amount: number, written = true) => ({ rate: { amount, perMs: 1_000 }, written })

/** How many messages may be sent, or handed, at once. */
function burst(rate: ReturnType<ReturnType<MessageRates['ofChild']>['take']>, clock: () => bigint): number {
  const taker = 'seat' in rate ? new RateChain(rate, clock) : new RateBucket(rate, clock)
  let taken = 0
  while (taken < 10_000 && taker.take(1) === 'taken') taken++
  return taken
}

const root = (amount?: number) => supervisor('root', amount)

function supervisor(name: string, amount?: number, above?: string): SupervisorRate {
  return { name, rate: amount === undefined ? undefined : { amount, perMs: 1_000 }, above }
}

it('limits a child, all its members together, and changes at once', () => {
  const clock = () => 0n
  const rates = new MessageRates([root()], clock)
  const child = rates.ofChild(perSecond(10), 'root')
  const [one, other] = [child.take(), child.take()]
  expect(burst(one, clock) + burst(other, clock)).toBe(10)
  expect(child.spent()).toMatchObject({ used: 1_000_000_000, limit: 1_000_000_000 })
  child.change(perSecond(0))
  expect(burst(one, () => 10_000_000_000n)).toBe(0)
  expect(rates.spent()).toEqual([])
  child.giveBack(one)
  child.end()
})

it('limits all children of a supervisor together', () => {
  const clock = () => 0n
  const rates = new MessageRates([root(16)], clock)
  const [one, other] = [rates.ofChild(perSecond(10), 'root'), rates.ofChild(perSecond(10), 'root')]
  const seats = [one.take(), other.take()] as const
  expect([burst(seats[0], clock), burst(seats[1], clock)]).toEqual([10, 6])
  expect(rates.spent()).toMatchObject([{ supervisor: 'root', spent: { used: 1_000_000_000 } }])
  expect(other.spent().used).toBe(600_000_000)
  other.change(perSecond(0))
  expect(burst(seats[1], () => 10_000_000_000n)).toBe(0)
  one.giveBack(seats[0])
  expect(one.take()).toEqual(seats[0])
})

it('counts for every supervisor above that has a rate, and for no other', () => {
  const clock = () => 0n
  const rates = new MessageRates(
    [
      root(20),
      supervisor('outer', undefined, 'root'),
      supervisor('inner', 8, 'outer'),
      supervisor('apart', 40, 'root'),
    ],
    clock,
  )
  const inner = [rates.ofChild(perSecond(10), 'inner'), rates.ofChild(perSecond(5), 'inner')]
  expect(inner.map((child) => burst(child.take(), clock))).toEqual([8, 0])
  // Of the 20 of the root 12 are left; what its own 40 would still give is of no use to `apart`.
  expect(burst(rates.ofChild(perSecond(8), 'outer').take(), clock)).toBe(8)
  expect(burst(rates.ofChild(perSecond(8), 'apart').take(), clock)).toBe(4)
  const used = rates.spent().map(({ supervisor: name, spent }) => [name, spent.used / spent.limit])
  expect(used).toEqual([
    ['root', 1],
    ['inner', 1],
    ['apart', 0.1],
  ])
})

it('keeps supervisors side by side apart, and children of one without a rate by themselves', () => {
  const clock = () => 0n
  const rates = new MessageRates([root(), supervisor('one', 4, 'root'), supervisor('two', 5, 'root')], clock)
  const [one, two, none] = ['one', 'two', 'root'].map((above) => rates.ofChild(perSecond(10), above).take())
  if (one === undefined || two === undefined || none === undefined) throw new Error('three were asked for')
  expect([burst(one, clock), burst(two, clock), burst(none, clock)]).toEqual([4, 5, 10])
  expect('seat' in one && 'seat' in two && one.tree.buffer !== two.tree.buffer && !('seat' in none)).toBe(true)
})

it('has room for thousands of children that come and go under one rate', () => {
  const rates = new MessageRates([root(10)], () => 0n)
  for (let n = 0; n < rateTreeNodesMax + 10; n++) rates.ofChild(perSecond(10), 'root').end()
  for (let n = 1; n < rateTreeNodesMax; n++) rates.ofChild(perSecond(10), 'root')
  expect(() => rates.ofChild(perSecond(10), 'root')).toThrow('buckets of a rate tree')
})

it('limits what a child is handed only where a document says so', () => {
  const clock = () => 0n
  const child = new MessageRates([], clock).ofChild(perSecond(10, false), 'root')
  expect(burst(child.inbound, clock)).toBe(10_000)
  child.change(perSecond(10))
  expect(burst(child.inbound, () => 20_000_000_000n)).toBe(10)
})
