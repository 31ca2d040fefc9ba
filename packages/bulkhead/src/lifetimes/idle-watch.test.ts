import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { stopWhenIdle } from './idle-watch.js'

function run(afterMs = 1_000) {
  const clock = new SimulatedClock()
  const work = { busy: false, handled: 0, stops: 0 }
  const end = stopWhenIdle(
    {
      afterMs,
      isBusy: () => work.busy,
      handled: () => work.handled,
      stop: () => {
        work.stops += 1
      },
    },
    clock,
  )
  return { clock, work, end }
}

it('stops a run that was idle for as long as was said, and not sooner', () => {
  const { clock, work } = run()
  clock.advance(999)
  expect(work.stops).toBe(0)
  clock.advance(1)
  expect(work.stops).toBe(1)
  clock.advance(10_000)
  expect(work.stops).toBe(1)
  expect(clock.pendingTimers).toBe(0)
})

it('begins again after each message, and waits for what takes long', () => {
  const { clock, work } = run()
  clock.advance(900)
  work.handled += 1
  clock.advance(900)
  expect(work.stops).toBe(0)
  work.busy = true
  clock.advance(60_000)
  expect(work.stops).toBe(0)
  work.busy = false
  clock.advance(1_250)
  expect(work.stops).toBe(1)
})

it('looks at no run that has ended', () => {
  const { clock, work, end } = run(1)
  end()
  clock.advance(10_000)
  expect(work.stops).toBe(0)
  expect(clock.pendingTimers).toBe(0)
})
