import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, test } from 'vitest'
import { StallTimer } from './surrender.js'

test('a stall that lasts too long is told once, one that ends in time is not', () => {
  const clock = new SimulatedClock()
  const told: string[] = []
  const timer = new StallTimer(clock, 60_000, (reason) => told.push(reason))
  timer.begin('slow disk')
  clock.advance(59_999)
  timer.end()
  clock.advance(60_000)
  expect(told).toEqual([])
  timer.begin('dead disk')
  timer.begin('still dead')
  clock.advance(60_000)
  expect(told).toEqual(['dead disk'])
})
