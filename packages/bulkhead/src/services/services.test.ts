// The real services under the runtime's hand; the test is the worker, and one without a guard: what it asks is decided here
// by the far side alone.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ServicePort } from '@bulkhead/actor'
import { Journal, type RingRecord } from '@bulkhead/audit'
import { type CapabilityTable, compileTable, type Grant } from '@bulkhead/capability'
import { NetworkClient, parseAddress, StoreClient } from '@bulkhead/host-services'
import { SlotCaller, type SlotMemory } from '@bulkhead/lane'
import { narrowLimits } from '@bulkhead/security-context'
import { StateDirectory } from '@bulkhead/state'
import { type HealthEventDraft, systemClock } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostServices, type HostServicesPowers } from './host-services.js'
import { RunServices } from './run-services.js'
import { serviceQuotas } from './service-quotas.js'

const patienceMs = 20_000

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + patienceMs
  while (!condition()) {
    if (Date.now() > end) throw new Error('it does not come to pass')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

const originNs = process.hrtime.bigint()
const nowNs = (): bigint => process.hrtime.bigint() - originNs
let folder: string
let state: StateDirectory
let journal: Journal
let services: HostServices
const records: RingRecord[] = []
const events: HealthEventDraft[] = []
const breaches: string[] = []
const ends: (() => Promise<void>)[] = []

function host(powers: Partial<HostServicesPowers> = {}): HostServices {
  const made = new HostServices({
    state,
    clock: systemClock,
    originNs,
    raise: (draft) => events.push(draft),
    ...powers,
  })
  ends.push(() => made.close())
  return made
}

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'run-services-')))
  state = await StateDirectory.open(folder, { create: true })
  for (const told of [records, events, breaches]) told.length = 0
  journal = await Journal.open({
    directory: undefined,
    monotonicOriginNs: originNs,
    onRecords: (more) => void records.push(...more),
  })
  services = host()
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await journal.close()
  await state.close()
  rmSync(folder, { recursive: true })
})

function tableOf(componentId: string, rules: readonly string[], version = 1): CapabilityTable {
  const grants = rules.map((rule): Grant => {
    const [kind, action, pattern] = rule.split(' ') as [Grant['kind'], Grant['action'], string]
    return { kind, action, pattern, origin: { document: 'test.toml' } }
  })
  const layers = [{ layer: 'approval' as const, grants }]
  return compileTable({ version, componentId, layers, operator: [], deny: [], forbidden: [] })
}

/** A worker without a guard: it asks what it likes. */
function worker(slot: SlotMemory, wakeWords: Int32Array) {
  const caller = new SlotCaller(slot, {
    nowNs,
    wakeCount: () => Atomics.load(wakeWords, 0),
    park: (seen) => void Atomics.wait(wakeWords, 0, seen, 1_000),
  })
  return (request: Uint8Array): Uint8Array => {
    const outcome = caller.call(request, { untilNs: nowNs() + BigInt(patienceMs) * 1_000_000n })
    if (outcome.kind !== 'answer') throw new Error(outcome.kind)
    return outcome.bytes
  }
}

type RunOptions = { readonly scope?: string; readonly storageBytes?: number; readonly from?: HostServices }

