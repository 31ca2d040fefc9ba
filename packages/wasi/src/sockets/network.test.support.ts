// A guest over the real network service, in its thread; its peers are in another one, because the guest blocks this one.
// Test support only; never shipped.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type NetworkChannelOptions, type NetworkChannelPort, NetworkService } from '@bulkhead/host-services'
import { SlotCaller, type WakeWord } from '@bulkhead/lane'
import {
  type Input,
  type Output,
  outcome,
  type Pollable,
  type Setup,
  TestGuest,
  tableOf,
} from '../guest.test-support.js'
import type { HostPowers } from '../powers.js'

export type Ipv4 = { tag: 'ipv4'; val: { port: number; address: [number, number, number, number] } }
export type Tcp = {
  startBind: (network: object, address: object) => void
  finishBind: () => void
  startConnect: (network: object, address: object) => void
  finishConnect: () => [Input, Output]
  startListen: () => void
  finishListen: () => void
  accept: () => [Tcp, Input, Output]
  localAddress: () => Ipv4
  remoteAddress: () => Ipv4
  isListening: () => boolean
  addressFamily: () => string
  subscribe: () => Pollable
  shutdown: (what: 'receive' | 'send' | 'both') => void
  [Symbol.dispose]: () => void
  [option: string]: unknown
}
export type Datagram = { data: Uint8Array; remoteAddress?: object | undefined }
export type Incoming = {
  receive: (max: bigint) => (Datagram & { remoteAddress: Ipv4 })[]
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
}
export type Outgoing = {
  checkSend: () => bigint
  send: (datagrams: Datagram[]) => bigint
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
}
export type Udp = {
  startBind: (network: object, address: object) => void
  finishBind: () => void
  stream: (remote: object | undefined) => [Incoming, Outgoing]
  localAddress: () => Ipv4
  remoteAddress: () => Ipv4
  addressFamily: () => string
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
  [option: string]: unknown
}
export type Addresses = {
  resolveNextAddress: () => { tag: string; val: number[] } | undefined
  subscribe: () => Pollable
  [Symbol.dispose]: () => void
}

export function at(text: string, port: number): Ipv4 {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return { tag: 'ipv4', val: { port, address: [a, b, c, d] } }
}

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const plenty = { rate: { amount: 1e9, perMs: 1_000 } }

/** A guest that blocks as a real one does, but gives up after a while, so that a test fails and does not hang. */
export class NetworkGuest {
  readonly guest: TestGuest
  readonly channel: NetworkChannelPort
  readonly network: object
  /** Called before each sleep. */
  onPark: () => void = () => undefined

  constructor(service: NetworkService, setup: Setup, options: Partial<NetworkChannelOptions> & { far?: Setup } = {}) {
    const { far = setup, ...channel } = options
    const wake: WakeWord = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
    this.channel = service.attach({ table: tableOf(far), bandwidth: plenty, requests: plenty, wake, ...channel })
    const word = new Int32Array(wake.buffer)
    const wakeCount = (): number => Atomics.load(word, 0)
    const untilMs = performance.now() + 50_000
    const park: HostPowers['park'] = (seen, untilNs) => {
      this.onPark()
      if (performance.now() > untilMs) throw new Error('waited too long')
      const leftMs = untilNs === undefined ? 50 : Number(untilNs - process.hrtime.bigint()) / 1e6
      Atomics.wait(word, 0, seen, Math.max(0, Math.min(50, leftMs)))
    }
    const caller = new SlotCaller(this.channel.slot, { nowNs: process.hrtime.bigint, wakeCount, park })
    const monotonicNs = process.hrtime.bigint
    this.guest = new TestGuest({
      ...setup,
      powers: { wakeCount, park, monotonicNs, openService: () => caller, ...setup.powers },
    })
    this.network = this.guest.call('wasi:sockets/instance-network', 'instanceNetwork')
  }

  tcp(family = 'ipv4'): Tcp {
    return this.guest.call('wasi:sockets/tcp-create-socket', 'createTcpSocket', family)
  }

  udp(family = 'ipv4'): Udp {
    return this.guest.call('wasi:sockets/udp-create-socket', 'createUdpSocket', family)
  }

  lookUp(name: string): Addresses {
    return this.guest.call('wasi:sockets/ip-name-lookup', 'resolveAddresses', this.network, name)
  }

  /** All addresses of a name, as text. */
  addresses(name: string): string[] {
    const stream = this.lookUp(name)
    const found: string[] = []
    for (;;) {
      block(stream)
      const address = stream.resolveNextAddress()
      if (address === undefined) return found
      found.push(address.val.join('.'))
    }
  }

