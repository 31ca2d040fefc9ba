import { describe, expect, it } from 'vitest'
import {
  type Health,
  type HealthRecord,
  type HealthSource,
  healthEventOf,
  healthOf,
  healthSources,
  observe,
  wellRecord,
} from './health.js'

/** `-` an ill observation, `+` a well one; the health after each. */
function story(source: HealthSource, observations: string): string {
  let record = wellRecord
  return [...observations]
    .map((one) => {
      record = observe(record, one === '-' ? { source, verdict: 'ill', reason: source } : { source, verdict: 'well' })
      return healthOf(record).kind.slice(0, 1)
    })
    .join('')
}

describe('a track worsens and mends at its own pace', () => {
  it.each([
    ['message', '--+++', 'hddd' + 'h'],
    ['message', '-+-+-', 'hhhhh'],
    ['cpu', '--++-+++', 'hddddddh'],
    ['quota', '-++-+++', 'ddddddh'],
    ['tripwire', '-+++', 'dddh'],
    ['supervision', '-+-+', 'dhdh'],
    ['lifecycle', '--++', 'dddh'],
    ['lifecycle', '---', 'ddf'],
    ['lifecycle', '--+---', 'dddddf'],
  ] as const)('%s %s → %s', (source, observations, told) => {
    expect(story(source, observations)).toBe(told)
  })
})

it('is healthy where nothing was observed', () => {
  expect(healthOf(wellRecord)).toEqual({ kind: 'healthy' })
})

it('names the reason of every source that is ill, the newest of each', () => {
  let record = observe(wellRecord, { source: 'supervision', verdict: 'ill', reason: 'runs at level `reduced`' })
  record = observe(record, { source: 'quota', verdict: 'ill', reason: 'messages at 80 %' })
  record = observe(record, { source: 'quota', verdict: 'ill', reason: 'messages at 95 %' })
  expect(healthOf(record)).toMatchObject({ kind: 'degraded', reasons: ['messages at 95 %', 'runs at level `reduced`'] })
})

it('keeps one track a source, whatever is observed', () => {
  let record = wellRecord
  for (let i = 0; i < 1_000; i++) {
    for (const source of healthSources) {
      record = observe(record, i % 3 === 0 ? { source, verdict: 'ill', reason: `${i}` } : { source, verdict: 'well' })
    }
  }
  expect(Object.keys(record)).toHaveLength(healthSources.length)
})

it('owes an event for each new subject and for the end of all', () => {
  const healthy: Health = { kind: 'healthy' }
  const one: Health = { kind: 'degraded', reasons: ['a'], subjects: ['a'] }
  const two: Health = { kind: 'degraded', reasons: ['a', 'b'], subjects: ['a', 'b'] }
  const failed: Health = { kind: 'failed', reason: 'c' }
  expect(healthEventOf(healthy, one)).toBe('child.degraded')
  expect(healthEventOf(one, two)).toBe('child.degraded')
  expect(healthEventOf(two, one)).toBeUndefined()
  expect(healthEventOf(one, healthy)).toBe('child.healthy')
  expect(healthEventOf(healthy, healthy)).toBeUndefined()
  expect(healthEventOf(one, failed)).toBeUndefined()
})

it.each(['message', 'cpu', 'quota'] as const)(
  'takes other numbers of %s for no news, and other words for some',
  (source) => {
    const ill = (from: HealthRecord, of: HealthSource, reason: string): HealthRecord =>
      observe(observe(from, { source: of, verdict: 'ill', reason }), { source: of, verdict: 'ill', reason })
    const before = ill(wellRecord, source, '312 refused in 5 s')
    const later = ill(before, source, '298 refused in 5 s')
    expect(healthEventOf(healthOf(before), healthOf(later))).toBeUndefined()
    expect(healthOf(later)).toMatchObject({ reasons: ['298 refused in 5 s'] })
    const more = ill(later, 'requests', 'a → b → a')
    expect(healthEventOf(healthOf(later), healthOf(more))).toBe('child.degraded')
    expect(healthEventOf(healthOf(more), healthOf(ill(more, 'requests', 'a → c → a')))).toBe('child.degraded')
  },
)
