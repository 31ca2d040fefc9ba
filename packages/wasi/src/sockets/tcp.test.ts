// TCP through the real network service: a thread of its own, real sockets on loopback.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { GuestMisuse } from '../endings.js'
import { bytesOf, cleanUp, outcome } from '../guest.test-support.js'
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
    expect(one.guest.records.at(-1)).toMatchObject({ resource: `tcp://127.0.0.1:${peers.echo}`, count: 4 })
  })
})
