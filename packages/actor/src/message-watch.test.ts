import { expect, test } from 'vitest'
import { MessageWatch } from './message-watch.js'

const ms = (amount: number): bigint => BigInt(amount) * 1_000_000n

test('a message has its deadline, each one anew', () => {
  const watch = new MessageWatch(800)
  expect(watch.look({ nowNs: ms(5_000), sinceNs: undefined, hostWaitNs: 0n })).toBe(100)
  expect(watch.look({ nowNs: ms(5_100), sinceNs: ms(5_050), hostWaitNs: 0n })).toBe(100)
  expect(watch.look({ nowNs: ms(5_845), sinceNs: ms(5_050), hostWaitNs: 0n })).toBe(5)
  expect(watch.look({ nowNs: ms(5_849), sinceNs: ms(5_849), hostWaitNs: 0n })).toBe(100)
  expect(watch.look({ nowNs: ms(6_648), sinceNs: ms(5_849), hostWaitNs: 0n })).toBe(1)
  expect(watch.look({ nowNs: ms(6_649), sinceNs: ms(5_849), hostWaitNs: 0n })).toBe('overdue')
})

test('waits that the host owes do not count, those before the message do not help it for ever', () => {
  const watch = new MessageWatch(100)
  expect(watch.look({ nowNs: ms(1_000), sinceNs: undefined, hostWaitNs: ms(700) })).toBe(12.5)
  expect(watch.look({ nowNs: ms(1_099), sinceNs: ms(1_000), hostWaitNs: ms(700) })).toBe(1)
  expect(watch.look({ nowNs: ms(1_150), sinceNs: ms(1_000), hostWaitNs: ms(760) })).toBe(10)
  expect(watch.look({ nowNs: ms(1_160), sinceNs: ms(1_000), hostWaitNs: ms(760) })).toBe('overdue')
})

test('a long deadline is looked at each second, a short one every few milliseconds', () => {
  expect(new MessageWatch(3_600_000).look({ nowNs: 0n, sinceNs: undefined, hostWaitNs: 0n })).toBe(1_000)
  expect(new MessageWatch(8).look({ nowNs: 0n, sinceNs: undefined, hostWaitNs: 0n })).toBe(5)
})
