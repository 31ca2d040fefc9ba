// TCP through the real network service: a thread of its own, real sockets on loopback.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { GuestMisuse } from '../endings.js'
import { bytesOf, cleanUp, outcome, tableOf } from '../guest.test-support.js'
import { at, finish, NetworkGuest, openNetwork, openPeers, type Peers, readAll } from './network.test.support.js'

type Service = Awaited<ReturnType<typeof openNetwork>>
let service: Service
let peers: Peers

beforeAll(async () => {
  service = await openNetwork()
  peers = await openPeers()
})
afterEach(cleanUp)
afterAll(async () => {
  await service.close()
  await peers.close()
})

const anyLoopback = ['connect 127.0.0.1:*', 'bind 127.0.0.1:*']

describe('a client', () => {
  it('connects, writes, reads and ends, with a decision on record before', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const { socket, input, output } = one.connect(at('127.0.0.1', peers.echo))
    expect(socket.remoteAddress()).toEqual(at('127.0.0.1', peers.echo))
    expect(socket.localAddress().val.address).toEqual([127, 0, 0, 1])
    output.blockingWriteAndFlush(bytesOf('hello'))
    expect(Buffer.from(input.blockingRead(2n)).toString()).toBe('he')
    // What has come is given out piece by piece, and skipped.
    expect(input.subscribe().ready()).toBe(true)
    expect(input.skip(1n)).toBe(1n)
    expect(Buffer.from(input.blockingRead(100n)).toString()).toBe('lo')
    expect(input.read(10n)).toHaveLength(0)
    expect(input.subscribe().ready()).toBe(false)
    socket.shutdown('send')
    expect(readAll(input)).toBe('')
    expect(one.streamOutcome(() => output.write(new Uint8Array(0)))).toBe('ok')
    expect(one.streamOutcome(() => output.checkWrite())).toBe('closed')
    expect(one.guest.grants()).toEqual([`connect tcp://127.0.0.1:${peers.echo}`])
    for (const handle of [input, output, socket]) handle[Symbol.dispose]()
    one.guest.host.flush()
    expect(one.guest.records.at(-1)).toMatchObject({ resource: `tcp://127.0.0.1:${peers.echo}`, count: 2 })
  })

  it('reads whatever comes, however much, and writes under back-pressure', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const flood = one.connect(at('127.0.0.1', peers.flood))
    expect(readAll(flood.input)).toHaveLength(peers.floodBytes)
    expect(one.streamOutcome(() => flood.input.read(1n))).toBe('closed')
    const deaf = one.connect(at('127.0.0.1', peers.deaf))
    let written = 0
    for (;;) {
      const room = Number(deaf.output.checkWrite())
      if (room === 0) break
      deaf.output.write(new Uint8Array(Math.min(room, 65_536)))
      written += Math.min(room, 65_536)
    }
    expect(written).toBeGreaterThanOrEqual(65_536)
    expect(() => deaf.output.write(new Uint8Array(1))).toThrow(GuestMisuse)
  })

  it('splices, zeroes and flushes between connections', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const from = one.connect(at('127.0.0.1', peers.echo))
    const to = one.connect(at('127.0.0.1', peers.echo))
    from.output.blockingWriteAndFlush(bytesOf('spliced'))
    expect(to.output.blockingSplice(from.input, 100n)).toBe(7n)
    expect(to.output.splice(from.input, 100n)).toBe(0n)
    to.output.blockingWriteZeroesAndFlush(3n)
    to.output.blockingFlush()
    to.socket.shutdown('send')
    expect(readAll(to.input)).toBe('spliced\0\0\0')
  })

  it('hears of a reset once, and then that the streams are closed', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const { socket, input, output } = one.connect(at('127.0.0.1', peers.reset))
    output.checkWrite()
    output.write(bytesOf('x'))
    input.subscribe().block()
    expect(one.streamOutcome(() => input.read(1n))).toBe('connection-reset')
    expect(one.streamOutcome(() => input.read(1n))).toBe('closed')
    expect(one.streamOutcome(() => output.checkWrite())).toBe('connection-reset')
    expect(one.streamOutcome(() => output.checkWrite())).toBe('closed')
    expect(output.subscribe().ready()).toBe(true)
    expect(outcome(() => socket.remoteAddress())).toBe('connection-reset')
  })

  it('hears where nobody listens, and can only be dropped then', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const socket = one.tcp()
    expect(outcome(() => one.connect(at('127.0.0.1', peers.nobody), socket))).toBe('connection-refused')
    expect(outcome(() => socket.startConnect(one.network, at('127.0.0.1', peers.echo)))).toBe('invalid-state')
    expect(socket.subscribe().ready()).toBe(true)
  })

  it('shuts down each half of a connection', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const { socket, input, output } = one.connect(at('127.0.0.1', peers.echo))
    output.blockingWriteAndFlush(bytesOf('thrown away'))
    input.subscribe().block()
    socket.shutdown('receive')
    expect(one.streamOutcome(() => input.read(1n))).toBe('closed')
    output.blockingWriteAndFlush(bytesOf('still goes'))
    socket.shutdown('both')
    expect(one.streamOutcome(() => output.checkWrite())).toBe('closed')
    expect(outcome(() => one.tcp().shutdown('both'))).toBe('invalid-state')
  })
})

