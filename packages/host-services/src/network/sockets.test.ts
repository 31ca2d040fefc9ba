import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { at, failure, listening, type NetworkLab, networkTable, openNetworkLab } from './network.test.support.js'
import { encodeNetworkRequest } from './network-request.js'

let lab: NetworkLab
let askedBefore = 0
const servers: Server[] = []
const sockets: Socket[] = []
beforeAll(async () => {
  lab = await openNetworkLab({
    dns: {
      'api.test': [['127.0.0.1']],
      'b.test': [['127.0.0.2', '::1']],
      'moves.test': [['127.0.0.9'], ['127.0.0.1']],
      'slow.test': ['late'],
    },
  })
})
afterAll(() => lab.service.close())
beforeEach(() => {
  lab.denials.length = 0
  lab.breaches.length = 0
  askedBefore = lab.asked()
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  servers.push(server)
  return listening(server)
}

const echo = (socket: Socket): unknown => socket.pipe(socket)
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a TCP connection', () => {
  it('is made where a literal rule allows, carries bytes both ways, and ends by halves', async () => {
    const port = await serve(echo)
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
    const handle = await guest.connect(at('127.0.0.1', port))
    expect(await guest.ask((client) => client.connected(handle))).toMatchObject({ remote: at('127.0.0.1', port) })
    const sent = Buffer.alloc(300_000, 'abcdefg')
    let got = Buffer.alloc(0)
    for (let from = 0; from < sent.length; from += 50_000) {
      await guest.writeAll(handle, sent.subarray(from, from + 50_000))
      while (got.length < from + 50_000) {
        const piece = await guest.read(handle)
        if (piece === 'end') throw new Error('ended')
        got = Buffer.concat([got, piece])
      }
    }
    expect(got.equals(sent)).toBe(true)
    await guest.ask((client) => client.shutdown(handle))
    expect((await guest.readAll(handle)).length).toBe(0)
    expect(await failure(guest.ask((client) => client.write(handle, bytesOf('x'))))).toBe('failed: invalid-state')
    await guest.ask((client) => client.close(handle))
    expect(await failure(guest.ask((client) => client.room(handle)))).toBe('failed: invalid-state')
  })

  it('is refused without a rule, and nothing is reached', async () => {
    let reached = 0
    const port = await serve(() => reached++)
    const guest = lab.guest({
      connect: [`127.0.0.1:${port + 1}`, `127.0.0.2:${port}`, `udp://127.0.0.1:${port}`, `http://127.0.0.1:${port}`],
    })
    expect(await failure(guest.connect(at('127.0.0.1', port)))).toBe('network-access-denied')
    expect(reached).toBe(0)
    // The host is told by another way than the guest.
    const request = { action: 'connect', resource: `tcp://127.0.0.1:${port}` }
    await vi.waitFor(() => expect(lab.denials).toMatchObject([{ request }]))
  })

  it('is made by a name once that was looked up, and to no other address or port of it', async () => {
    const port = await serve(echo)
    const guest = lab.guest({ connect: [`api.test:${port}`, `b.test:${port}`] })
    expect(await failure(guest.connect(at('127.0.0.1', port)))).toBe('network-access-denied')
    expect(await guest.addresses('API.test.')).toEqual(['127.0.0.1'])
    const handle = await guest.connect(at('127.0.0.1', port))
    await guest.writeAll(handle, bytesOf('hello'))
    expect(Buffer.from((await guest.read(handle)) as Uint8Array).toString()).toBe('hello')
    // The same address in another spelling is the same address.
    await guest.ask((client) =>
      client.connect({ address: { kind: 'ipv6', groups: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1] }, port }),
    )
    expect(await failure(guest.connect(at('127.0.0.1', port + 1)))).toBe('network-access-denied')
    expect(await failure(guest.connect(at('127.0.0.2', port)))).toBe('network-access-denied')
    // What one actor has looked up is not another's.
    const other = lab.guest({ connect: [`api.test:${port}`] })
    expect(await failure(other.connect(at('127.0.0.1', port)))).toBe('network-access-denied')
  })

  it.each(['the channel', 'the grant'] as const)(
    'that was closed sends what was written, but ends with %s',
    async (what) => {
      const peers: Socket[] = []
      const port = await serve((socket) => {
        socket.pause()
        peers.push(socket)
      })
      const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
      const handle = await guest.connect(at('127.0.0.1', port))
      let written = 0
      // As much as the system holds, and as waits here.
      for (let idle = 0; idle < 50; ) {
        const taken = await guest.ask((client) => client.write(handle, new Uint8Array(65_536)))
        written += taken
        idle = taken === 0 ? idle + 1 : 0
      }
      await guest.ask((client) => client.close(handle))
      if (what === 'the channel') await guest.port.gone()
      else await guest.port.updateTable(networkTable({}, 2))
      await until(() => peers.length === 1)
      let got = 0
      const [peer] = peers
      const over = new Promise((resolve) => peer?.on('close', resolve))
      peer?.on('end', () => peer.destroy())
      peer?.on('data', (bytes: Buffer) => {
        got += bytes.length
      })
      peer?.resume()
      await over
      expect(got).toBeLessThan(written)
    },
  )

  it('goes where a name leads now, not where it led: each look-up pins what it answered', async () => {
    const port = await serve(echo)
    const guest = lab.guest({ connect: [`moves.test:${port}`] })
    expect(await guest.addresses('moves.test')).toEqual(['127.0.0.9'])
    expect(await failure(guest.connect(at('127.0.0.1', port)))).toBe('network-access-denied')
    expect(await guest.addresses('moves.test')).toEqual(['127.0.0.1'])
    await guest.connect(at('127.0.0.1', port))
  })

  it('says why it was not made, and that it was reset', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const guest = lab.guest({ connect: ['127.0.0.0/8:*'] })
    const closed = createServer()
    const free = await listening(closed)
    closed.close()
    expect(await failure(guest.connect(at('127.0.0.1', free)))).toBe('failed: connection-refused')
    const handle = await guest.connect(at('127.0.0.1', port))
    await guest.writeAll(handle, bytesOf('x'))
    expect(await failure(guest.readAll(handle))).toBe('failed: connection-reset')
  })

  it('does not take more than it may buffer from a guest whose peer does not read', async () => {
    const port = await serve((socket) => socket.pause())
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
    const handle = await guest.connect(at('127.0.0.1', port))
    let taken = 0
    for (let idle = 0; idle < 20; ) {
      const more = await guest.ask((client) => client.write(handle, new Uint8Array(65_536)))
      taken += more
      idle = more === 0 ? idle + 1 : 0
    }
    expect(taken).toBeLessThan(20_000_000)
    expect(await guest.ask((client) => client.room(handle))).toEqual({ bytes: 0, isFlushed: false })
  })

  it('does not take more from its peer than its guest reads', async () => {
    let sent = 0
    const port = await serve((socket) => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(65_536))) sent += 65_536
        if (sent < 100_000_000) socket.once('drain', more)
      }
      more()
    })
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
    await guest.connect(at('127.0.0.1', port))
    let before = -1
    while (before !== sent) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(sent).toBeLessThan(50_000_000)
  })

  it('is counted, in all and by its rule; and what is closed counts no more', async () => {
    const port = await serve(echo)
    const guest = lab.guest(
      { connect: [{ pattern: `127.0.0.1:${port}`, connections: 1 }, '127.0.0.0/8:*'] },
      { connectionsMax: 3 },
    )
    // The most generous rule that matches decides.
    const handles = [
      await guest.connect(at('127.0.0.1', port)),
      await guest.connect(at('127.0.0.1', port)),
      await guest.connect(at('127.0.0.1', port)),
    ]
    expect(await failure(guest.connect(at('127.0.0.1', port)))).toBe('resource-limit-exceeded')
    await guest.ask((client) => client.close(handles[0] ?? 0))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await guest.connect(at('127.0.0.1', port))
    guest.port.changeConnections(4)
    await guest.connect(at('127.0.0.1', port))
    const narrow = lab.guest({ connect: [{ pattern: `127.0.0.1:${port}`, connections: 1 }] })
    await narrow.connect(at('127.0.0.1', port))
    expect(await failure(narrow.connect(at('127.0.0.1', port)))).toBe('resource-limit-exceeded')
  })

  it('passes no more bytes than its share', async () => {
    const port = await serve((socket) => socket.end(Buffer.alloc(30_000)))
    const rate = { rate: { amount: 100_000, perMs: 1_000 }, burst: 10_000 }
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`] }, { bandwidth: rate })
    const handle = await guest.connect(at('127.0.0.1', port))
    const beganMs = performance.now()
    expect((await guest.readAll(handle)).length).toBe(30_000)
    expect(performance.now() - beganMs).toBeGreaterThan(150)
    guest.port.changeBandwidth({ rate: { amount: 0, perMs: 1_000 } })
    const none = await guest.connect(at('127.0.0.1', port))
    expect(await failure(guest.readAll(none))).toBe('resource-limit-exceeded')
  })

  it('ends at once when its actor is gone', async () => {
    const ends: string[] = []
    const port = await serve((socket) => socket.once('close', () => ends.push('closed')).resume())
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
    await guest.connect(at('127.0.0.1', port))
    const polled = guest.raw(encodeNetworkRequest({ op: 'poll', interests: [], patience: 'wait' }))
    await guest.port.gone()
    expect((await polled).kind).toBe('failed')
    await until(() => ends.length === 1 || sockets.every((socket) => socket.readableEnded))
  })
})

describe('rules that move', () => {
  it('end what they do not allow any more, wake who waits for it, and leave the rest', async () => {
    const port = await serve(echo)
    const guest = lab.guest({ connect: [`127.0.0.1:${port}`, `127.0.0.2:${port}`], bind: [`127.0.0.1:${port + 1}`] })
    const second = createServer(echo)
    servers.push(second)
    second.listen(port, '127.0.0.2')
    await once(second, 'listening')
    const stays = await guest.connect(at('127.0.0.1', port))
    const goes = await guest.connect(at('127.0.0.2', port))
    const waiting = guest.ask((client) => client.poll([{ handle: goes, for: 'read' }]))
    await guest.port.updateTable(networkTable({ connect: [`127.0.0.1:${port}`] }, 2))
    expect(await waiting).toEqual([0])
    expect(await failure(guest.read(goes))).toBe('network-access-denied')
    await guest.writeAll(stays, bytesOf('still'))
    expect(Buffer.from((await guest.read(stays)) as Uint8Array).toString()).toBe('still')
    await guest.port.updateTable(networkTable({}, 3))
    expect(await failure(guest.ask((client) => client.write(stays, bytesOf('x'))))).toBe('network-access-denied')
    expect(await failure(guest.read(stays))).toBe('network-access-denied')
  })

  it('end a look-up, and what rests on a name', async () => {
    const port = await serve(echo)
    const guest = lab.guest({ connect: [`api.test:${port}`, 'slow.test:80'] })
    await guest.addresses('api.test')
    const handle = await guest.connect(at('127.0.0.1', port))
    const slow = await guest.ask((client) => client.lookUp('slow.test'))
    await guest.port.updateTable(networkTable({ connect: [`b.test:${port}`] }, 2))
    expect(await failure(guest.read(handle))).toBe('network-access-denied')
    expect(await failure(guest.ask((client) => client.addresses(slow)))).toBe('network-access-denied')
  })
})

describe('a look-up', () => {
  it('is made only of names that some rule covers', async () => {
    const guest = lab.guest({ connect: ['*.test:80', 'udp://api.other:53'] })
    expect(await guest.addresses('api.test')).toEqual(['127.0.0.1'])
    expect(await guest.addresses('b.test')).toEqual(['127.0.0.2', 'ipv6'])
    for (const name of [
      'test',
      'api.test.evil',
      'evil.com',
      'api.test/x',
      'a@api.test',
      '127.0.0.1',
      '0x7f.1',
      'api.test\0',
      '',
    ]) {
      expect(await failure(guest.addresses(name)), name).toBe('network-access-denied')
    }
    expect(lab.asked() - askedBefore).toBe(2)
    expect(await failure(guest.addresses('none.test'))).toBe('failed: name-unresolvable')
  })

  it('of an address is the address, and asks nobody', async () => {
    const guest = lab.guest({ connect: ['127.0.0.0/8:80'] })
    expect(await guest.addresses('127.0.0.5')).toEqual(['127.0.0.5'])
    expect(lab.asked() - askedBefore).toBe(0)
  })

  it('that takes long keeps nobody else from theirs, and so many wait', async () => {
    const guest = lab.guest({ connect: ['*.test:80'] })
    for (let count = 0; count < 17; count++) await guest.ask((client) => client.lookUp('slow.test'))
    const late = await guest.ask((client) => client.lookUp('slow.test'))
    expect(await failure(guest.ask((client) => client.addresses(late)))).toBe('failed: resolver-busy')
    expect(await lab.guest({ connect: ['*.test:80'] }).addresses('api.test')).toEqual(['127.0.0.1'])
    await guest.port.gone()
  })
})

describe('a listener', () => {
  it('listens where it was granted, and its connections are the guest’s', async () => {
    const port = await serve(echo)
    for (const server of servers.splice(0)) server.close()
    const guest = lab.guest({ bind: [`127.0.0.1:${port}`] })
    for (const [address, other] of [
      ['127.0.0.1', port + 1],
      ['127.0.0.2', port],
      ['0.0.0.0', port],
      ['127.0.0.1', 0],
    ] as const) {
      expect(await failure(guest.ask((client) => client.bind(at(address, other))))).toBe('network-access-denied')
    }
    const listener = await guest.listen(at('127.0.0.1', port))
    expect(await guest.ask((client) => client.accept(listener))).toBeUndefined()
    const peer = connect(port, '127.0.0.1')
    sockets.push(peer)
    const accepted = await guest.until({ handle: listener, for: 'read' }, (client) => client.accept(listener))
    await guest.writeAll(accepted, bytesOf('hi'))
    expect(String((await once(peer, 'data'))[0])).toBe('hi')
    peer.end('bye')
    expect(String(await guest.readAll(accepted))).toBe('bye')
    expect(
      await failure(
        guest
          .ask((client) => client.bind(at('127.0.0.1', port)))
          .then((second) => guest.until({ handle: second, for: 'write' }, (client) => client.bound(second))),
      ),
    ).toBe('failed: address-in-use')
    await guest.port.updateTable(networkTable({}, 2))
    expect(await failure(guest.ask((client) => client.accept(listener)))).toBe('network-access-denied')
    expect(await failure(guest.read(accepted))).toBe('network-access-denied')
  })
})

describe('a UDP socket', () => {
  it('sends to and hears from those that are granted, each datagram of its own', async () => {
    const peer = createSocket('udp4')
    const stranger = createSocket('udp4')
    peer.bind(0, '127.0.0.1')
    stranger.bind(0, '127.0.0.1')
    await Promise.all([once(peer, 'listening'), once(stranger, 'listening')])
    const granted = at('127.0.0.1', peer.address().port)
    const denied = at('127.0.0.1', stranger.address().port)
    const guest = lab.guest({ connect: [`udp://127.0.0.1:${granted.port}`, `tcp://127.0.0.1:${denied.port}`] })
    const socket = await guest.ask((client) => client.openUdp('ipv4'))
    expect(await guest.ask((client) => client.bound(socket))).toBeUndefined()
    const one = bytesOf('one')
    const heard = once(peer, 'message')
    expect(
      await guest.ask((client) =>
        client.send(socket, [
          { remote: granted, bytes: one },
          { remote: denied, bytes: one },
        ]),
      ),
    ).toBe(1)
    expect(String((await heard)[0])).toBe('one')
    const bound = await guest.until({ handle: socket, for: 'write' }, (client) => client.bound(socket))
    expect(await failure(guest.ask((client) => client.send(socket, [{ remote: denied, bytes: one }])))).toBe(
      'network-access-denied',
    )
    stranger.send('evil', bound.port, '127.0.0.1')
    peer.send('answer', bound.port, '127.0.0.1')
    const [datagram] = await guest.until({ handle: socket, for: 'read' }, (client) => client.receive(socket, 10))
    expect([String(Buffer.from(datagram?.bytes ?? one)), datagram?.remote]).toEqual(['answer', granted])
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await guest.ask((client) => client.receive(socket, 10))).toEqual([])
    await guest.port.updateTable(networkTable({}, 2))
    expect(await failure(guest.ask((client) => client.send(socket, [{ remote: granted, bytes: one }])))).toBe(
      'network-access-denied',
    )
    await guest.ask((client) => client.close(socket))
    peer.close()
    stranger.close()
  })

  it('that is bound where it was granted hears everybody there, and ends with the grant', async () => {
    const peer = createSocket('udp4')
    peer.bind(0, '127.0.0.1')
    await once(peer, 'listening')
    const probe = createSocket('udp4')
    probe.bind(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address()
    probe.close()
    const guest = lab.guest({ bind: [`udp://127.0.0.1:${port}`] })
    expect(await failure(guest.ask((client) => client.openUdp('ipv4', at('127.0.0.1', port + 1))))).toBe(
      'network-access-denied',
    )
    expect(await failure(guest.ask((client) => client.openUdp('ipv6', at('127.0.0.1', port))))).toBe(
      'failed: invalid-argument',
    )
    const socket = await guest.ask((client) => client.openUdp('ipv4', at('127.0.0.1', port)))
    await guest.until({ handle: socket, for: 'write' }, (client) => client.bound(socket))
    peer.send('hello', port, '127.0.0.1')
    const datagrams = await guest.until({ handle: socket, for: 'read' }, (client) => client.receive(socket, 10))
    expect(datagrams.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['hello'])
    await guest.port.updateTable(networkTable({}, 2))
    expect(await failure(guest.ask((client) => client.bound(socket)))).toBe('network-access-denied')
    peer.close()
  })
})

