// UDP and the look-up of names through the real network service.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { GuestMisuse } from '../endings.js'
import { bytesOf, cleanUp, outcome, tableOf } from '../guest.test-support.js'
import {
  at,
  block,
  type Incoming,
  NetworkGuest,
  openNetwork,
  openPeers,
  type Peers,
  readAll,
} from './network.test.support.js'

type Service = Awaited<ReturnType<typeof openNetwork>>
let service: Service
let peers: Peers

beforeAll(async () => {
  peers = await openPeers()
  service = await openNetwork({
    'echo.test': [['127.0.0.1']],
    'two.test': [['127.0.0.1', '127.0.0.2']],
    'moved.test': [['127.0.0.2'], ['127.0.0.1']],
    'late.test': ['late'],
    'six.test': [['::1', '2001:db8::2']],
  })
})
afterEach(cleanUp)
afterAll(async () => {
  await service.close()
  await peers.close()
})

/** The next datagram, as `text port`. */
function hear(incoming: Incoming): string {
  for (;;) {
    block(incoming)
    const [datagram] = incoming.receive(1n)
    if (datagram !== undefined) return `${Buffer.from(datagram.data)} ${datagram.remoteAddress.val.port}`
  }
}

describe('a UDP socket', () => {
  it('that nobody granted a port sends to its peer and hears only from it', () => {
    const one = new NetworkGuest(service, { allow: [`connect udp://127.0.0.1:${peers.udp}`] })
    const socket = one.bindUdp()
    expect(socket.localAddress()).toEqual(at('0.0.0.0', 0))
    expect(outcome(() => socket.remoteAddress())).toBe('invalid-state')
    const [incoming, outgoing] = socket.stream(at('127.0.0.1', peers.udp))
    expect(socket.remoteAddress()).toEqual(at('127.0.0.1', peers.udp))
    expect(incoming.receive(0n)).toEqual([])
    expect(incoming.receive(10n)).toEqual([])
    expect(outgoing.checkSend()).toBe(64n)
    expect(
      outgoing.send([
        { data: bytesOf('one'), remoteAddress: undefined },
        { data: bytesOf('two'), remoteAddress: at('127.0.0.1', peers.udp) },
      ]),
    ).toBe(2n)
    expect([hear(incoming), hear(incoming)].sort()).toEqual([`one ${peers.udp}`, `two ${peers.udp}`])
    expect(socket.localAddress().val.port).toBeGreaterThan(0)
    expect(one.guest.records.map(({ action, resource, verdict }) => `${verdict} ${action} ${resource}`)).toEqual([
      `granted connect udp://127.0.0.1:${peers.udp}`,
    ])
    for (const handle of [incoming, outgoing, socket]) handle[Symbol.dispose]()
    one.guest.host.flush()
    expect(one.guest.records.at(-1)).toMatchObject({ resource: `udp://127.0.0.1:${peers.udp}`, count: 2 })
  })

  it('decides on each datagram of its own where it has no peer', () => {
    const one = new NetworkGuest(service, { allow: [`connect udp://127.0.0.1:${peers.udp}`] })
    const [incoming, outgoing] = one.bindUdp().stream(undefined)
    const allowed = { data: bytesOf('x'), remoteAddress: at('127.0.0.1', peers.udp) }
    const refused = { data: bytesOf('x'), remoteAddress: at('127.0.0.1', peers.nobody) }
    outgoing.checkSend()
    expect(outcome(() => outgoing.send([refused, allowed]))).toBe('access-denied')
    outgoing.checkSend()
    expect(outgoing.send([allowed, refused, allowed])).toBe(1n)
    expect(hear(incoming)).toBe(`x ${peers.udp}`)
    outgoing.checkSend()
    expect(outcome(() => outgoing.send([{ data: bytesOf('x'), remoteAddress: undefined }]))).toBe('invalid-argument')
    outgoing.checkSend()
    expect(outcome(() => outgoing.send([{ ...allowed, data: new Uint8Array(65_508) }]))).toBe('datagram-too-large')
    outgoing.checkSend()
    // Three of the largest are more than one call takes.
    const large = { ...allowed, data: new Uint8Array(65_000) }
    expect(outgoing.send([large, large, large])).toBe(2n)
    expect(one.guest.denials()).toEqual(
      [`connect udp://127.0.0.1:${peers.nobody}`, `connect udp://127.0.0.1:${peers.nobody}`].slice(
        0,
        one.guest.denials().length,
      ),
    )
    expect(one.guest.denials().length).toBeGreaterThan(0)
  })

  it('traps where it sends more than it was permitted', () => {
    const one = new NetworkGuest(service, { allow: [`connect udp://127.0.0.1:${peers.udp}`] })
    const [, outgoing] = one.bindUdp().stream(at('127.0.0.1', peers.udp))
    expect(outgoing.send([])).toBe(0n)
    expect(() => outgoing.send([{ data: bytesOf('x'), remoteAddress: undefined }])).toThrow(GuestMisuse)
  })

  it('bound where it may be hears from everybody, and gives its streams to the newest only', () => {
    const one = new NetworkGuest(service, { allow: ['bind udp://127.0.0.1:*', 'connect udp://127.0.0.1:*'] })
    const server = one.bindUdp(at('127.0.0.1', 0))
    const local = server.localAddress()
    const [incoming, outgoing] = server.stream(undefined)
    const [, toServer] = one.bindUdp().stream(local)
    toServer.checkSend()
    toServer.send([{ data: bytesOf('hi'), remoteAddress: undefined }])
    incoming.subscribe().block()
    const [heard] = incoming.receive(5n)
    expect(Buffer.from(heard?.data ?? []).toString()).toBe('hi')
    expect(outgoing.subscribe().ready()).toBe(true)
    const [, newer] = server.stream(heard?.remoteAddress)
    expect(outcome(() => outgoing.checkSend())).toBe('invalid-state')
    expect(outcome(() => incoming.receive(1n))).toBe('invalid-state')
    newer.checkSend()
    expect(newer.send([{ data: bytesOf('answer'), remoteAddress: undefined }])).toBe(1n)
    newer.checkSend()
    expect(outcome(() => newer.send([{ data: bytesOf('x'), remoteAddress: at('127.0.0.1', 9) }]))).toBe(
      'invalid-argument',
    )
    expect(one.guest.grants()).toContain(`bind udp://127.0.0.1:${local.val.port}`)
  })

  it('keeps the states of WIT', () => {
    const one = new NetworkGuest(service, { allow: ['bind udp://127.0.0.1:*', 'connect udp://127.0.0.1:*'] })
    const socket = one.udp()
    expect(outcome(() => socket.finishBind())).toBe('not-in-progress')
    expect(outcome(() => socket.stream(undefined))).toBe('invalid-state')
    expect(outcome(() => socket.localAddress())).toBe('invalid-state')
    expect(outcome(() => socket.startBind(one.network, at('224.0.0.1', 5)))).toBe('invalid-argument')
    socket.startBind(one.network, at('127.0.0.1', 0))
    expect(outcome(() => socket.startBind(one.network, at('127.0.0.1', 0)))).toBe('concurrency-conflict')
    expect(outcome(() => socket.stream(undefined))).toBe('concurrency-conflict')
    socket.subscribe().block()
    socket.finishBind()
    expect(outcome(() => socket.startBind(one.network, at('127.0.0.1', 0)))).toBe('invalid-state')
    expect(outcome(() => one.bindUdp(socket.localAddress()))).toBe('address-in-use')
    expect(outcome(() => socket.stream(at('127.0.0.1', 0)))).toBe('invalid-argument')
    expect(outcome(() => one.bindUdp(at('127.0.0.2', 0)))).toBe('access-denied')
    expect(one.udp('ipv6').addressFamily()).toBe('ipv6')
  })

  it('has options, before and after it is bound', () => {
    const one = new NetworkGuest(service, { allow: ['bind udp://127.0.0.1:*', `connect udp://127.0.0.1:${peers.udp}`] })
    const socket = one.udp()
    const get = (name: string): unknown => (socket[name] as () => unknown)()
    const set = (name: string, value: unknown): unknown => outcome(() => (socket[name] as (v: unknown) => void)(value))
    expect([get('unicastHopLimit'), get('receiveBufferSize'), get('sendBufferSize')]).toEqual([64, 212_992n, 212_992n])
    expect([set('setUnicastHopLimit', 0), set('setReceiveBufferSize', 0n)]).toEqual([
      'invalid-argument',
      'invalid-argument',
    ])
    expect([set('setUnicastHopLimit', 7), set('setReceiveBufferSize', 20_000n)]).toEqual(['ok', 'ok'])
    expect([get('unicastHopLimit'), get('receiveBufferSize')]).toEqual([7, 20_000n])
    one.bindUdp(at('127.0.0.1', 0), socket)
    // The system rounds it as it likes.
    expect(Number(get('receiveBufferSize'))).toBeGreaterThanOrEqual(20_000)
    expect(set('setSendBufferSize', 2n ** 60n)).toBe('ok')
    expect(Number(get('sendBufferSize'))).toBeGreaterThan(0)
    expect([set('setUnicastHopLimit', 9), get('unicastHopLimit')]).toEqual(['ok', 9])
    const unnamed = one.bindUdp()
    ;(unnamed['setReceiveBufferSize'] as (value: bigint) => void)(30_000n)
    expect((unnamed['receiveBufferSize'] as () => bigint)()).toBe(30_000n)
  })

  it('ends where the rules do not allow its peer any more', () => {
    const one = new NetworkGuest(service, { allow: [`connect udp://127.0.0.1:${peers.udp}`] })
    const [incoming, outgoing] = one.bindUdp().stream(at('127.0.0.1', peers.udp))
    const [, toAnybody] = one.bindUdp().stream(undefined)
    toAnybody.checkSend()
    expect(toAnybody.send([{ data: bytesOf('x'), remoteAddress: at('127.0.0.1', peers.udp) }])).toBe(1n)
    one.guest.publish({}, 2)
    expect(outcome(() => incoming.receive(1n))).toBe('access-denied')
    expect(outcome(() => outgoing.checkSend())).toBe('access-denied')
    expect(outgoing.subscribe().ready()).toBe(true)
    toAnybody.checkSend()
    expect(outcome(() => toAnybody.send([{ data: bytesOf('x'), remoteAddress: at('127.0.0.1', peers.udp) }]))).toBe(
      'access-denied',
    )
  })

  it('remembers only so many of whom it sent to, and says of all how often', () => {
    const one = new NetworkGuest(service, { allow: ['connect udp://127.0.0.1:*'] })
    const [incoming, outgoing] = one.bindUdp().stream(undefined)
    const ports = Array.from({ length: 70 }, (_, index) => 20_000 + index)
    for (const port of ports) {
      block(outgoing)
      outgoing.checkSend()
      expect(outgoing.send([{ data: bytesOf('x'), remoteAddress: at('127.0.0.1', port) }])).toBe(1n)
    }
    for (const handle of [incoming, outgoing]) handle[Symbol.dispose]()
    one.guest.host.flush()
    const sentTo = (port: number): number =>
      one.guest.records.filter(({ resource }) => resource === `udp://127.0.0.1:${port}`).length
    expect(ports.map(sentTo)).toEqual(ports.map(() => 2))
  })

  it('speaks IPv6 where the machine does', () => {
    const one = new NetworkGuest(service, { allow: ['bind udp://[::1]:*', 'connect udp://[::1]:*'] })
    const loopback = { tag: 'ipv6', val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } }
    const server = one.udp('ipv6')
    const bound = outcome(() => one.bindUdp(loopback, server))
    if (bound !== 'ok') {
      expect(bound).toBe('address-not-bindable')
      return
    }
    const [incoming] = server.stream(undefined)
    const client = one.bindUdp(
      { ...loopback, val: { ...loopback.val, address: [0, 0, 0, 0, 0, 0, 0, 0] } },
      one.udp('ipv6'),
    )
    expect(client.localAddress()).toMatchObject({ tag: 'ipv6', val: { port: 0 } })
    const [, outgoing] = client.stream(server.localAddress())
    outgoing.checkSend()
    expect(outgoing.send([{ data: bytesOf('six'), remoteAddress: server.localAddress() }])).toBe(1n)
    expect(hear(incoming)).toMatch(/^six \d+$/)
  })

  it('is refused its peer by the service also when the guard grants it', () => {
    const one = new NetworkGuest(service, { allow: [`connect udp://127.0.0.1:${peers.udp}`] }, { far: {} })
    const [, outgoing] = one.bindUdp().stream(at('127.0.0.1', peers.udp))
    outgoing.checkSend()
    expect(outcome(() => outgoing.send([{ data: bytesOf('x'), remoteAddress: undefined }]))).toBe('access-denied')
  })
})

