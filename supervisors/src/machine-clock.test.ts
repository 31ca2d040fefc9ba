import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { machineClock } from './machine-clock.js'

it('X2. does not fire a timer that was cancelled while its task waited', () => {
  const clock = new SimulatedClock()
  const waiting: (() => void)[] = []
  const machine = machineClock(clock, (task) => waiting.push(task))
  let fired = 0
  const cancelled = machine.setTimeout(() => fired++, 10)
  machine.setTimeout(() => fired++, 10)
  clock.advance(10)
  machine.clearTimeout(cancelled)
  for (const task of waiting) task()
  expect(fired).toBe(1)
})

it('takes a cancelled timer off the clock', () => {
  const clock = new SimulatedClock()
  const machine = machineClock(clock, (task) => task())
  machine.clearTimeout(machine.setTimeout(() => undefined, 10))
  expect(clock.pendingTimers).toBe(0)
})