describe('a server', () => {
  it('binds, listens, accepts, and takes its options on', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const socket = one.tcp()
    const set = (name: string, value: unknown): unknown => outcome(() => (socket[name] as (v: unknown) => void)(value))
    expect(set('setKeepAliveEnabled', true)).toBe('ok')
    expect(set('setKeepAliveIdleTime', 1_500_000_000n)).toBe('ok')
    const listener = one.listen(at('127.0.0.1', 0), socket)
    const local = listener.localAddress()
    expect(local.val.port).toBeGreaterThanOrEqual(49_152)
    expect(listener.isListening()).toBe(true)
    expect(outcome(() => listener.accept())).toBe('would-block')
    const waiting = listener.subscribe()
    expect(waiting.ready()).toBe(false)
    const client = one.connect(local)
    waiting.block()
    const [accepted, input, output] = listener.accept()
    expect(accepted.remoteAddress()).toEqual(client.socket.localAddress())
    expect(accepted.localAddress()).toEqual(local)
    expect((accepted['keepAliveIdleTime'] as () => bigint)()).toBe(2_000_000_000n)
    client.output.blockingWriteAndFlush(bytesOf('to the server'))
    expect(Buffer.from(input.blockingRead(100n)).toString()).toBe('to the server')
    output.blockingWriteAndFlush(bytesOf('and back'))
    output[Symbol.dispose]()
    // A stream that is dropped has ended: its peer hears so.
    expect(readAll(client.input)).toBe('and back')
    expect(one.guest.grants()).toContain(`bind tcp://127.0.0.1:${local.val.port}`)
    expect(outcome(() => listener.remoteAddress())).toBe('invalid-state')
    expect(set('setListenBacklogSize', 5n)).toBe('not-supported')
  })

  it('sends away who comes before it listens', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const socket = one.tcp()
    socket.startBind(one.network, at('127.0.0.1', 0))
    finish(socket, () => socket.finishBind())
    // It may hear so while it connects, or when it reads.
    const early = one.tcp()
    const reached = outcome(() => one.connect(socket.localAddress(), early))
    expect(['ok', 'connection-reset']).toContain(reached)
    if (reached === 'ok') expect(outcome(() => finish(early, () => early.remoteAddress()))).not.toBe('would-block')
    socket.startListen()
    socket.finishListen()
    expect(outcome(() => socket.accept())).toBe('would-block')
  })

  it('connects from the place that it has bound', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const listener = one.listen(at('127.0.0.1', 0))
    const socket = one.tcp()
    socket.startBind(one.network, at('127.0.0.1', 0))
    finish(socket, () => socket.finishBind())
    const local = socket.localAddress()
    one.connect(listener.localAddress(), socket)
    expect(socket.localAddress()).toEqual(local)
    const [accepted] = finish(listener, () => listener.accept())
    expect(accepted.remoteAddress()).toEqual(local)
  })

  it('is told of a place that is taken, and may try another', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const taken = one.listen(at('127.0.0.1', 0)).localAddress()
    const socket = one.tcp()
    expect(outcome(() => one.listen(taken, socket))).toBe('address-in-use')
    expect(one.listen(at('127.0.0.1', 0), socket).isListening()).toBe(true)
  })
})