describe('the look-up of names', () => {
  it('lets a guest connect to where a granted name leads, and puts the name on record', () => {
    const one = new NetworkGuest(service, { allow: [`connect echo.test:${peers.echo}`] })
    expect(outcome(() => one.connect(at('127.0.0.1', peers.echo)))).toBe('access-denied')
    expect(one.addresses('echo.test')).toEqual(['127.0.0.1'])
    const { output, input, socket } = one.connect(at('127.0.0.1', peers.echo))
    output.blockingWriteAndFlush(bytesOf('by name'))
    socket.shutdown('send')
    expect(readAll(input)).toBe('by name')
    const other = one.connect(at('127.0.0.1', peers.echo))
    expect(outcome(() => one.connect(at('127.0.0.1', peers.flood)))).toBe('access-denied')
    expect(one.guest.records.map(({ action, resource, verdict }) => `${verdict} ${action} ${resource}`)).toEqual([
      `denied connect tcp://127.0.0.1:${peers.echo}`,
      'granted resolve echo.test',
      `granted connect tcp://echo.test:${peers.echo}`,
      `granted connect tcp://echo.test:${peers.echo}`,
      `denied connect tcp://echo.test:${peers.flood}`,
    ])
    expect(one.guest.records[4]?.reason).toMatch(/127\.0\.0\.1/)
    // The rule of the name goes: so does what it had opened.
    one.guest.publish({ allow: [`connect other.test:${peers.echo}`] }, 2)
    expect(one.streamOutcome(() => other.input.read(1n))).toBe('access-denied')
  })

  it('gives all addresses, and connects to none that was not the answer', () => {
    const one = new NetworkGuest(service, { allow: ['connect *.test:*'] })
    expect(one.addresses('two.test')).toEqual(['127.0.0.1', '127.0.0.2'])
    one.connect(at('127.0.0.1', peers.echo))
    expect(one.addresses('six.test')).toEqual(['0.0.0.0.0.0.0.1', '8193.3512.0.0.0.0.0.2'])
    const two = new NetworkGuest(service, { allow: ['connect moved.test:*'] })
    expect(two.addresses('moved.test')).toEqual(['127.0.0.2'])
    expect(outcome(() => two.connect(at('127.0.0.1', peers.echo)))).toBe('access-denied')
    expect(two.addresses('moved.test')).toEqual(['127.0.0.1'])
    two.connect(at('127.0.0.1', peers.echo))
  })

  it('is denied for names that no rule covers, and for what is no name', () => {
    const one = new NetworkGuest(service, { allow: ['connect *.test:443'] })
    for (const name of ['evil.example', 'test', 'a.test.evil.example'])
      expect(outcome(() => one.lookUp(name))).toBe('access-denied')
    for (const name of ['', 'a b.test', 'a\nb.test']) expect(outcome(() => one.lookUp(name))).toBe('invalid-argument')
    expect(outcome(() => one.addresses('unknown.test'))).toBe('name-unresolvable')
    expect(
      outcome(() => new NetworkGuest(service, { allow: ['connect *.test:*'] }, { far: {} }).addresses('echo.test')),
    ).toBe('access-denied')
  })

  it('that never ends is waited for beside others, given up, and ended by a change of the rules', () => {
    const one = new NetworkGuest(service, { allow: ['connect late.test:443', 'connect 127.0.0.1:*'] })
    const late = one.lookUp('late.test')
    expect(outcome(() => late.resolveNextAddress())).toBe('would-block')
    const timer = one.guest.call<object>('wasi:clocks/monotonic-clock', 'subscribeDuration', 20_000_000n)
    const { input } = one.connect(at('127.0.0.1', peers.echo))
    const list = [late.subscribe(), input.subscribe(), timer]
    expect(one.guest.call('wasi:io/poll', 'poll', list)).toEqual([2])
    let parks = 0
    one.onPark = () => {
      parks += 1
      if (parks === 2) one.guest.publish({ allow: ['connect 127.0.0.1:*'] }, 2)
    }
    late.subscribe().block()
    expect(outcome(() => late.resolveNextAddress())).toBe('access-denied')
    late[Symbol.dispose]()
    expect(tableOf({}).version).toBe(1)
  })
})

