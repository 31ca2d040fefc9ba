// The two ends that carry calls of services between a process and its host, in one thread and without the process between.
import { createSlot, createSlotBell, SlotCaller, SlotHost, type SlotMemory, SlotServer } from '@bulkhead/lane'
import { describe, expect, it } from 'vitest'
import type { ServiceClaim, ServiceNews } from '../services/service-protocol.js'
import { BridgeServices } from './bridge-services.js'
import { decodeFromChild, encodeFromChild } from './from-child.js'
import { HostedServices } from './hosted-services.js'
import { answersUnreadMax } from './limits.js'
import { decodeToChild, encodeToChild } from './to-child.js'

const patienceMs = 20_000

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + patienceMs
  while (!condition()) {
    if (Date.now() > end) throw new Error('it does not come to pass')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const nowNs = (): bigint => process.hrtime.bigint()

/** The host's end alone; what it sends stays unread until a test says so. */
function host() {
  const sent: ServiceNews[] = []
  const reads: (() => void)[] = []
  const wished: string[] = []
  const hosted = new HostedServices(createSlotBell(), {
    want: ({ service }) => wished.push(service),
    send: (news, onSent) => {
      sent.push(news)
      reads.push(onSent)
    },
    nowNs,
  })
  const slot = createSlot({ requestBytes: 128, pageBytes: 64, wake: hosted.wake, bell: createSlotBell() })
  const call = (number: number, bytes = 1): ServiceClaim => ({
    ...{ kind: 'service-call', service: 'store', number, request: new Uint8Array(bytes) },
  })
  return { hosted, sent, reads, wished, slot, server: new SlotServer(slot), call }
}

describe('the host of a process', () => {
  it('hears only what an honest bridge asks', () => {
    const { hosted, slot, call } = host()
    expect(() => hosted.hear(call(1))).toThrow('it was not given')
    hosted.give('store', slot)
    expect(() => hosted.hear(call(0))).toThrow('an old number')
    expect(() => hosted.hear(call(1, 129))).toThrow('larger than its slot')
    hosted.hear(call(1, 128))
    expect(() => hosted.hear(call(2))).toThrow('two calls of one service at once')
    expect(() => hosted.hear({ kind: 'service-wanted', service: 'store' })).toThrow('a call of that service open')
    hosted.leave()
  })

  it('takes no more calls from one that does not read its answers', async () => {
    const { hosted, slot, server, call, sent, reads } = host()
    hosted.give('store', slot)
    for (let number = 1; number <= answersUnreadMax; number++) {
      hosted.hear(call(number))
      server.take(nowNs())
      server.answer(Uint8Array.of(number))
      await until(() => sent.length === 1 + number)
    }
    expect(() => hosted.hear(call(answersUnreadMax + 1))).toThrow('does not read')
    reads.at(-1)?.()
    hosted.hear(call(answersUnreadMax + 1))
    hosted.leave()
  })

  it('gives a call up that nobody waits for, and answers the next; says that a slot is closed', async () => {
    const { hosted, slot, server, call, sent } = host()
    hosted.give('store', slot)
    hosted.hear(call(1))
    server.take(nowNs())
    hosted.hear({ kind: 'service-cancel', service: 'store', number: 1 })
    // It may have crossed the answer: once more is nothing.
    hosted.hear({ kind: 'service-cancel', service: 'store', number: 1 })
    hosted.hear(call(2))
    server.answer(Uint8Array.of(1))
    expect(server.take(nowNs())).toBeDefined()
    server.answer(Uint8Array.of(2))
    await until(() => sent.length === 2)
    expect(sent[1]).toMatchObject({ number: 2, outcome: { kind: 'answer', bytes: Uint8Array.of(2) } })
    new SlotHost(slot).close()
    hosted.hear(call(3))
    expect(sent[2]).toMatchObject({ number: 3, outcome: { kind: 'closed' } })
  })
})

/** Both ends, by the frames that go between them; `real` is the slot that a service serves. */
function bothEnds() {
  let worker: SlotMemory | 'down' | undefined
  const claims: ServiceClaim[] = []
  const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
  const bridge: BridgeServices = new BridgeServices({
    channel: {
      serviceWake: wake,
      giveService: (_service, slot) => {
        worker = slot
      },
    },
    send: (claim) => {
      claims.push(claim)
      hosted.hear(decodeFromChild(encodeFromChild(claim)) as ServiceClaim)
    },
    nowNs,
  })
  const hosted: HostedServices = new HostedServices(createSlotBell(), {
    want: ({ service }) => hosted.give(service, real),
    send: (news, onSent) => {
      bridge.obey(decodeToChild(encodeToChild(news)) as ServiceNews)
      onSent()
    },
    nowNs,
  })
  const real = createSlot({ requestBytes: 128, pageBytes: 64, wake: hosted.wake, bell: createSlotBell() })
  const caller = (): SlotCaller => {
    if (worker === undefined || worker === 'down') throw new Error('it has no slot')
    return new SlotCaller(worker, { nowNs, wakeCount: () => 0, park: () => {} })
  }
  return { hosted, real, server: new SlotServer(real), claims, caller, given: () => worker }
}

describe('a call of a service from a process', () => {
  it('comes back with its whole answer, in pages', async () => {
    const { hosted, server, caller } = bothEnds()
    hosted.hear({ kind: 'service-wanted', service: 'store' })
    const slot = caller()
    const request = Uint8Array.from({ length: 128 }, (_, at) => at)
    slot.post(request, nowNs() + 60_000_000_000n)
    await until(() => server.hasCall)
    const call = server.take(nowNs())
    expect(call?.request).toEqual(request)
    expect(call?.untilNs).toBeGreaterThan(nowNs())
    const answer = Uint8Array.from({ length: 200 }, (_, at) => 255 - at)
    server.answer(answer)
    let outcome = slot.settled()
    await until(() => {
      server.turnPage()
      outcome ??= slot.settled()
      return outcome !== undefined
    })
    expect(outcome).toEqual({ kind: 'answer', bytes: answer })
    hosted.leave()
  })

  it('that its worker gives up is given up at the host too, before the next one', async () => {
    const { hosted, server, caller, claims } = bothEnds()
    hosted.hear({ kind: 'service-wanted', service: 'store' })
    const slot = caller()
    slot.post(Uint8Array.of(1))
    await until(() => server.hasCall)
    server.take(nowNs())
    expect(slot.giveUp('given-up')).toEqual({ kind: 'given-up', began: true })
    slot.post(Uint8Array.of(2))
    await until(() => server.isAbandoned)
    server.drop()
    await until(() => server.hasCall)
    expect(server.take(nowNs())?.request).toEqual(Uint8Array.of(2))
    expect(claims.map(({ kind }) => kind)).toEqual(['service-call', 'service-cancel', 'service-call'])
    hosted.leave()
  })

  it('fails with the service, and finds its slot closed when that is down', async () => {
    const { hosted, real, server, caller, given } = bothEnds()
    hosted.hear({ kind: 'service-wanted', service: 'store' })
    const slot = caller()
    slot.post(Uint8Array.of(1))
    await until(() => server.hasCall)
    server.take(nowNs())
    new SlotHost(real).fail()
    await until(() => slot.settled()?.kind === 'failed')
    new SlotHost(real).close()
    slot.post(Uint8Array.of(2))
    await until(() => slot.settled()?.kind === 'failed')
    expect(slot.post(Uint8Array.of(3))).toBe(false)
    hosted.give('store', 'down')
    expect(given()).toBe('down')
    hosted.leave()
  })
})

it('a claim of a service is one with its bounds, or none', () => {
  const call: ServiceClaim = {
    kind: 'service-call',
    service: 'network',
    number: 3,
    waitMs: 9,
    request: Uint8Array.of(1, 2),
  }
  expect(decodeFromChild(encodeFromChild(call))).toEqual(call)
  expect(decodeFromChild(encodeFromChild({ kind: 'service-cancel', service: 'interfaces', number: 1 }))).toEqual({
    ...{ kind: 'service-cancel', service: 'interfaces', number: 1 },
  })
  const unknown = { kind: 'service-wanted', service: 'shell' } as unknown as ServiceClaim
  expect(() => decodeFromChild(encodeFromChild(unknown))).toThrow('none of its words')
})