function run(child: string, rules: readonly string[], { scope = '', storageBytes, from = services }: RunOptions = {}) {
  const limits = storageBytes === undefined ? {} : { storageBytes }
  const identity = { component: child, incarnation: 1, trust: 'unknown', approval: 'approved', digest: 'sha256:0' }
  const wakeWords = new Int32Array(new SharedArrayBuffer(4))
  const wake = { buffer: wakeWords.buffer, byteOffset: 0 }
  const ports: ServicePort[] = []
  const made = new RunServices({
    services: from,
    terms: { owner: child, scope, quotas: serviceQuotas(narrowLimits([{ document: 'test.toml', limits }])) },
    interfaces: undefined,
    raise: (draft) => events.push(draft),
    nowNs,
    attach: () => journal.attach(identity, { report: 'denied' }),
    release: (ring) => journal.release(ring),
    onBreach: ({ message }) => void breaches.push(message),
  })
  const open = async (service: 'store' | 'network'): Promise<ServicePort | undefined> => {
    const attach = await made.find(service)
    const port = attach?.({ table: tableOf(child, rules), wake })
    if (port !== undefined) ports.push(port)
    return port
  }
  const opened = async (service: 'store' | 'network'): Promise<ServicePort> => {
    const port = await open(service)
    if (port === undefined) throw new Error(`there is no ${service}`)
    return port
  }
  const end = (): Promise<unknown> => Promise.all(ports.splice(0).map((port) => port.gone()))
  ends.push(async () => void (await end()))
  return {
    ...{ made, open, opened, end },
    store: async () => new StoreClient(worker((await opened('store')).slot, wakeWords)),
    network: async () => new NetworkClient(worker((await opened('network')).slot, wakeWords)),
  }
}

const own = ['storage read self:*', 'storage write self:*']
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('a run and the store', () => {
  it('keeps what it may, and not what it may not, whatever its guard has let pass: on record as a denial', async () => {
    const thief = run('thief', own)
    const victim = run('victim', own)
    const [mine, other] = [await thief.store(), await victim.store()]
    other.set('self', 'k', text('secret'))
    mine.set('self', 'k', text('mine'))
    expect(mine.get('self', 'k')).toEqual(text('mine'))
    expect(() => mine.get('component:victim', 'k')).toThrow('denied')
    expect(() => mine.set('shared:all', 'k', text('x'))).toThrow('denied')
    // The services tell the host by a message; after the end of the run, all of it is in the log.
    await thief.end()
    expect(records.filter(({ type }) => type === 'access')).toMatchObject([
      { kind: 'storage', action: 'read', resource: 'component:victim:k', verdict: 'denied' },
      { kind: 'storage', action: 'write', resource: 'shared:all:k', verdict: 'denied' },
    ])
    expect(other.get('self', 'k')).toEqual(text('secret'))
  })

  it('shares nothing with those of another tenant, and of its child with the next incarnation', async () => {
    const shared = ['storage read shared:*', 'storage write shared:*', ...own]
    const [acme, other] = [run('a', shared, { scope: 'acme' }), run('a', shared, { scope: 'other' })]
    const store = await acme.store()
    store.set('shared:x', 'k', text('acme'))
    store.set('self', 'k', text('acme'))
    await acme.end()
    const stranger = await other.store()
    expect([stranger.get('shared:x', 'k'), stranger.get('self', 'k')]).toEqual([undefined, undefined])
    expect((await run('a', shared, { scope: 'acme' }).store()).get('self', 'k')).toEqual(text('acme'))
  })

  it('has as much room as its documents leave it, and another quota at once', async () => {
    const small = run('small', own, { storageBytes: 100 })
    const store = await small.store()
    store.set('self', 'k', new Uint8Array(50))
    expect(() => store.set('self', 'l', new Uint8Array(100))).toThrow()
    expect(small.made.gauges()).toMatchObject([{ quota: 'storage', spent: { limit: 100 } }])
    small.made.changeQuotas(
      serviceQuotas(narrowLimits([{ document: 'bulkhead.toml', limits: { storageBytes: 1_000 } }])),
    )
    store.set('self', 'l', new Uint8Array(100))
    expect(small.made.gauges()[0]?.spent.used).toBeGreaterThanOrEqual(150)
  })

  it('that scribbles over its slot is told of as a breach, once, and nobody else is in its way', async () => {
    const [hostile, honest] = [run('hostile', own), run('honest', own)]
    const { slot } = await hostile.opened('store')
    const store = await honest.store()
    const words = new Int32Array(slot.buffer)
    words[16] = 0x7fffffff
    Atomics.store(words, 0, (1 << 3) | 1)
    new Int32Array(slot.bell)[0] = 1
    Atomics.notify(new Int32Array(slot.bell), 0)
    store.set('self', 'k', text('on'))
    await until(() => breaches.length > 0)
    expect(breaches).toHaveLength(1)
    expect(store.get('self', 'k')).toEqual(text('on'))
  })

  it('has none without a state directory, and the host hears why', async () => {
    const nowhere = host({ state: undefined })
    expect(await run('a', own, { from: nowhere }).open('store')).toBeUndefined()
    expect(await run('a', own, { from: nowhere }).open('store')).toBeUndefined()
    expect(events).toMatchObject([
      { type: 'service.failed', reason: expect.stringContaining('without a state directory') },
    ])
  })
})

