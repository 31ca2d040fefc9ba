import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canaryLevel, levels, type RunLevel, rungAbove, rungBelow, rungsOf, stricter, type Wall } from './ladder.js'
import {
  type Accounts,
  descended,
  footingOf,
  freshAccounts,
  halfOpened,
  levelOf,
  nextDescent,
  nowClean,
  quarantined,
  released,
} from './ladder-accounts.js'
import { ladderTiming } from './ladder-timing.js'
import { longestTermMs, quarantineTermMs } from './quarantine-term.js'

const walls = new Set<Wall>(['bubblewrap'])
const none = new Set<Wall>()
const timing = ladderTiming()
const minute = 60_000
const on = (level: RunLevel, more: Partial<Accounts> = {}): Accounts => ({ ...freshAccounts, level, ...more })

describe('rungs', () => {
  it('lead up to quarantine, over `process` where its walls are up', () => {
    expect([rungAbove('thread', walls), rungAbove('reduced', walls), rungAbove('process', walls)]).toEqual([
      'reduced',
      'process',
      'quarantine',
    ])
    expect([rungAbove('thread', none), rungAbove('reduced', none)]).toEqual(['reduced', 'quarantine'])
    expect([canaryLevel(walls), canaryLevel(none)]).toEqual(['process', 'reduced'])
  })

  it('lead down one at a time', () => {
    expect([rungBelow('process'), rungBelow('reduced'), rungBelow('thread')]).toEqual(['reduced', 'thread', 'thread'])
  })

  it('are ordered', () => {
    expect(levels.map(rungsOf)).toEqual([0, 1, 2, 3])
    expect(stricter('process', 'reduced')).toBe('process')
    expect(stricter('thread', 'quarantine')).toBe('quarantine')
  })
})

describe('the way down', () => {
  it('takes 5 clean minutes for each rung', () => {
    expect(nextDescent(on('process', { cleanSinceMs: 7 }), timing)).toEqual({ atMs: 7 + 10 * minute, to: 'reduced' })
    expect(nextDescent(on('reduced', { cleanSinceMs: 7 }), timing)).toEqual({ atMs: 7 + 5 * minute, to: 'thread' })
    expect(nextDescent(on('thread', { cleanSinceMs: 7 }), timing)).toBeUndefined()
    expect(nextDescent(on('reduced'), timing)).toBeUndefined()
  })

  it('is closed where security holds it', () => {
    expect(nextDescent(on('process', { cleanSinceMs: 7, isHeldBySecurity: true }), timing)).toBeUndefined()
  })

  it('leads from a trial of 60 s one rung below where it fell from, where security holds it no further', () => {
    const trial = (level: RunLevel, isHeldBySecurity = false): Accounts =>
      nowClean(halfOpened({ ...quarantined(on(level), 'resource', timing, 0), isHeldBySecurity }), 100)
    expect(nextDescent(trial('process'), timing)).toEqual({ atMs: 100 + minute, to: 'reduced' })
    expect(nextDescent(trial('thread'), timing)?.to).toBe('thread')
    expect(nextDescent(trial('process', true), timing)?.to).toBe('process')
  })

  it('keeps the clean time over runs that end without a fault', () => {
    expect(nowClean(nowClean(on('reduced'), 5), 900).cleanSinceMs).toBe(5)
  })

  it('forgives nothing but the rung', () => {
    const score = { points: 1, sinceMs: 3 }
    const before = on('process', { score, quarantines: 2, cleanSinceMs: 4 })
    expect(descended(before, 'reduced')).toEqual({ ...before, level: 'reduced', cleanSinceMs: undefined })
  })

  it('of a release forgives all', () => {
    const bad = quarantined(on('process', { isHeldBySecurity: true }), 'hostility', timing, 0)
    expect(released(bad)).toEqual(on('reduced'))
    expect(released(bad, 'thread')).toEqual(freshAccounts)
    expect(released(quarantined(freshAccounts, 'hostility', timing, 0))).toEqual(freshAccounts)
  })
})

describe('quarantine', () => {
  it('shows its level, and is left by a trial with the least', () => {
    const shut = quarantined(on('thread'), 'exhausted', timing, 0)
    expect(levelOf(shut)).toBe('quarantine')
    expect(footingOf(shut, walls)).toEqual({ level: 'process', canary: true })
    expect(footingOf(halfOpened(shut), none)).toEqual({ level: 'reduced', canary: true })
    expect(footingOf(on('reduced'), walls)).toEqual({ level: 'reduced', canary: false })
    expect(halfOpened(freshAccounts)).toBe(freshAccounts)
  })

  it.each(['hostility', 'security', 'walls'] as const)('for %s has no end by itself', (cause) => {
    expect(quarantined(freshAccounts, cause, timing, 0).quarantine).toEqual({ cause, phase: 'closed' })
  })

  it('is longer each time, three times', () => {
    expect([0, 1, 2, 3].map((earlier) => quarantineTermMs(earlier))).toEqual([
      5 * minute,
      10 * minute,
      20 * minute,
      undefined,
    ])
    expect(longestTermMs(timing)).toBe(20 * minute)
  })
})

it('divides every term of the ladder by the time scale', () => {
  expect(ladderTiming(60)).toEqual({
    scoreStepMs: 5_000,
    cleanStepMs: 5_000,
    canaryMs: 1_000,
    quarantineFirstMs: 5_000,
  })
})

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1_001])('refuses a time scale of %s', (scale) => {
  expect(() => ladderTiming(scale)).toThrow('the time scale is')
})

it('never gets anybody below where the rules lead, over any life', () => {
  const act = fc.constantFrom('descend', 'quarantine', 'trial', 'security')
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      let accounts = on('process')
      for (const one of acts) {
        const before = accounts
        const next = nextDescent(nowClean(accounts, 0), timing)
        if (one === 'quarantine') accounts = quarantined(accounts, 'resource', timing, 0)
        if (one === 'security') accounts = quarantined(accounts, 'security', timing, 0)
        if (one === 'trial') accounts = halfOpened(accounts)
        if (one === 'descend' && next !== undefined) accounts = descended(accounts, next.to)
        expect(rungsOf(before.level) - rungsOf(accounts.level)).toBeLessThanOrEqual(1)
        if (before.isHeldBySecurity) expect(accounts.level).toBe(before.level)
      }
    }),
  )
})
