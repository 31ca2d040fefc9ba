// A guest that used more than its share of a core waits at the door of its next host call.
import { afterEach, expect, test } from 'vitest'
import { ResourceExceeded } from './endings.js'
import { cleanUp, type Pollable, TestGuest } from './guest.test-support.js'

afterEach(cleanUp)

const ms = 1_000_000n

/** A guest whose processor time is set by hand. */
function guestWith(cpuPercent: number) {
  let usedNs = 0n
  let readings = 0
  const threadCpuNs = (): bigint => {
    readings += 1
    return usedNs
  }
  const guest = new TestGuest({ limits: { cpuPercent }, powers: { threadCpuNs } })
  return {
    guest,
    computes: (forNs: bigint) => {
      usedNs += forNs
      guest.nowNs += forNs
    },
    call: () => guest.call<bigint>('wasi:clocks/monotonic-clock', 'now'),
    readings: () => readings,
  }
}

test('it waits before it enters, and goes on when it is paid for', () => {
  const { guest, computes, call } = guestWith(50)
  const before = call()
  computes(3_000n * ms)
  guest.entered.length = 0
  let parkedUntil: bigint | undefined
  guest.onPark = (untilNs) => {
    expect(guest.entered).toEqual([])
    parkedUntil = untilNs
    guest.nowNs = untilNs ?? 0n
  }
  // Three seconds cost six; three have passed and one was saved up.
  expect(call() - before).toBe(5_000n * ms)
  expect(parkedUntil).toBe(guest.nowNs)
  expect(guest.entered).toEqual([1, 0])
})

test('what it saves up while it waits in a host call is bounded', () => {
  const { guest, computes, call } = guestWith(50)
  const wait = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeDuration', 3_600_000n * ms)
  wait.block()
  computes(3_000n * ms)
  const before = guest.nowNs
  call()
  expect(guest.nowNs - before).toBe(2_000n * ms)
})

test('its neighbour within the share does not wait', () => {
  const { guest, computes, call } = guestWith(50)
  guest.onPark = () => expect.fail('it waited')
  for (let n = 0; n < 100; n++) {
    computes(10n * ms)
    guest.nowNs += 10n * ms
    call()
  }
})

test('its processor time is read every few milliseconds, and never for a guest that may use a whole core', () => {
  const half = guestWith(50)
  for (let n = 0; n < 1_000; n++) half.call()
  expect(half.readings()).toBe(1)
  half.guest.nowNs += 5n * ms
  half.call()
  expect(half.readings()).toBe(2)
  const whole = guestWith(100)
  whole.computes(60_000n * ms)
  whole.call()
  expect(whole.readings()).toBe(0)
})

test('a wake-up that is for something else does not end the wait', () => {
  const { guest, computes, call } = guestWith(10)
  computes(1_000n * ms)
  let wakes = 0
  guest.onPark = (untilNs) => {
    guest.nowNs = wakes++ < 3 ? guest.nowNs + ms : (untilNs ?? 0n)
  }
  call()
  expect(wakes).toBe(4)
})

test('a share that changes binds at once, and what was used stays used', () => {
  const { guest, computes, call } = guestWith(50)
  call()
  guest.publish({ limits: { cpuPercent: 10 } }, 2)
  call()
  computes(1_000n * ms)
  const before = guest.nowNs
  call()
  expect(guest.nowNs - before).toBe(8_000n * ms)
  guest.publish({ limits: { cpuPercent: 100 } }, 3)
  call()
  computes(60_000n * ms)
  guest.onPark = () => expect.fail('it waited')
  call()
})

test('a larger share ends a wait that has begun', () => {
  for (const [cpuPercent, waitMs] of [
    [50, 1_960n],
    [100, 0n],
  ] as const) {
    const { guest, computes, call } = guestWith(1)
    call()
    computes(1_000n * ms)
    const before = guest.nowNs
    let parks = 0
    guest.onPark = (untilNs) => {
      parks += 1
      if (parks === 1) guest.publish({ limits: { cpuPercent } }, 2)
      else guest.nowNs = untilNs ?? 0n
    }
    call()
    expect(guest.nowNs - before).toBe(waitMs * ms)
  }
})

test('a share of nothing is nothing; one that cannot be kept is refused', () => {
  expect(() => guestWith(0)).toThrow(ResourceExceeded)
  expect(() => new TestGuest({ limits: { cpuPercent: 50 } })).toThrow(/cannot be kept here/)
  expect(() => new TestGuest({ limits: { cpuPercent: 100 } })).not.toThrow()
})
