import type { FaultClass } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Wall } from './ladder.js'
import { type Accounts, freshAccounts } from './ladder-accounts.js'
import { ladderTiming } from './ladder-timing.js'
import { type Exit, type LadderSpec, type Plan, planAfterExit } from './plan-after-exit.js'
import type { RestartSpec, RestartType } from './restart-spec.js'

const intensity = { restarts: 3, withinMs: 60_000 }
const ladder = { walls: new Set<Wall>(['bubblewrap']), timing: ladderTiming() }
const spec = (restart: RestartType, trust: RestartSpec['trust'] = 'unknown'): LadderSpec => ({
  restart,
  trust,
  intensity,
  ...ladder,
})
const exit = (faultClass: FaultClass, healthyMs = 6_000): Exit => ({ class: faultClass, reason: faultClass, healthyMs })
const decide = (accounts: Accounts, what: Exit, how: LadderSpec, nowMs: number) =>
  planAfterExit(accounts, what, how, nowMs, () => 0.5)

const charged = (chargedAtMs: readonly number[]): Accounts => ({
  ...freshAccounts,
  restarts: { ...freshAccounts.restarts, chargedAtMs },
})
const crash = exit('crash', 0)

/** Feeds exits at the given instants and answers the kinds of the plans. */
function story(how: LadderSpec, faultClass: FaultClass, instantsMs: readonly number[], healthyMs = 0): Plan[] {
  let accounts = freshAccounts
  return instantsMs.map((nowMs) => {
    const planned = decide(accounts, exit(faultClass, healthyMs), how, nowMs)
    accounts = planned.accounts
    return planned.plan
  })
}
const kinds = (plans: readonly Plan[]): string[] => plans.map((plan) => plan.kind)

it('charges no crash over the end of somebody else, and whatever else is a crash', () => {
  const left = { ...crash, isBlameless: true } as const
  const full = charged([0, 1, 2])
  expect(decide(full, left, spec('permanent'), 10).plan).toMatchObject({ kind: 'restart', charged: false })
  expect(decide(full, crash, spec('permanent'), 10).plan).toMatchObject({ kind: 'quarantine' })
  expect(decide(full, { ...left, class: 'resource' }, spec('permanent'), 10).plan.kind).not.toBe('restart')
})

describe('restart type × exit (supervision.md 45–54)', () => {
  const table: readonly (readonly [RestartType, FaultClass, Plan['kind'], charged?: boolean])[] = [
    ['permanent', 'normal', 'restart', false],
    ['permanent', 'shutdown', 'restart', false],
    ['permanent', 'crash', 'restart', true],
    ['permanent', 'resource', 'restart', true],
    ['permanent', 'host', 'restart', false],
    ['permanent', 'security', 'climb'],
    ['transient', 'normal', 'complete'],
    ['transient', 'shutdown', 'stop'],
    ['transient', 'crash', 'restart', true],
    ['transient', 'resource', 'restart', true],
    ['transient', 'host', 'restart', false],
    ['transient', 'security', 'climb'],
    ['temporary', 'normal', 'complete'],
    ['temporary', 'shutdown', 'stop'],
    ['temporary', 'crash', 'fail'],
    ['temporary', 'resource', 'fail'],
    ['temporary', 'host', 'fail'],
    ['temporary', 'security', 'fail'],
  ]
  it.each(table.map((row) => ({ row })))('$row.0, $row.1 → $row.2', ({ row: [restart, faultClass, kind, charged] }) => {
    const { plan, accounts } = decide(freshAccounts, exit(faultClass), spec(restart), 1_000)
    expect(plan.kind).toBe(kind)
    if (plan.kind === 'restart') {
      expect(plan).toMatchObject({ charged, restartsLeft: charged ? 2 : 3 })
      expect(accounts.restarts.chargedAtMs).toEqual(charged ? [1_000] : [])
    }
  })
})

