import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo, Server } from 'node:net'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type CapabilityTable, compileTable, type ForbiddenRule, type Grant } from '@bulkhead/capability'
import { SlotCaller, type SlotOutcome } from '@bulkhead/lane'
import { readAnswer } from '../service/answer.js'
import type { FarDenial } from '../service/channel-authority.js'
import { type Endpoint, parseAddress } from './addresses.js'
import type { FakeResolver } from './fake-network-thread.test.support.js'
import type { HttpRequest } from './http-head.js'
import { NetworkClient } from './network-client.js'
import { encodeNetworkRequest, type Handle, type Interest } from './network-request.js'
import { type NetworkChannelOptions, type NetworkChannelPort, NetworkService } from './network-service.js'

const origin = { document: 'test', line: 1 }
const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))

export type Rules = {
  readonly connect?: readonly (string | { readonly pattern: string; readonly connections: number })[]
  readonly bind?: readonly string[]
  readonly deny?: readonly string[]
  readonly forbidden?: readonly string[]
}

export function networkTable(rules: Rules, version = 1): CapabilityTable {
  const grant = (action: 'connect' | 'bind', rule: string | { pattern: string; connections: number }): Grant => ({
    kind: 'network',
    action,
    pattern: typeof rule === 'string' ? rule : rule.pattern,
    origin,
    ...(typeof rule === 'string' ? {} : { limits: { connections: rule.connections } }),
  })
  const plain = (pattern: string): ForbiddenRule => ({ kind: 'network', action: 'connect', pattern, origin })
  return compileTable({
    version,
    componentId: 'one',
    forbidden: (rules.forbidden ?? []).map(plain),
    deny: (rules.deny ?? []).map(plain),
    layers: [
      {
        layer: 'manifest',
        grants: [
          ...(rules.connect ?? []).map((rule) => grant('connect', rule)),
          ...(rules.bind ?? []).map((rule) => grant('bind', rule)),
        ],
      },
    ],
    operator: [],
  })
}

const plenty = { rate: { amount: 1e9, perMs: 1_000 } }

/** A guest that asks without blocking the thread that its servers run on. */
export class TestGuest {
  readonly port: NetworkChannelPort
  readonly #caller: SlotCaller

