import type { RingRecord } from '@bulkhead/audit'
import { expect, it } from 'vitest'
import { DenialWatch } from './denial-watch.js'

type Access = Extract<RingRecord, { type: 'access' }>

const reporter = { ring: 1, component: 'component:a', incarnation: 1 }
const access = (resource: string, more: Partial<Access> = {}): RingRecord => ({
  ...reporter,
  ...{ type: 'access', seq: 1, time: 0, policyVersion: 1, kind: 'filesystem', action: 'read', resource },
  ...{ verdict: 'denied', layer: 'manifest', probe: false, count: 1 },
  ...more,
})

it('takes five different denials for a violation, and no fewer', () => {
  const watch = new DenialWatch(() => 0)
  for (let n = 0; n < 4; n++) expect(watch.note('a', access(`/${n}/x`))).toBeUndefined()
  expect(watch.note('a', access('/0/x'))).toBeUndefined()
  expect(watch.note('a', access('/4/x'))).toEqual({
    class: 'security',
    reason: '5 different filesystem requests were denied within 10 s',
  })
})

it('counts neither what was granted nor look-ups of what is not there', () => {
  const watch = new DenialWatch(() => 0)
  for (let n = 0; n < 300; n++) {
    expect(watch.note('a', access(`/${n}/x`, { verdict: 'granted' }))).toBeUndefined()
    expect(watch.note('a', access(`/${n}/x`, { probe: true }))).toBeUndefined()
  }
})

it('takes the journal’s word for a flood of look-ups', () => {
  const flood: RingRecord = { ...reporter, type: 'probe-flood', distinct: 256, withinMs: 10_000 }
  expect(new DenialWatch(() => 0).note('a', flood)?.reason).toBe(
    'looked for 256 different things that are not there within 10 s',
  )
})

it('holds nobody’s denials against another', () => {
  const watch = new DenialWatch(() => 0)
  for (let n = 0; n < 5; n++) expect(watch.note(`member-${n}`, access(`/${n}/x`))).toBeUndefined()
})

it('remembers nobody who has been quiet for a minute', () => {
  let nowMs = 0
  const watch = new DenialWatch(() => nowMs)
  for (let n = 0; n < 100; n++) watch.note(`pool-${n}`, access('/0/x'))
  expect(watch.size).toBe(100)
  nowMs = 60_000
  watch.note('pool-100', access('/0/x'))
  expect(watch.size).toBe(1)
})