describe('a run and the network', () => {
  let server: Server
  let port: number
  beforeEach(async () => {
    server = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterEach(() => void server.close())

  const loopback = (at: number) => {
    const address = parseAddress('127.0.0.1')
    if (address === undefined) throw new Error('no address')
    return { address, port: at }
  }

  it('reaches what it may, and nothing else, whatever its guard has let pass', async () => {
    const child = run('child', [`network connect 127.0.0.1:${port}`])
    const network = await child.network()
    const connection = network.connect(loopback(port))
    network.poll([{ handle: connection, for: 'write' }])
    expect(network.connected(connection)?.remote.port).toBe(port)
    expect(child.made.gauges().find(({ quota }) => quota === 'connections')?.spent).toMatchObject({
      used: 1,
      limit: 32,
    })
    expect(() => network.connect(loopback(port === 1 ? 2 : 1))).toThrow()
    expect(() => network.lookUp('victim.test')).toThrow()
    const before = child.made.traffic()
    await child.end()
    // What was counted outlives the channel that it was counted in.
    expect(child.made.traffic()).toEqual(before)
    expect(records.filter(({ type }) => type === 'access')).toMatchObject([
      { kind: 'network', action: 'connect', verdict: 'denied' },
      { kind: 'network', action: 'resolve', verdict: 'denied' },
    ])
  })

  it('goes on with another thread when that of the service has died, and nobody is charged', async () => {
    const threads: Worker[] = []
    const mortal = host({
      spawn: {
        network: (file, how) => {
          const thread = new Worker(file, how)
          threads.push(thread)
          return thread
        },
      },
    })
    const child = run('child', [`network connect 127.0.0.1:${port}`], { from: mortal })
    const network = await child.network()
    network.connect(loopback(port))
    await threads[0]?.terminate()
    await until(() => events.some(({ type }) => type === 'service.restarted'))
    expect(events.map(({ type, child: charged }) => [type, charged])).toEqual([
      ['service.failed', undefined],
      ['service.restarted', undefined],
    ])
    const connection = network.connect(loopback(port))
    expect(connection).toBeDefined()
    expect(breaches).toEqual([])
  })
})

it('a rung divides rates, and none becomes nothing by that; nobody has requests limited who has no quota of them', () => {
  const limits = narrowLimits([{ document: 'a', limits: { network: { amount: 1, perMs: 3_600_000 } } }])
  expect(serviceQuotas(limits, 10).bandwidth.rate.amount).toBe(1)
  expect(
    serviceQuotas(narrowLimits([{ document: 'a', limits: { requests: { amount: 10, perMs: 1_000 } } }]), 2),
  ).toMatchObject({
    requests: { rate: { amount: 18_000, perMs: 3_600_000 } },
  })
  expect(serviceQuotas(limits, 10).requests).toEqual(serviceQuotas(limits).requests)
  expect(
    serviceQuotas(narrowLimits([{ document: 'a', limits: { network: { amount: 0, perMs: 1_000 } } }])).bandwidth.rate
      .amount,
  ).toBe(0)
})
