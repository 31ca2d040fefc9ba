import type { AccessRecord } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { StrictRecords } from './strict-records.js'

function record(resource: string, verdict: 'granted' | 'denied', count = 1): AccessRecord {
  return {
    ...{ at: 1n, policyVersion: 1, kind: 'filesystem', action: 'read', resource, verdict, layer: 'policy', count },
    ...(verdict === 'denied' ? { reason: 'no rule allows it' } : {}),
  } as AccessRecord
}

/** A journal that takes records, or does not. */
function journal() {
  const taken: string[] = []
  let isStalled = false
  const records = new StrictRecords(({ resource, count }) => {
    if (!isStalled) taken.push(`${resource} ${count}`)
    return !isStalled
  })
  const stall = (stalled: boolean): void => {
    isStalled = stalled
  }
  return { records, taken, stall }
}

it('keeps how often something open was used until it can be recorded, in order', () => {
  const { records, taken, stall } = journal()
  stall(true)
  expect(records.note(record('/a', 'granted', 7), true)).toBe(false)
  expect(records.note(record('/b', 'granted', 3), true)).toBe(false)
  records.flush()
  expect(taken).toEqual([])
  stall(false)
  expect(records.note(record('/c', 'granted'))).toBe(true)
  records.flush()
  expect(taken).toEqual(['/a 7', '/b 3', '/c 1'])
})

it('never records as granted what was refused because it could not be recorded', () => {
  const { records, taken, stall } = journal()
  stall(true)
  expect(records.note(record('/a', 'granted'))).toBe(false)
  expect(records.note(record('/b', 'denied'))).toBe(false)
  expect(records.note(record('/c', 'denied'))).toBe(false)
  stall(false)
  records.flush()
  expect(taken).toEqual(['/c 2'])
})