describe('a poll', () => {
  it('over ten connections, a file of input and a timer wakes for the first, and forgets none', () => {
    const one = new NetworkGuest(service, { allow: ['connect 127.0.0.1:*'] })
    const connections = Array.from({ length: 10 }, () => one.connect(at('127.0.0.1', peers.echo)))
    const stdin = one.guest.call<{ subscribe: () => object }>('wasi:cli/stdin', 'getStdin')
    const hour = one.guest.call<object>('wasi:clocks/monotonic-clock', 'subscribeDuration', 3_600_000_000_000n)
    const list = [...connections.map(({ input }) => input.subscribe()), stdin.subscribe(), hour]
    const poll = (): number[] => one.guest.call('wasi:io/poll', 'poll', list)
    connections[7]?.output.blockingWriteAndFlush(bytesOf('x'))
    expect(poll()).toEqual([7])
    one.guest.stdin.put('y')
    // What is ready here does not hide what is ready there, and a poll that was given up loses nothing.
    for (let round = 0; round < 20; round++) expect(poll()).toEqual([7, 10])
    expect(connections[7]?.input.read(5n)).toHaveLength(1)
    expect(poll()).toEqual([10])
    connections[3]?.output.blockingWriteAndFlush(bytesOf('x'))
    connections[3]?.input.subscribe().block()
    expect(poll()).toEqual([3, 10])
    const writable = connections.map(({ output }) => output.subscribe())
    expect(one.guest.call('wasi:io/poll', 'poll', writable)).toHaveLength(10)
  })
})