describe('the states of a socket', () => {
  it('are those of WIT', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const socket = one.tcp()
    expect(socket.addressFamily()).toBe('ipv4')
    const calls: [string, () => unknown][] = [
      ['finishBind', () => socket.finishBind()],
      ['finishConnect', () => socket.finishConnect()],
      ['finishListen', () => socket.finishListen()],
      ['startListen', () => socket.startListen()],
      ['accept', () => socket.accept()],
      ['localAddress', () => socket.localAddress()],
      ['remoteAddress', () => socket.remoteAddress()],
      ['shutdown', () => socket.shutdown('both')],
      ['startBind', () => socket.startBind(one.network, at('127.0.0.1', 0))],
    ]
    const outcomes = (): string => calls.map(([, call]) => outcome(call)).join()
    const unbound =
      'not-in-progress,not-in-progress,not-in-progress,invalid-state,invalid-state,invalid-state,invalid-state,invalid-state,ok'
    expect(outcomes()).toBe(unbound)
    const [, ...others] = calls
    expect(others.map(([, call]) => outcome(call)).join()).toBe(
      'not-in-progress,not-in-progress,concurrency-conflict,concurrency-conflict,concurrency-conflict,concurrency-conflict,concurrency-conflict,concurrency-conflict',
    )
    finish(socket, () => socket.finishBind())
    expect(outcome(() => socket.startBind(one.network, at('127.0.0.1', 0)))).toBe('invalid-state')
    expect(outcome(() => socket.accept())).toBe('invalid-state')
    socket.startListen()
    expect(outcome(() => socket.accept())).toBe('concurrency-conflict')
    expect(outcome(() => socket.startConnect(one.network, at('127.0.0.1', peers.echo)))).toBe('concurrency-conflict')
    socket.finishListen()
    expect(outcome(() => socket.startListen())).toBe('invalid-state')
    expect(outcome(() => socket.startConnect(one.network, at('127.0.0.1', peers.echo)))).toBe('invalid-state')
  })

  it('refuse what is no address of one machine, before anything is decided', () => {
    const one = new NetworkGuest(service, { allow: ['connect *:*', 'bind *:*'] })
    const six = (address: number[], scopeId = 0): object => ({
      tag: 'ipv6',
      val: { port: 9, flowInfo: 0, address, scopeId },
    })
    for (const remote of [
      at('0.0.0.0', 80),
      at('127.0.0.1', 0),
      at('224.0.0.1', 80),
      at('255.255.255.255', 80),
      six([0, 0, 0, 0, 0, 0, 0, 1]),
    ]) {
      expect(outcome(() => one.tcp().startConnect(one.network, remote))).toBe('invalid-argument')
    }
    for (const remote of [
      six([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1]),
      six([0xff02, 0, 0, 0, 0, 0, 0, 1]),
      six([0xfe80, 0, 0, 0, 0, 0, 0, 1], 2),
      six([0, 0, 0, 0, 0, 0, 0, 0]),
      at('127.0.0.1', 80),
    ]) {
      expect(outcome(() => one.tcp('ipv6').startConnect(one.network, remote))).toBe('invalid-argument')
    }
    expect(one.guest.records).toEqual([])
  })

  it('have options, some of which there is one value of', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    const { socket } = one.connect(at('127.0.0.1', peers.echo))
    const get = (name: string): unknown => (socket[name] as () => unknown)()
    const set = (name: string, value: unknown): unknown =>
      outcome(() => (socket[`set${name[0]?.toUpperCase()}${name.slice(1)}`] as (v: unknown) => void)(value))
    expect(set('keepAliveEnabled', true)).toBe('ok')
    expect(set('keepAliveIdleTime', 10n ** 15n)).toBe('ok')
    expect([get('keepAliveEnabled'), get('keepAliveIdleTime')]).toEqual([true, 32_767_000_000_000n])
    expect(set('keepAliveEnabled', false)).toBe('ok')
    expect([set('keepAliveIdleTime', 0n), set('hopLimit', 0), set('listenBacklogSize', 0n)]).toEqual([
      'invalid-argument',
      'invalid-argument',
      'invalid-argument',
    ])
    for (const name of ['keepAliveInterval', 'receiveBufferSize', 'sendBufferSize']) {
      expect([set(name, 0n), set(name, 5n)]).toEqual(['invalid-argument', 'ok'])
    }
    expect([set('keepAliveCount', 0), set('keepAliveCount', 3)]).toEqual(['invalid-argument', 'ok'])
    expect([set('hopLimit', 64), set('hopLimit', 3)]).toEqual(['ok', 'not-supported'])
    expect(['keepAliveInterval', 'keepAliveCount', 'hopLimit', 'receiveBufferSize', 'sendBufferSize'].map(get)).toEqual(
      [1_000_000_000n, 10, 64, 65_536n, 65_536n],
    )
  })
})