  connect(remote: object, socket = this.tcp()): { socket: Tcp; input: Input; output: Output } {
    socket.startConnect(this.network, remote)
    const [input, output] = finish(socket, () => socket.finishConnect())
    return { socket, input, output }
  }

  listen(local: object, socket = this.tcp()): Tcp {
    socket.startBind(this.network, local)
    finish(socket, () => socket.finishBind())
    socket.startListen()
    finish(socket, () => socket.finishListen())
    return socket
  }

  bindUdp(local: object = at('0.0.0.0', 0), socket = this.udp()): Udp {
    socket.startBind(this.network, local)
    finish(socket, () => socket.finishBind())
    return socket
  }

  /** The code of a stream's failure, `closed`, or what it gave. */
  streamOutcome(act: () => unknown): unknown {
    const failure = outcome(act) as { tag: string; val?: object } | 'ok'
    if (failure === 'ok' || failure.tag !== 'last-operation-failed') return failure === 'ok' ? 'ok' : failure.tag
    return this.guest.call('wasi:sockets/network', 'networkErrorCode', failure.val)
  }
}

/** Waits by a pollable, of which a guest has only so many. */
export function block(one: { subscribe: () => Pollable }): void {
  const pollable = one.subscribe()
  pollable.block()
  pollable[Symbol.dispose]()
}

/** Waits by the socket's pollable until it is no longer `would-block`. */
export function finish<T>(one: { subscribe: () => Pollable }, act: () => T): T {
  for (;;) {
    block(one)
    try {
      return act()
    } catch (thrown) {
      if (thrown !== 'would-block') throw thrown
    }
  }
}

export function readAll(input: Input): string {
  let text = ''
  for (;;) {
    try {
      text += Buffer.from(input.blockingRead(65_536n)).toString('latin1')
    } catch (thrown) {
      if ((thrown as { tag?: string }).tag === 'closed') return text
      throw thrown
    }
  }
}

export type Peers = {
  /** Echoes, and ends when its peer does. */
  readonly echo: number
  /** Sends `bytes` as soon as somebody connects, and ends. */
  readonly flood: number
  /** Resets whoever has written to it. */
  readonly reset: number
  /** Reads nothing, ever. */
  readonly deaf: number
  /** A UDP port that echoes. */
  readonly udp: number
  /** Nobody is there. */
  readonly nobody: number
  readonly floodBytes: number
  readonly close: () => Promise<void>
}

const floodBytes = 3_000_000
const peersSource = `
const { parentPort } = require('node:worker_threads')
const net = require('node:net')
const dgram = require('node:dgram')
const ignore = (socket) => socket.on('error', () => socket.destroy())
const listen = (onSocket) => new Promise((resolve) => {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: onSocket.length === 2 }, (socket) => { ignore(socket); onSocket(socket) })
  server.listen(0, '127.0.0.1', () => resolve(server.address().port))
})
const gone = () => new Promise((resolve) => {
  const server = net.createServer()
  server.listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)) })
})
;(async () => {
  const udp = dgram.createSocket('udp4')
  udp.on('message', (bytes, from) => udp.send(bytes, from.port, from.address))
  await new Promise((resolve) => udp.bind(0, '127.0.0.1', resolve))
  parentPort.postMessage({
    echo: await listen((socket) => socket.pipe(socket)),
    flood: await listen((socket) => socket.end(Buffer.alloc(${floodBytes}, 'x'))),
    reset: await listen((socket) => socket.once('data', () => socket.resetAndDestroy())),
    deaf: await listen((socket, _) => undefined),
    udp: udp.address().port,
    nobody: await gone(),
  })
})()
`

export async function openPeers(): Promise<Peers> {
  const worker = new Worker(peersSource, { eval: true })
  const ports = await new Promise<Omit<Peers, 'floodBytes' | 'close'>>((resolve) => worker.once('message', resolve))
  return { ...ports, floodBytes, close: async () => void (await worker.terminate()) }
}

export type Resolver = Readonly<Record<string, readonly (readonly string[] | 'late')[]>>

/** The real service, with a resolver that answers from a table; loopback is an ordinary address where `special` says so. */
export function openNetwork(
  dns: Resolver = {},
  special: 'real' | 'loopback-is-not' = 'loopback-is-not',
): Promise<NetworkService> {
  return NetworkService.start({
    spawn: (_, how) => {
      const fake = { dns, special, asked: new SharedArrayBuffer(4) }
      const entry = join(built, 'network', 'fake-network-thread.test.support.js')
      return new Worker(entry, { ...how, workerData: { ...how?.workerData, fake } })
    },
  })
}