  constructor(port: NetworkChannelPort) {
    this.port = port
    const wake = new Int32Array(port.slot.wake.buffer)
    this.#caller = new SlotCaller(port.slot, {
      nowNs: process.hrtime.bigint,
      wakeCount: () => Atomics.load(wake, 0),
      park: () => undefined,
    })
  }

  /** Runs `use` twice: once to learn what it asks, once with the answer. */
  async ask<Answer>(use: (client: NetworkClient) => Answer): Promise<Answer> {
    let request: Uint8Array | undefined
    const captured = new Error('captured')
    try {
      use(
        new NetworkClient((bytes) => {
          request = bytes
          throw captured
        }),
      )
    } catch (error) {
      if (error !== captured) throw error
    }
    const outcome = await this.raw(request ?? new Uint8Array(0))
    if (outcome.kind !== 'answer') throw new Error(outcome.kind)
    return use(new NetworkClient(() => outcome.bytes))
  }

  async raw(request: Uint8Array, patienceMs = 20_000): Promise<SlotOutcome> {
    if (!this.#caller.post(request)) return { kind: 'closed' }
    const untilMs = performance.now() + patienceMs
    for (;;) {
      const outcome = this.#caller.settled()
      if (outcome !== undefined) return outcome
      if (performance.now() > untilMs) return this.#caller.giveUp('expired')
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  /** Asks again and again, waiting by poll, until there is an answer. */
  async until<Answer>(
    interest: Interest,
    use: (client: NetworkClient) => Answer | undefined | 'would-block',
  ): Promise<Answer> {
    for (;;) {
      await this.ask((client) => client.poll([interest]))
      const answer = await this.ask(use)
      if (answer !== undefined && answer !== 'would-block') return answer as Answer
    }
  }

  async addresses(name: string): Promise<readonly string[]> {
    const handle = await this.ask((client) => client.lookUp(name))
    const found = await this.until({ handle, for: 'read' }, (client) => client.addresses(handle))
    return found.map((address) =>
      address.kind === 'ipv4' ? [24, 16, 8, 0].map((at) => (address.bits >>> at) & 255).join('.') : 'ipv6',
    )
  }

  async connect(endpoint: Endpoint): Promise<Handle> {
    const handle = await this.ask((client) => client.connect(endpoint))
    await this.until({ handle, for: 'write' }, (client) => client.connected(handle))
    return handle
  }

  async listen(endpoint: Endpoint): Promise<Handle> {
    const handle = await this.ask((client) => client.bind(endpoint))
    await this.until({ handle, for: 'write' }, (client) => client.bound(handle))
    await this.ask((client) => client.listen(handle))
    return handle
  }

  async read(handle: Handle, max = 65_536): Promise<Uint8Array | 'end'> {
    return this.until<Uint8Array | 'end'>({ handle, for: 'read' }, (client) => client.read(handle, max))
  }

  async readAll(handle: Handle): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for (let piece = await this.read(handle); piece !== 'end'; piece = await this.read(handle)) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  async writeAll(handle: Handle, bytes: Uint8Array): Promise<void> {
    for (let left = bytes; left.length > 0; ) {
      await this.ask((client) => client.poll([{ handle, for: 'write' }]))
      const piece = left.subarray(0, 65_536)
      const taken = await this.ask((client) => client.write(handle, piece))
      left = left.subarray(taken)
    }
  }

  /** A whole exchange: `200 body`. */
  async get(url: string, more: Partial<HttpRequest> = {}): Promise<string> {
    const handle = await this.start(url, more)
    const { status } = await this.until({ handle, for: 'response' }, (client) => client.response(handle))
    const body = await this.readAll(handle)
    await this.ask((client) => client.close(handle))
    return `${status} ${body}`
  }

  start(url: string, more: Partial<HttpRequest> = {}): Promise<Handle> {
    return this.ask((client) => client.exchange(requestOf(url, more)))
  }

  /** The same as a worker sends it that checks nothing. */
  async startUnchecked(url: string, more: Partial<HttpRequest>): Promise<void> {
    const outcome = await this.raw(encodeNetworkRequest({ op: 'exchange', request: requestOf(url, more) }))
    if (outcome.kind !== 'answer') throw new Error(outcome.kind)
    readAnswer(outcome.bytes)
  }
}

function requestOf(url: string, more: Partial<HttpRequest>): HttpRequest {
  const [, scheme, authority, path] = /^(\w+):\/\/([^/]*)(.*)$/s.exec(url) ?? []
  return {
    method: 'GET',
    scheme: scheme as 'http',
    authority: authority ?? '',
    path: path === '' || path === undefined ? '/' : path,
    fields: [],
    body: 'none',
    connectMs: 0,
    firstByteMs: 0,
    betweenBytesMs: 0,
    ...more,
  }
}

export type NetworkLab = {
  readonly service: NetworkService
  readonly denials: FarDenial[]
  readonly breaches: string[]
  readonly thread: () => Worker
  /** How often the resolver was asked. */
  readonly asked: () => number
  readonly guest: (rules: Rules, options?: Partial<NetworkChannelOptions>) => TestGuest
}

export async function openNetworkLab(
  options: Partial<Omit<FakeResolver, 'asked'>> & {
    readonly authorities?: readonly string[]
    readonly onRestarted?: () => void
  } = {},
): Promise<NetworkLab> {
  const { dns = {}, special = 'loopback-is-not', authorities, onRestarted } = options
  const asked = new SharedArrayBuffer(4)
  const denials: FarDenial[] = []
  const breaches: string[] = []
  let worker: Worker | undefined
  const service = await NetworkService.start({
    authorities,
    events: {
      onDenied: (_, denial) => denials.push(denial),
      onBreach: (_, error) => breaches.push(error.code),
      ...(onRestarted === undefined ? {} : { onRestarted }),
    },
    spawn: (_, how) => {
      const fake: FakeResolver = { dns, special, asked }
      const workerData = { ...how?.workerData, fake }
      worker = new Worker(join(built, 'network', 'fake-network-thread.test.support.js'), { ...how, workerData })
      return worker
    },
  })
  return {
    service,
    denials,
    breaches,
    thread: () => {
      if (worker === undefined) throw new Error('no thread')
      return worker
    },
    asked: () => Atomics.load(new Int32Array(asked), 0),
    guest: (rules, more = {}) => {
      const wake = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
      return new TestGuest(
        service.attach({ table: networkTable(rules), bandwidth: plenty, requests: plenty, wake, ...more }),
      )
    },
  }
}

export function at(address: string, port: number): Endpoint {
  const parsed = parseAddress(address)
  if (parsed === undefined) throw new Error(address)
  return { address: parsed, port }
}

/** Listens on loopback; the port. */
export async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** What it throws, as `code reason`. */
export async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'nothing'
  } catch (error) {
    const { code, details } = error as { code?: string; details?: { reason?: string; resource?: string } }
    return code === 'network-failed' ? `failed: ${details?.reason}` : (code ?? String(error))
  }
}