it('a poll over many wakes for the first, and a handle that there is not is ready to say so', async () => {
  const peers: Socket[] = []
  const port = await serve((socket) => peers.push(socket))
  const guest = lab.guest({ connect: [`127.0.0.1:${port}`] })
  const handles: number[] = []
  for (let count = 0; count < 10; count++) handles.push(await guest.connect(at('127.0.0.1', port)))
  await until(() => peers.length === 10)
  const waiting = guest.ask((client) => client.poll(handles.map((handle) => ({ handle, for: 'read' }))))
  peers[6]?.write('x')
  expect(await waiting).toEqual([6])
  expect(await guest.ask((client) => client.poll([{ handle: 1, for: 'read' }]))).toEqual([0])
})

it('a worker that is not ours any more loses its channel, and nobody else does', async () => {
  const port = await serve(echo)
  const [bad, good] = [lab.guest({ connect: [`127.0.0.1:${port}`] }), lab.guest({ connect: [`127.0.0.1:${port}`] })]
  await bad.connect(at('127.0.0.1', port))
  expect((await bad.raw(Uint8Array.of(200, 1), 100)).kind).not.toBe('answer')
  await until(() => lab.breaches.length > 0)
  expect(lab.breaches).toEqual(['lane-corrupt'])
  expect((await bad.raw(Uint8Array.of(1))).kind).toBe('closed')
  await bad.port.gone()
  await good.connect(at('127.0.0.1', port))
})

it('a service that dies takes its connections with it, and its successor knows none of their handles', async () => {
  let restarts = 0
  const fragile = await openNetworkLab({ onRestarted: () => restarts++ })
  const port = await serve(echo)
  const guest = fragile.guest({ connect: [`127.0.0.1:${port}`] })
  const handle = await guest.connect(at('127.0.0.1', port))
  const waiting = guest.ask((client) => client.poll([{ handle, for: 'read' }]))
  await new Promise((resolve) => setTimeout(resolve, 30))
  await fragile.thread().terminate()
  expect(await failure(waiting)).toBe('Error: failed')
  await until(() => restarts === 1)
  const next = await guest.connect(at('127.0.0.1', port))
  expect(next).not.toBe(handle)
  expect(await failure(guest.ask((client) => client.room(handle)))).toBe('failed: invalid-state')
  await fragile.service.close()
})