describe('what is not granted', () => {
  it('is denied with its reason on record, beside a neighbour that is', () => {
    const one = new NetworkGuest(service, {
      allow: [`connect 127.0.0.1:${peers.echo}`, `connect 10.0.0.0/8:80`],
      deny: ['connect 10.1.0.0/16:80'],
    })
    const denied = (remote: object): unknown => outcome(() => one.tcp().startConnect(one.network, remote))
    expect(denied(at('127.0.0.1', peers.flood))).toBe('access-denied')
    expect(denied(at('127.0.0.2', peers.echo))).toBe('access-denied')
    expect(denied(at('10.1.2.3', 80))).toBe('access-denied')
    expect(outcome(() => one.tcp().startBind(one.network, at('127.0.0.1', 0)))).toBe('access-denied')
    one.connect(at('127.0.0.1', peers.echo))
    expect(one.guest.records.map(({ resource, verdict, layer }) => [resource.split(':')[1], verdict, layer])).toEqual([
      ['//127.0.0.1', 'denied', 'manifest'],
      ['//127.0.0.2', 'denied', 'manifest'],
      ['//10.1.2.3', 'denied', 'deny'],
      ['//127.0.0.1', 'denied', 'manifest'],
      ['//127.0.0.1', 'granted', 'manifest'],
    ])
  })

  it('is refused by the service also when the guard grants everything', () => {
    const one = new NetworkGuest(service, { allow: ['connect *:*', 'connect 0.0.0.0/0:*', 'bind *:*'] }, { far: {} })
    expect(outcome(() => one.connect(at('127.0.0.1', peers.echo)))).toBe('access-denied')
    expect(outcome(() => one.listen(at('127.0.0.1', 0)))).toBe('access-denied')
  })

  it('a special address needs a rule that names it, which only the service can tell', async () => {
    const real = await openNetwork({}, 'real')
    const one = new NetworkGuest(real, { allow: ['connect *:*'] })
    expect(outcome(() => one.connect(at('127.0.0.1', peers.echo)))).toBe('access-denied')
    expect(one.guest.records).toMatchObject([{ verdict: 'denied', reason: expect.stringMatching(/special-purpose/) }])
    const two = new NetworkGuest(real, { allow: ['connect 127.0.0.0/8:*'] })
    expect(two.connect(at('127.0.0.1', peers.echo)).socket.isListening()).toBe(false)
    await real.close()
  })

  it('one connection and one socket too many are errors, and on record', () => {
    const one = new NetworkGuest(service, { allow: anyLoopback }, { connectionsMax: 1 })
    const { socket, input, output } = one.connect(at('127.0.0.1', peers.echo))
    expect(outcome(() => one.connect(at('127.0.0.1', peers.echo)))).toBe('new-socket-limit')
    expect(one.guest.records.at(-1)).toMatchObject({ verdict: 'denied', layer: 'quota' })
    for (const handle of [socket, input, output]) handle[Symbol.dispose]()
    const made = Array.from({ length: 255 }, () => one.tcp())
    expect(outcome(() => one.tcp())).toBe('new-socket-limit')
    expect(outcome(() => one.udp())).toBe('new-socket-limit')
    made.pop()?.[Symbol.dispose]()
    expect(one.udp().addressFamily()).toBe('ipv4')
  })

  it('a guest without bandwidth reads and writes nothing, and one with little waits for more', () => {
    const none = new NetworkGuest(service, { allow: anyLoopback }, { bandwidth: { rate: { amount: 0, perMs: 1_000 } } })
    const dry = none.connect(at('127.0.0.1', peers.flood))
    expect(none.streamOutcome(() => dry.input.blockingRead(1n))).toBe('access-denied')
    const rate = { rate: { amount: 200_000, perMs: 1_000 }, burst: 20_000 }
    const little = new NetworkGuest(service, { allow: anyLoopback }, { bandwidth: rate })
    const { socket, input, output } = little.connect(at('127.0.0.1', peers.echo))
    // More than the burst: the write waits in its middle, and loses nothing.
    const room = output.checkWrite()
    expect(room).toBe(65_536n)
    output.write(new Uint8Array(40_000).fill(120))
    socket.shutdown('send')
    expect(readAll(input)).toBe('x'.repeat(40_000))
  })
})

