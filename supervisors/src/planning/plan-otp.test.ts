import type { FaultClass } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OtpBudget, otpRestartsLeft, planOtp } from './plan-otp.js'
import type { RestartType } from './restart-spec.js'

const intensity = { restarts: 2, withinMs: 1_000 }
const exit = (faultClass: FaultClass, wasReady = true) => ({ class: faultClass, wasReady })

function kind(restart: RestartType, faultClass: FaultClass, wasReady = true): string {
  return planOtp([], exit(faultClass, wasReady), { restart, intensity }, 0).plan.kind
}

describe('who comes back', () => {
  it.each<[RestartType, FaultClass, string]>([
    ['permanent', 'normal', 'restart'],
    ['permanent', 'shutdown', 'restart'],
    ['permanent', 'crash', 'restart'],
    ['permanent', 'resource', 'restart'],
    ['permanent', 'host', 'restart'],
    ['transient', 'normal', 'complete'],
    ['transient', 'shutdown', 'stop'],
    ['transient', 'crash', 'restart'],
    ['transient', 'resource', 'restart'],
    ['transient', 'host', 'restart'],
    ['temporary', 'normal', 'complete'],
    ['temporary', 'shutdown', 'stop'],
    ['temporary', 'crash', 'fail'],
    ['temporary', 'resource', 'fail'],
    ['temporary', 'host', 'fail'],
  ])('%s after %s: %s', (restart, faultClass, then) => {
    expect(kind(restart, faultClass)).toBe(then)
  })

  it('a restart that failed is tried again whatever its reason, except of a temporary child', () => {
    for (const faultClass of ['normal', 'shutdown', 'crash'] as const) {
      expect(kind('transient', faultClass, false)).toBe('restart')
      expect(kind('permanent', faultClass, false)).toBe('restart')
      expect(kind('temporary', faultClass, false)).not.toBe('restart')
    }
  })

  it('a security fault is none of Erlang’s, and quarantines without touching the budget', () => {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      expect(planOtp([5], exit('security'), { restart, intensity }, 10)).toMatchObject({
        plan: { kind: 'quarantine', cause: 'security' },
        budget: [5],
      })
    }
    const forged = { ...exit('crash'), hostility: 'forged-handle' } as const
    expect(planOtp([], forged, { restart: 'permanent', intensity }, 0).plan).toMatchObject({ cause: 'hostility' })
  })
})

describe('the budget', () => {
  it('survives exactly as many as it has, at any instants within its window', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }), (restarts, instants) => {
        const spec = { restart: 'permanent', intensity: { restarts, withinMs: 1_000 } } as const
        let budget: OtpBudget = []
        const kinds = instants
          .sort((one, other) => one - other)
          .map((nowMs) => {
            const planned = planOtp(budget, exit('crash'), spec, nowMs)
            budget = planned.budget
            return planned.plan.kind
          })
        expect(kinds.indexOf('escalate')).toBe(restarts)
      }),
    )
  })

  it('holds the edge of its window, and forgets a millisecond later', () => {
    const spec = { restart: 'permanent', intensity: { restarts: 1, withinMs: 1_000 } } as const
    expect(planOtp([0], exit('crash'), spec, 1_000).plan.kind).toBe('escalate')
    expect(planOtp([0], exit('crash'), spec, 1_001)).toMatchObject({
      plan: { kind: 'restart', restartsLeft: 0 },
      budget: [1_001],
    })
  })

  it('tells what is left, never less than nothing', () => {
    expect([[], [1], [1, 2], [1, 2, 3]].map((budget) => otpRestartsLeft(budget, intensity, 10))).toEqual([2, 1, 0, 0])
    expect(otpRestartsLeft([1, 2], intensity, 1_002)).toBe(1)
  })
})
