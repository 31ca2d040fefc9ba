import type { HealthEvent } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { toCloudEvent } from './cloud-event.js'

const event: HealthEvent = {
  ...{ seq: 17, time: Date.UTC(2026, 0, 2, 3, 4, 5, 678), type: 'child.quarantined' },
  ...{ supervisor: 'root', child: 'ingest', reason: 'forged handle' },
}

it('says what happened as CloudEvents 1.0 has it', () => {
  expect(toCloudEvent(event, '5f0c1a9be2d4')).toEqual({
    specversion: '1.0',
    id: '5f0c1a9be2d4-17',
    source: 'urn:bulkhead:5f0c1a9be2d4',
    type: 'dev.bulkhead.child.quarantined',
    time: '2026-01-02T03:04:05.678Z',
    subject: 'ingest',
    datacontenttype: 'application/json',
    data: event,
  })
})

it('has no subject where no child is concerned, and the source that it is given', () => {
  const { child: _child, ...ofTree } = event
  const told = toCloudEvent({ ...ofTree, type: 'journal.stalled' }, '5f0c1a9be2d4', 'https://shop.example/plug-ins')
  expect(told).not.toHaveProperty('subject')
  expect(told.source).toBe('https://shop.example/plug-ins')
})

it('keeps to the names and the forms that the specification asks for', () => {
  const told = toCloudEvent(event, '5f0c1a9be2d4')
  for (const name of Object.keys(told)) expect(name).toMatch(/^[a-z0-9]{1,20}$/)
  expect(() => new URL(told.source)).not.toThrow()
  expect(new Date(told.time).getTime()).toBe(event.time)
  expect(JSON.parse(JSON.stringify(told))).toEqual(told)
})
