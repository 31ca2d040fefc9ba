import { expect, test } from 'vitest'
import { SimulatedClock } from './clock.js'

test('timers fire in the order of their dates, those of one date in the order of their making', () => {
  const clock = new SimulatedClock()
  const fired: string[] = []
  clock.after(20, () => fired.push('late'))
  clock.after(10, () => fired.push('first'))
  clock.after(10, () => fired.push('second'))
  const cancel = clock.after(5, () => fired.push('never'))
  cancel()
  clock.advance(10)
  expect(fired).toEqual(['first', 'second'])
  clock.advance(10)
  expect(fired).toEqual(['first', 'second', 'late'])
  expect(clock.pendingTimers).toBe(0)
})

test('a timer that sets another within the same advance is followed', () => {
  const clock = new SimulatedClock()
  const at: number[] = []
  const tick = (): void => {
    at.push(clock.wallMs())
    if (at.length < 3) clock.after(10, tick)
  }
  clock.after(10, tick)
  clock.advance(100)
  expect(at).toEqual([10, 20, 30])
})
