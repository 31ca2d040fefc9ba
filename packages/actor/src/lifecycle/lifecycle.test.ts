import { describe, expect, it } from 'vitest'
import type { LifecycleEvent } from '../message-protocol.js'
import { type GuestLifecycle, initialise, shutDown } from './guest-lifecycle.js'
import { HealthRounds } from './health-rounds.js'

function guest(lifecycle: GuestLifecycle, everyMs = 5, ended?: Error) {
  const events: LifecycleEvent[] = []
  const state = { nowNs: 0n }
  const stopping = { inMessage: false }
  const host = { flush: () => {}, ended: () => ended as never }
  const powers = { host, stopping, begin: () => {}, post: (event: LifecycleEvent) => void events.push(event) }
  const rounds = new HealthRounds(lifecycle, { ...powers, now: () => state.nowNs, everyMs })
  return { events, state, stopping, host, powers, rounds }
}

describe('health', () => {
  it('is asked when it is due, and not before', () => {
    let isWell = true
    const { rounds, state, events, stopping } = guest({
      health: () => {
        expect(stopping.inMessage).toBe(true)
        if (!isWell) throw 'torn\n'.repeat(100)
      },
    })
    rounds.look()
    expect([events.length, rounds.leftMs()]).toEqual([0, 5])
    state.nowNs = 5_000_000n
    rounds.look()
    rounds.look()
    expect(events.splice(0).map(({ stage }) => stage)).toEqual(['asked', 'well'])
    isWell = false
    state.nowNs = 12_000_000n
    expect(rounds.leftMs()).toBe(0)
    rounds.look()
    const [, answer] = events
    expect(answer?.stage).toBe('ill')
    expect(answer?.words).toBe('torn\u{fffd}'.repeat(40))
    expect(stopping.inMessage).toBe(false)
  })

  it('is not asked where there is none, or nobody wants to know', () => {
    const { powers, events } = guest({})
    for (const rounds of [
      new HealthRounds({}, { ...powers, now: () => 0n, everyMs: 5 }),
      new HealthRounds({ health: () => {} }, { ...powers, now: () => 0n, everyMs: undefined }),
    ]) {
      rounds.look()
      expect([events.length, rounds.leftMs()]).toEqual([0, Number.POSITIVE_INFINITY])
    }
  })

  it('ends with the guest that traps in it, or was ended in it', () => {
    const trap = () => {
      throw new WebAssembly.RuntimeError('unreachable')
    }
    const trapping = guest({ health: trap })
    trapping.state.nowNs = 5_000_000n
    expect(() => trapping.rounds.look()).toThrow('unreachable')
    const poisoned = guest({ health: () => {} }, 5, new Error('poisoned'))
    poisoned.state.nowNs = 5_000_000n
    expect(() => poisoned.rounds.look()).toThrow('poisoned')
  })
})

describe('init and shutdown', () => {
  it('are called where they are', () => {
    const calls: string[] = []
    const { host, powers, events } = guest({})
    initialise({}, host)
    initialise({ init: () => void calls.push('init') }, host)
    shutDown({}, powers)
    shutDown({ shutdown: () => void calls.push('shutdown') }, powers)
    expect(calls).toEqual(['init', 'shutdown'])
    expect(events.map(({ stage }) => stage)).toEqual(['shutdown'])
  })

  it('tell why there is no start', () => {
    const fail = () => {
      throw 'no ledger'
    }
    expect(() => initialise({ init: fail }, guest({}).host)).toThrow('its `init` failed: no ledger')
  })
})
