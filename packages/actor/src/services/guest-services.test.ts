import { createSlot, createSlotBell, SlotHost, type SlotMemory, SlotServer } from '@bulkhead/lane'
import { describe, expect, it } from 'vitest'
import { serviceAskAgainMs } from '../limits.js'
import { GuestServices } from './guest-services.js'
import type { ServiceGiven } from './service-protocol.js'

const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }

function newSlot(): SlotMemory {
  return createSlot({ requestBytes: 64, pageBytes: 64, wake, bell: createSlotBell() })
}

/** A guest's services, and a host that a test plays. */
function world() {
  const port: ServiceGiven[] = []
  const wishes: string[] = []
  let take = (_given: ServiceGiven): void => {}
  let nowNs = 0n
  const services = new GuestServices({
    ledger: { wakeCount: () => 0 },
    pump: {
      drain: () => {
        for (const given of port.splice(0)) take(given)
      },
      onServices: (taker) => {
        take = taker
      },
    },
    post: ({ service }) => wishes.push(service),
    now: () => nowNs,
    park: () => {},
  })
  return {
    ...{ services, wishes },
    give: (slot: SlotMemory | 'down') => port.push({ kind: 'service', service: 'store', slot }),
    pass: (ms: number) => {
      nowNs += BigInt(ms) * 1_000_000n
    },
  }
}

describe('the services in the thread of a guest', () => {
  it('are asked for once, at the first use, and opening until the host has answered', () => {
    const { services, wishes, give } = world()
    expect([services.open('store'), services.open('store')]).toEqual(['opening', 'opening'])
    expect(wishes).toEqual(['store'])
    const slot = newSlot()
    give(slot)
    const caller = services.open('store')
    if (typeof caller === 'string') throw new Error(caller)
    expect(caller.post(Uint8Array.of(1))).toBe(true)
    expect(caller.settled()).toBeUndefined()
    const server = new SlotServer(slot)
    expect(server.take(0n)?.request).toEqual(Uint8Array.of(1))
    server.answer(Uint8Array.of(2))
    expect(caller.settled()).toEqual({ kind: 'answer', bytes: Uint8Array.of(2) })
    expect(services.open('network')).toBe('opening')
    expect(wishes).toEqual(['store', 'network'])
  })

  it('that are down are asked for again after a while, and not before', () => {
    const { services, wishes, give, pass } = world()
    services.open('store')
    give('down')
    expect(services.open('store')).toBe('down')
    pass(serviceAskAgainMs - 1)
    expect(services.open('store')).toBe('down')
    expect(wishes).toHaveLength(1)
    pass(1)
    expect(services.open('store')).toBe('opening')
    expect(wishes).toHaveLength(2)
  })

  it('that were closed are asked for again at the next use', () => {
    const { services, wishes, give } = world()
    services.open('store')
    const slot = newSlot()
    give(slot)
    const caller = services.open('store')
    if (typeof caller === 'string') throw new Error(caller)
    caller.post(Uint8Array.of(1))
    expect(caller.giveUp('given-up')).toEqual({ kind: 'given-up', began: false })
    new SlotHost(slot).close()
    expect(caller.post(Uint8Array.of(1))).toBe(false)
    expect(services.open('store')).toBe('opening')
    expect(wishes).toHaveLength(2)
  })
})
