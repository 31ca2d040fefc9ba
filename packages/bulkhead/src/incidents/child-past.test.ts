import type { HealthEvent } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChildPasts, OutputTail } from './child-past.js'
import { pastEventsMax, pastLogBytesMax, pastsMax } from './limits.js'

const event = (seq: number): HealthEvent => ({ seq, time: seq, type: 'child.ready', supervisor: 'root' })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('keeps the last bytes of an output, however they come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 * pastLogBytesMax }), { maxLength: 6 }), (lengths) => {
      const tail = new OutputTail()
      let all = Buffer.alloc(0)
      for (const [index, length] of lengths.entries()) {
        const chunk = Uint8Array.from({ length }, (_, at) => (at * 7 + index) % 251)
        tail.add(chunk)
        all = Buffer.concat([all, chunk])
      }
      return Buffer.compare(tail.bytes, all.subarray(-pastLogBytesMax)) === 0
    }),
    { numRuns: 60 },
  )
})

it('keeps the last events of a child, and none of others', () => {
  const pasts = new ChildPasts()
  for (let seq = 1; seq <= pastEventsMax + 1; seq++) pasts.note('a', event(seq))
  pasts.note('b', event(1_000))
  pasts.wrote('b', bytes('b says'))
  const { events, log } = pasts.of('a')
  expect(events).toHaveLength(pastEventsMax)
  expect(events[0]?.seq).toBe(2)
  expect(log).toHaveLength(0)
  expect(new TextDecoder().decode(pasts.of('b').log)).toBe('b says')
  pasts.forget('b')
  expect(pasts.of('b').events).toEqual([])
})

it('forgets whoever was quiet longest when there are too many', () => {
  const pasts = new ChildPasts()
  pasts.note('first', event(1))
  pasts.note('second', event(2))
  pasts.note('first', event(3))
  for (let other = 0; other < pastsMax - 1; other++) pasts.note(`child-${other}`, event(4))
  expect(pasts.of('second').events).toEqual([])
  expect(pasts.of('first').events).toHaveLength(2)
})
