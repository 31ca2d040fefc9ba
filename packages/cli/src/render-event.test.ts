import type { HealthEvent } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { ChildTimes } from './child-times.js'
import { renderEvent } from './render-event.js'

const plain = (_style: string, text: string): string => text
const event: HealthEvent = { seq: 1, time: 34_860_312, type: 'child.starting', supervisor: 'root', child: 'flaky' }

it('says when, what, who, and what is to be known', () => {
  expect(renderEvent(event, plain)).toBe('09:41:00.312 child.starting       flaky')
  const restarting: HealthEvent = {
    ...event,
    type: 'child.restarting',
    delayMs: 200,
    restartsLeft: 2,
    reason: 'exit code 1',
  }
  expect(renderEvent(restarting, plain)).toBe(
    '09:41:00.312 child.restarting     flaky  in 200 ms, 2 restarts left: exit code 1',
  )
})

it('says of a quarantine when it ends', () => {
  const quarantined: HealthEvent = { ...event, type: 'child.quarantined', level: 'quarantine', reason: 'flood' }
  expect(renderEvent({ ...quarantined, delayMs: 300_000 }, plain)).toContain(
    'flaky  tried again in 5 min, level quarantine: flood',
  )
  expect(renderEvent(quarantined, plain)).toContain('flaky  until it is released, level quarantine: flood')
})

it('escapes a reason, which may hold the words of a guest', () => {
  expect(renderEvent({ ...event, reason: 'trap: \u001b[2J' }, plain)).toContain('trap: \\x1b[2J')
})

it('times a child from its first event to its last', () => {
  const times = new ChildTimes()
  times.note({ ...event, time: 1000 })
  times.note({ seq: 2, type: 'supervisor.started', time: 5000, supervisor: 'root' })
  times.note({ ...event, type: 'child.exited', time: 1500 })
  expect(times.of('flaky')).toBe(500)
  expect(times.of('nobody')).toBeUndefined()
})
