import { SimulatedClock } from '@bulkhead/vocabulary'
import { expect, test } from 'vitest'
import { Ledger } from './ledger.js'
import { waitForOlderCall } from './older-calls.js'

const never = new Promise<never>(() => undefined)

/** Waits on simulated time, one millisecond after the other, and gives the answer with the time that it took. */
async function waitOn(
  ledger: Ledger,
  ended: Promise<unknown> = never,
  at: Record<number, () => void> = {},
  thread = (_ms: number) => ({ wantsCpu: false, cpuMs: 0 }),
) {
  const clock = new SimulatedClock()
  const now = () => thread(Number(clock.monotonicNs()) / 1e6)
  const time = { cpuMs: () => now().cpuMs, wantsCpu: () => now().wantsCpu }
  let answer: string | undefined
  void waitForOlderCall(ledger, 5, 100, time, clock, ended).then((outcome) => {
    answer = outcome
  })
  for (let ms = 0; ms <= 1_200; ms++) {
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

test('one that waits for a processor has more time, but not for ever', async () => {
  const ledger = new Ledger()
  ledger.enteredVersion = 4
  const starved = (ms: number) => ({ wantsCpu: true, cpuMs: ms / 100 })
  expect(await waitOn(ledger, never, {}, starved)).toEqual({ answer: 'inside', ms: 1_000, timers: 0 })
  const leave = () => {
    ledger.enteredVersion = 0
  }
  expect(await waitOn(ledger, never, { 700: leave }, starved)).toEqual({ answer: 'left', ms: 700, timers: 0 })
})

test.each([
  ['computes on', (ms: number) => ({ wantsCpu: true, cpuMs: ms * 0.9 })],
  ['sleeps', () => ({ wantsCpu: false, cpuMs: 0 })],
])('one that %s has no more time than the grace', async (_what, thread) => {
  const ledger = new Ledger()
  ledger.enteredVersion = 4
  expect(await waitOn(ledger, never, {}, thread)).toEqual({ answer: 'inside', ms: 100, timers: 0 })
})
