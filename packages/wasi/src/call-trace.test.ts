import { expect, it } from 'vitest'
import { CallTrace } from './call-trace.js'
import { tracedCallsMax } from './limits.js'

it('tells the first, the second, the fourth of each function, and each that was refused', () => {
  let now = 100n
  const trace = new CallTrace(() => now)
  const call = (place: string, ...decisions: readonly boolean[]): void => {
    now += 1n
    trace.enter(place)
    for (const granted of decisions) trace.decided(granted)
    now += 5n
    trace.leave()
  }
  for (let count = 0; count < 5; count++) call('a#read')
  call('a#open', true)
  call('a#read', true, false, true)
  expect(trace.end()).toEqual({
    made: 7,
    calls: [
      { place: 'a#read', afterNs: 1n, tookNs: 5n, verdict: 'unasked' },
      { place: 'a#read', afterNs: 7n, tookNs: 5n, verdict: 'unasked' },
      { place: 'a#read', afterNs: 19n, tookNs: 5n, verdict: 'unasked' },
      { place: 'a#open', afterNs: 31n, tookNs: 5n, verdict: 'granted' },
      { place: 'a#read', afterNs: 37n, tookNs: 5n, verdict: 'denied' },
    ],
  })
})

it('keeps no more than there is room for, and counts on', () => {
  const trace = new CallTrace(() => 0n)
  for (let count = 0; count <= tracedCallsMax; count++) {
    trace.enter('a#open')
    trace.decided(false)
    trace.leave()
  }
  expect(trace.end()).toMatchObject({ calls: { length: tracedCallsMax }, made: tracedCallsMax + 1 })
})

it('does not count the end of a call that it has not seen begin', () => {
  const trace = new CallTrace(() => 0n)
  trace.leave()
  expect(trace.end()).toEqual({ calls: [], made: 0 })
})
