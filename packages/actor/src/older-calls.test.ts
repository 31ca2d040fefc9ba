import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, test } from 'vitest'
import { Ledger } from './ledger.js'
import { waitForOlderCall } from './older-calls.js'

const never = new Promise<never>(() => undefined)

/** Waits on simulated time, one millisecond after the other, and gives the answer with the time that it took. */
async function waitOn(ledger: Ledger, ended: Promise<unknown> = never, at: Record<number, () => void> = {}) {
  const clock = new SimulatedClock()
  let answer: string | undefined
  void waitForOlderCall(ledger, 5, 100, clock, ended).then((outcome) => {
    answer = outcome
  })
  for (let ms = 0; ms <= 200; ms++) {
    at[ms]?.()
    await new Promise(setImmediate)
    if (answer !== undefined) return { answer, ms, timers: clock.pendingTimers }
    clock.advance(1)
  }
  throw new Error('no answer')
}

test.each([0, 5, 6])('a guest that is inside under %i is not inside an older call', async (entered) => {
  const ledger = new Ledger()
  ledger.enteredVersion = entered
  expect(await waitOn(ledger)).toEqual({ answer: 'left', ms: 0, timers: 0 })
})

test('one that leaves in time has left, and one that goes on by the newer rules too', async () => {
  for (const entered of [0, 5]) {
    const ledger = new Ledger()
    ledger.enteredVersion = 4
    const leave = () => {
      ledger.enteredVersion = entered
    }
    expect(await waitOn(ledger, never, { 30: leave })).toEqual({ answer: 'left', ms: 30, timers: 0 })
  }
})

test('one that stays is inside when the grace is over', async () => {
  const ledger = new Ledger()
  ledger.enteredVersion = 4
  expect(await waitOn(ledger)).toEqual({ answer: 'inside', ms: 100, timers: 0 })
})

test('one that ends has left', async () => {
  const ledger = new Ledger()
  ledger.enteredVersion = 4
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  expect(await waitOn(ledger, ended, { 10: end })).toMatchObject({ answer: 'left' })
})