describe('the account', () => {
  it('31. survives 3 charged exits in the window; the 4th exhausts and quarantines', () => {
    expect(kinds(story(spec('permanent'), 'crash', [0, 1, 2, 3]))).toEqual([
      'restart',
      'restart',
      'restart',
      'quarantine',
    ])
    expect(kinds(story(spec('transient'), 'crash', [0, 1, 2, 3]))).toEqual([
      'restart',
      'restart',
      'restart',
      'quarantine',
    ])
  })

  it('counts left over after each charge', () => {
    const left = story(spec('permanent'), 'crash', [0, 1, 2]).map((plan) =>
      plan.kind === 'restart' ? plan.restartsLeft : -1,
    )
    expect(left).toEqual([2, 1, 0])
  })

  it('29. forgets what left the window, whose edge still counts', () => {
    expect(kinds(story(spec('permanent'), 'crash', [0, 1, 2, 60_000]))).toEqual([
      'restart',
      'restart',
      'restart',
      'quarantine',
    ])
    expect(kinds(story(spec('permanent'), 'crash', [0, 1, 2, 60_001]))).toEqual([
      'restart',
      'restart',
      'restart',
      'restart',
    ])
    const one = { ...spec('permanent'), intensity: { restarts: 1, withinMs: 1_000 } }
    expect(kinds(story(one, 'crash', [0, 2_100, 4_200, 6_300]))).toEqual(['restart', 'restart', 'restart', 'restart'])
  })

  it('A5. forgives nothing with 0 restarts', () => {
    const none = { ...spec('permanent'), intensity: { restarts: 0, withinMs: 1_000 } }
    expect(kinds(story(none, 'crash', [0]))).toEqual(['quarantine'])
    expect(kinds(story(none, 'host', [0]))).toEqual(['restart'])
  })

  it('escalates a trusted child at exhaustion, and nobody else', () => {
    expect(kinds(story(spec('permanent', 'trusted'), 'crash', [0, 1, 2, 3])).at(-1)).toBe('escalate')
    expect(kinds(story(spec('permanent', 'dev-mode'), 'crash', [0, 1, 2, 3])).at(-1)).toBe('quarantine')
  })

  it('charges a clean exit of a permanent child only below the minimum uptime of 5 s', () => {
    const early = decide(freshAccounts, exit('normal', 4_999), spec('permanent'), 0)
    const late = decide(freshAccounts, exit('normal', 5_000), spec('permanent'), 0)
    expect([early.accounts.restarts.chargedAtMs.length, late.accounts.restarts.chargedAtMs.length]).toEqual([1, 0])
  })

  it('L10. never charges a fault of the host, and never exhausts by one', () => {
    const full = charged([0, 1, 2])
    const { plan, accounts } = decide(full, exit('host', 0), spec('permanent'), 3)
    expect(plan).toMatchObject({ kind: 'restart', charged: false, restartsLeft: 0 })
    expect(accounts.restarts.chargedAtMs).toEqual([0, 1, 2])
    expect(
      kinds(
        story(
          spec('permanent'),
          'host',
          Array.from({ length: 50 }, (_, i) => i),
        ),
      ).every((kind) => kind === 'restart'),
    ).toBe(true)
  })
})

describe('quarantine', () => {
  it('comes at once with proof of hostility, whatever else the exit says, until released', () => {
    for (const restart of ['permanent', 'transient', 'temporary'] as const) {
      for (const faultClass of ['security', 'crash', 'normal', 'host'] as const) {
        const { plan } = decide(
          freshAccounts,
          { ...exit(faultClass), hostility: 'forged-handle' },
          spec(restart, 'trusted'),
          0,
        )
        expect(plan).toEqual({ kind: 'quarantine', cause: 'hostility', from: 'thread' })
      }
    }
  })

  it('lasts 5, 10, 20 min after exhaustion, then until released', () => {
    let accounts = freshAccounts
    const terms = [0, 1, 2, 3].map(() => {
      const planned = decide(
        { ...charged([100, 100, 100]), quarantines: accounts.quarantines },
        crash,
        spec('permanent'),
        100,
      )
      accounts = planned.accounts
      return planned.plan.kind === 'quarantine' ? planned.plan.untilMs : 'none'
    })
    expect(terms).toEqual([300_100, 600_100, 1_200_100, undefined])
  })
})

it('is total, and keeps account and plan within their bounds, over any past', () => {
  const classes: FaultClass[] = ['normal', 'shutdown', 'crash', 'resource', 'security', 'host']
  const step = fc.record({
    faultClass: fc.constantFrom(...classes),
    waitMs: fc.integer({ min: 0, max: 40_000 }),
    healthyMs: fc.integer({ min: 0, max: 40_000 }),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 5 }), (steps, restarts) => {
      const how = { ...spec('permanent'), intensity: { restarts, withinMs: 60_000 } }
      let accounts = freshAccounts
      let nowMs = 0
      let charges: number[] = []
      for (const { faultClass, waitMs, healthyMs, random } of steps) {
        nowMs += waitMs
        const before = accounts
        const planned = planAfterExit(before, exit(faultClass, healthyMs), how, nowMs, () => random)
        accounts = planned.accounts
        expect(accounts.score.points).toBeLessThan(4)
        expect(accounts.quarantines).toBe(before.quarantines + (planned.plan.kind === 'quarantine' ? 1 : 0))
        if (planned.plan.kind === 'climb')
          expect(planned.plan).toMatchObject({ from: before.level, to: accounts.level })
        else expect(accounts.level).toBe(before.level)
        if (planned.plan.kind !== 'restart') {
          expect(accounts.restarts.chargedAtMs).toEqual([])
          charges = []
          if (planned.plan.kind === 'quarantine') accounts = freshAccounts
          continue
        }
        if (planned.plan.charged) charges.push(nowMs)
        const recent = charges.filter((instant) => instant >= nowMs - 60_000).length
        expect(recent).toBeLessThanOrEqual(restarts)
        expect(planned.plan.restartsLeft).toBe(restarts - recent)
        expect(planned.plan.delayMs).toBeGreaterThanOrEqual(100)
        expect(planned.plan.delayMs).toBeLessThanOrEqual(30_000)
        expect(accounts.restarts.chargedAtMs.length).toBeLessThanOrEqual(restarts)
      }
    }),
    { numRuns: 300 },
  )
})