describe('a change of the rules', () => {
  const open = (): { one: NetworkGuest; connected: ReturnType<NetworkGuest['connect']> } => {
    const one = new NetworkGuest(service, { allow: anyLoopback })
    return { one, connected: one.connect(at('127.0.0.1', peers.echo)) }
  }

  it('closes what is not allowed any more, also with what has come already', () => {
    const { one, connected } = open()
    const { socket, input, output } = connected
    const listener = one.listen(at('127.0.0.1', 0))
    output.blockingWriteAndFlush(bytesOf('hello'))
    expect(input.blockingRead(1n)).toHaveLength(1)
    one.guest.publish({ allow: ['bind 127.0.0.1:*'] }, 2)
    expect(one.streamOutcome(() => input.read(1n))).toBe('access-denied')
    expect(one.streamOutcome(() => input.read(1n))).toBe('closed')
    expect(one.streamOutcome(() => output.checkWrite())).toBe('access-denied')
    expect(outcome(() => socket.remoteAddress())).toBe('access-denied')
    expect(outcome(() => listener.accept())).toBe('would-block')
    expect(one.guest.denials()).toEqual([`connect tcp://127.0.0.1:${peers.echo}`])
    one.guest.publish({ allow: anyLoopback }, 3)
    expect(one.streamOutcome(() => input.read(1n))).toBe('closed')
    one.connect(at('127.0.0.1', peers.echo))
    one.guest.publish({}, 4)
    expect(outcome(() => listener.accept())).toBe('access-denied')
    for (const handle of [input, output, socket, listener]) handle[Symbol.dispose]()
  })

  it('wakes a guest that waits for input, with the word of its interface', () => {
    const { one, connected } = open()
    let parks = 0
    one.onPark = () => {
      parks += 1
      if (parks === 2) one.guest.publish({}, 2)
    }
    expect(one.streamOutcome(() => connected.input.blockingRead(1n))).toBe('access-denied')
    expect(parks).toBeGreaterThanOrEqual(2)
  })

  it('the service closes of its own what its newer rules refuse', async () => {
    const { one, connected } = open()
    await one.channel.updateTable(tableOf({}, 2))
    expect(one.streamOutcome(() => connected.input.blockingRead(1n))).toBe('access-denied')
  })
})

describe('a service that dies', () => {
  it('ends what was open with it, and nothing else', async () => {
    const mortal = await openNetwork()
    const one = new NetworkGuest(mortal, { allow: anyLoopback })
    const { input, output, socket } = one.connect(at('127.0.0.1', peers.echo))
    await mortal.close()
    expect(one.streamOutcome(() => input.blockingRead(1n))).toBe('connection-aborted')
    expect(outcome(() => one.connect(at('127.0.0.1', peers.echo)))).toBe('connection-aborted')
    for (const handle of [input, output, socket]) handle[Symbol.dispose]()
    expect(one.tcp().addressFamily()).toBe('ipv4')
  })
})
