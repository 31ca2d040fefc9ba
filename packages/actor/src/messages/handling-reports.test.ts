import type { Delivery } from '@bulkhead/mailbox'
import { expect, it } from 'vitest'
import { handlingsToldPerSecond } from '../limits.js'
import type { MessageEvent } from '../message-protocol.js'
import { HandlingReports } from './handling-reports.js'

const sampledTrace = new Uint8Array(25).fill(1)
const delivery: Delivery = {
  ...{ subject: 'a.b', body: new Uint8Array(), sentAtNs: 0n, lane: 1, trace: sampledTrace },
  sender: { id: 'a', incarnation: 1 },
} as unknown as Delivery

it('tells of sampled messages, as many in a second as the host can bear', () => {
  let now = 5n
  const posted: MessageEvent[] = []
  const reports = new HandlingReports(
    () => now,
    (event) => void posted.push(event),
  )
  reports.tell({ ...delivery, trace: undefined }, 1n, false)
  reports.tell({ ...delivery, trace: new Uint8Array(25).fill(2) }, 1n, false)
  expect(posted).toEqual([])
  for (let count = 0; count < 3 * handlingsToldPerSecond; count++) reports.tell(delivery, 1n, false)
  expect(posted).toHaveLength(handlingsToldPerSecond)
  now += 1_000_000_000n
  reports.tell(delivery, 2n, true)
  expect(posted.at(-1)).toEqual({
    ...{ kind: 'message-handled', subject: 'a.b', from: delivery.sender, trace: sampledTrace },
    ...{ sinceNs: 2n, untilNs: now, failed: true },
  })
  expect(posted).toHaveLength(handlingsToldPerSecond + 1)
})
