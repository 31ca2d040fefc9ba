import { RateBucket, RateChain } from '@bulkhead/quota'
import { expect, it } from 'vitest'
import { MessageRates } from './message-rates.js'

const perSecond = (amount: number, written = true) => ({ rate: { amount, perMs: 1_000 }, written })

/** How many messages may be sent, or handed, at once. */
function burst(rate: ReturnType<ReturnType<MessageRates['ofChild']>['take']>, clock: () => bigint): number {
  const taker = 'seat' in rate ? new RateChain(rate, clock) : new RateBucket(rate, clock)
  let taken = 0
  while (taken < 10_000 && taker.take(1) === 'taken') taken++
  return taken
}

it('limits a child, all its members together, and changes at once', () => {
  const clock = () => 0n
  const rates = new MessageRates(undefined, 2, clock)
  const child = rates.ofChild(perSecond(10))
  const [one, other] = [child.take(), child.take()]
  expect(burst(one, clock) + burst(other, clock)).toBe(10)
  expect(child.spent()).toMatchObject({ used: 1_000_000_000, limit: 1_000_000_000 })
  child.change(perSecond(0))
  expect(burst(one, () => 10_000_000_000n)).toBe(0)
  expect(rates.spent()).toBeUndefined()
  child.giveBack(one)
})

it('limits all children of a supervisor together', () => {
  const clock = () => 0n
  const rates = new MessageRates({ amount: 16, perMs: 1_000 }, 2, clock)
  const [one, other] = [rates.ofChild(perSecond(10)), rates.ofChild(perSecond(10))]
  const seats = [one.take(), other.take()] as const
  expect([burst(seats[0], clock), burst(seats[1], clock)]).toEqual([10, 6])
  expect(rates.spent()).toMatchObject({ used: 1_000_000_000 })
  expect(other.spent().used).toBe(600_000_000)
  other.change(perSecond(0))
  expect(burst(seats[1], () => 10_000_000_000n)).toBe(0)
  one.giveBack(seats[0])
  expect(one.take()).toEqual(seats[0])
})

it('limits what a child is handed only where a document says so', () => {
  const clock = () => 0n
  const child = new MessageRates(undefined, 1, clock).ofChild(perSecond(10, false))
  expect(burst(child.inbound, clock)).toBe(10_000)
  child.change(perSecond(10))
  expect(burst(child.inbound, () => 20_000_000_000n)).toBe(10)
})
