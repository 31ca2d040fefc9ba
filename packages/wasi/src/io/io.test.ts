// Streams, polling, clocks, standard streams, environment, sockets and HTTP.
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { GuestMisuse, ResourceExceeded } from '../endings.js'
import {
  bytesOf,
  cleanUp,
  type Fd,
  type Input,
  type Output,
  open,
  outcome,
  type Pollable,
  TestGuest,
  temporaryDirectory,
} from '../guest.test-support.js'

afterEach(cleanUp)

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

function guestWithFile(content = 'hello world'): { host: string; guest: TestGuest; root: Fd } {
  const host = temporaryDirectory()
  fs.writeFileSync(path.join(host, 'f'), content)
  const guest = new TestGuest({ allow: ['read /data/**', 'write /data/**'], mounts: { '/data': { host } } })
  return { host, guest, root: guest.root() }
}

describe('file streams', () => {
  it('read on from their own position to the end', () => {
    const { root } = guestWithFile()
    const fd = open(root, 'data/f')
    const stream = fd.readViaStream(6n)
    const second = fd.readViaStream(0n)
    fd[Symbol.dispose]()
    expect(stream.read(0n)).toHaveLength(0)
    expect(text(stream.read(2n))).toBe('wo')
    expect(stream.skip(1n)).toBe(1n)
    expect(text(stream.blockingRead(100n))).toBe('ld')
    expect(outcome(() => stream.read(1n))).toEqual({ tag: 'closed' })
    expect(text(second.read(5n))).toBe('hello')
    expect(stream.subscribe().ready()).toBe(true)
  })

  it('write on from their own position, and append where others append', () => {
    const { host, root } = guestWithFile()
    const fd = open(root, 'data/f', { write: true })
    const at = fd.writeViaStream(6n)
    expect(at.checkWrite()).toBeGreaterThan(5n)
    at.write(bytesOf('W'))
    at.write(bytesOf('O'))
    at.blockingWriteAndFlush(bytesOf('R'))
    const first = fd.appendViaStream()
    const second = fd.appendViaStream()
    first.blockingWriteAndFlush(bytesOf('1'))
    second.blockingWriteAndFlush(bytesOf('2'))
    first.blockingWriteAndFlush(bytesOf('3'))
    first.blockingFlush()
    first.flush()
    expect(fs.readFileSync(path.join(host, 'f'), 'utf8')).toBe('hello WORld123')
  })

  it('zeroes and splices', () => {
    const { host, root } = guestWithFile()
    fs.writeFileSync(path.join(host, 'g'), '')
    const out = open(root, 'data/g', { write: true }).writeViaStream(0n)
    const source = open(root, 'data/f').readViaStream(0n)
    expect(out.splice(source, 5n)).toBe(5n)
    out.blockingWriteZeroesAndFlush(100_000n)
    expect(out.blockingSplice(source, 100n)).toBe(6n)
    expect(outcome(() => out.blockingSplice(source, 100n))).toEqual({ tag: 'closed' })
    out.checkWrite()
    out.writeZeroes(2n)
    const written = fs.readFileSync(path.join(host, 'g'))
    expect(written.byteLength).toBe(100_013)
    expect(written.subarray(0, 5).toString() + written.subarray(100_005, 100_011).toString()).toBe('hello world')
  })

  it('tell their failure with a code, and nothing of the host', () => {
    const { guest } = guestWithFile()
    const full = new TestGuest({
      allow: ['write /data/**'],
      mounts: { '/data': { host: temporaryDirectory() } },
      powers: {
        fs: {
          ...fs,
          writeSync: () => {
            throw Object.assign(new Error('ENOSPC: /host/secret'), { code: 'ENOSPC', syscall: 'write' })
          },
        },
      },
    })
    const out = open(full.root(), 'data/x', { write: true, create: true }).writeViaStream(0n)
    const failure = outcome(() => out.blockingWriteAndFlush(bytesOf('x'))) as { tag: string; val: object }
    expect(failure.tag).toBe('last-operation-failed')
    expect(full.call('wasi:filesystem/types', 'filesystemErrorCode', failure.val)).toBe('insufficient-space')
    expect((failure.val as { toDebugString: () => string }).toDebugString()).toBe('insufficient-space')
    expect(guest.denials()).toEqual([])
  })
})

describe('standard streams', () => {
  it('give and take bytes as they are, with back-pressure', () => {
    const guest = new TestGuest({})
    const out = guest.call<Output>('wasi:cli/stdout', 'getStdout')
    const err = guest.call<Output>('wasi:cli/stderr', 'getStderr')
    guest.stdout.room = 4
    guest.onPark = () => {
      guest.stdout.room = 4
    }
    out.blockingWriteAndFlush(new Uint8Array([0, 255, 10, 13, 97, 98, 99, 100, 101]))
    err.checkWrite()
    err.write(bytesOf('oops'))
    expect(guest.stdout.text).toBe('\0\u00ff\n\rabcde')
    expect(guest.stderr.text).toBe('oops')
    expect(guest.host.close().bytesWritten).toBe(13)
  })

  it('a write beyond the permit is a trap', () => {
    const guest = new TestGuest({})
    const out = guest.call<Output>('wasi:cli/stdout', 'getStdout')
    guest.stdout.room = 3
    expect(out.checkWrite()).toBe(3n)
    expect(out.subscribe().ready()).toBe(true)
    expect(() => out.write(bytesOf('four'))).toThrow(GuestMisuse)
  })

  it('a permit that another handle has used up waits for room and loses nothing', () => {
    const guest = new TestGuest({})
    const one = guest.call<Output>('wasi:cli/stdout', 'getStdout')
    const two = guest.call<Output>('wasi:cli/stdout', 'getStdout')
    guest.stdout.room = 3
    one.checkWrite()
    two.checkWrite()
    guest.onPark = () => {
      guest.stdout.room = 3
    }
    one.write(bytesOf('abc'))
    expect(two.subscribe().ready()).toBe(false)
    two.write(bytesOf('def'))
    expect(guest.stdout.text).toBe('abcdef')
  })

  it('standard input is ready when there is something to say, and closed at its end', () => {
    const guest = new TestGuest({})
    const input = guest.call<Input>('wasi:cli/stdin', 'getStdin')
    const ready = input.subscribe()
    expect(ready.ready()).toBe(false)
    expect(input.read(5n)).toHaveLength(0)
    guest.stdin.put('abcdef')
    expect(ready.ready()).toBe(true)
    expect(text(input.read(4n))).toBe('abcd')
    expect(text(guest.call<Input>('wasi:cli/stdin', 'getStdin').read(4n))).toBe('ef')
    guest.onPark = () => guest.stdin.end()
    expect(outcome(() => input.blockingRead(1n))).toEqual({ tag: 'closed' })
    expect(outcome(() => input.read(1n))).toEqual({ tag: 'closed' })
  })

  it('there is never a terminal', () => {
    const guest = new TestGuest({})
    for (const name of ['stdin', 'stdout', 'stderr']) {
      const jsName = `getTerminal${name[0]?.toUpperCase()}${name.slice(1)}`
      expect(guest.call(`wasi:cli/terminal-${name}`, jsName)).toBeUndefined()
    }
  })
})

describe('polling and clocks', () => {
  it('sleeps until the earliest timer or until something is ready', () => {
    const guest = new TestGuest({})
    const late = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeDuration', 1_000_000n)
    const early = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeInstant', 5_000n)
    const input = guest.call<Input>('wasi:cli/stdin', 'getStdin').subscribe()
    expect(guest.call('wasi:io/poll', 'poll', [late, input, early])).toEqual([2])
    expect(guest.nowNs).toBe(5_000n)
    guest.onPark = () => guest.stdin.put('x')
    expect(guest.call('wasi:io/poll', 'poll', [late, input])).toEqual([1])
    guest.onPark = (untilNs) => {
      guest.nowNs = untilNs ?? guest.nowNs
    }
    late.block()
    expect(guest.nowNs).toBe(1_001_000n)
    expect(late.ready()).toBe(true)
    const never = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeDuration', 2n ** 64n - 1n)
    expect(never.ready()).toBe(false)
  })

  it('an early wake is not an answer', () => {
    const guest = new TestGuest({})
    const timer = guest.call<Pollable>('wasi:clocks/monotonic-clock', 'subscribeDuration', 100n)
    let wakes = 0
    guest.onPark = () => {
      wakes += 1
      guest.nowNs += 30n
    }
    timer.block()
    expect(wakes).toBe(4)
  })

  it('bounds the list and the pollables', () => {
    const one = (guest: TestGuest): Pollable => guest.call('wasi:clocks/monotonic-clock', 'subscribeDuration', 0n)
    const guest = new TestGuest({ limits: { pollablesMax: 3 } })
    const list = [one(guest), one(guest), one(guest)]
    expect(guest.call('wasi:io/poll', 'poll', list)).toEqual([0, 1, 2])
    list.pop()?.[Symbol.dispose]()
    list.push(one(guest))
    expect(() => one(guest)).toThrow(ResourceExceeded)
    const other = new TestGuest({ limits: { pollablesMax: 3 } })
    const single = one(other)
    expect(() => other.call('wasi:io/poll', 'poll', [single, single, single, single])).toThrow(ResourceExceeded)
  })

  it('tell the time of the runtime and of the wall', () => {
    const guest = new TestGuest({})
    expect(guest.call('wasi:clocks/monotonic-clock', 'now')).toBe(1_000n)
    expect(guest.call('wasi:clocks/wall-clock', 'now')).toEqual({ seconds: 1_700_000_000n, nanoseconds: 123_000_000 })
  })
})

describe('environment', () => {
  it('shows exactly the variables that are set and granted', () => {
    const environment = [
      ['INGEST_MODE', 'fast'],
      ['SECRET', 'x'],
    ] as const
    const guest = new TestGuest({ allow: ['env INGEST_*'], environment, args: ['prog', '--x'] })
    expect(guest.call('wasi:cli/environment', 'getEnvironment')).toEqual([['INGEST_MODE', 'fast']])
    expect(guest.call('wasi:cli/environment', 'getArguments')).toEqual(['prog', '--x'])
    expect(guest.call('wasi:cli/environment', 'initialCwd')).toBe('/')
    expect(guest.records.map(({ kind, resource, verdict }) => [kind, resource, verdict])).toEqual([
      ['environment', 'INGEST_MODE', 'granted'],
      ['environment', 'SECRET', 'denied'],
    ])
  })
})

describe('sockets and HTTP', () => {
  type Socket = Record<string, (...args: unknown[]) => unknown>
  const address = { tag: 'ipv4', val: { port: 80, address: [10, 0, 0, 1] } }
  const six = { tag: 'ipv6', val: { port: 443, flowInfo: 0, address: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], scopeId: 0 } }

  it('say where a guest wanted to go, and deny', () => {
    const guest = new TestGuest({ allow: ['connect tcp://10.0.0.1:80'] })
    const network = guest.call('wasi:sockets/instance-network', 'instanceNetwork')
    const tcp = guest.call<Socket>('wasi:sockets/tcp-create-socket', 'createTcpSocket', 'ipv4')
    const udp = guest.call<Socket>('wasi:sockets/udp-create-socket', 'createUdpSocket', 'ipv6')
    expect(outcome(() => tcp['startBind']?.(network, address))).toBe('access-denied')
    expect(outcome(() => tcp['finishConnect']?.())).toBe('not-in-progress')
    expect(outcome(() => tcp['startListen']?.())).toBe('invalid-state')
    // What is granted comes as far as the network, which this run has not.
    expect(outcome(() => tcp['startConnect']?.(network, address))).toBe('connection-aborted')
    expect(outcome(() => udp['stream']?.(six))).toBe('invalid-state')
    expect(tcp['addressFamily']?.()).toBe('ipv4')
    expect(outcome(() => guest.call('wasi:sockets/ip-name-lookup', 'resolveAddresses', network, 'example.com'))).toBe(
      'access-denied',
    )
    expect(guest.records.map(({ action, resource, layer }) => [action, resource, layer])).toEqual([
      ['bind', 'tcp://10.0.0.1:80', 'manifest'],
      ['connect', 'tcp://10.0.0.1:80', 'manifest'],
      ['resolve', 'example.com', 'manifest'],
    ])
    expect(guest.denials()).toEqual(['bind tcp://10.0.0.1:80', 'resolve example.com'])
  })

  it('an HTTP request can be put together, and is denied when it is sent', () => {
    const guest = new TestGuest({})
    const Fields = guest.glueClass('wasi:http/types', 'Fields')
    const Request = guest.glueClass('wasi:http/types', 'OutgoingRequest')
    const fields = new Fields() as unknown as Record<string, (...args: unknown[]) => unknown>
    fields['append']?.('Accept', bytesOf('*/*'))
    expect(outcome(() => fields['append']?.('bad name', bytesOf('x')))).toEqual({ tag: 'invalid-syntax' })
    expect(outcome(() => fields['append']?.('X', bytesOf('a\r\nb')))).toEqual({ tag: 'invalid-syntax' })
    expect(outcome(() => fields['append']?.('X', new Uint8Array(80_000)))).toEqual({ tag: 'invalid-syntax' })
    expect(outcome(() => fields['append']?.('X', new Uint8Array(80_000).fill(97)))).toEqual({ tag: 'forbidden' })
    expect(fields['has']?.('accept')).toBe(true)
    const request = new Request(fields) as unknown as Record<string, (...args: unknown[]) => unknown>
    request['setAuthority']?.('api.example.com:8443')
    request['setScheme']?.({ tag: 'HTTPS' })
    const body = request['body']?.() as { write: () => Output }
    const stream = body.write()
    stream.blockingWriteAndFlush(bytesOf('payload'))
    const headers = request['headers']?.() as Record<string, (...args: unknown[]) => unknown>
    expect(outcome(() => headers['delete']?.('accept'))).toEqual({ tag: 'immutable' })
    expect(outcome(() => guest.call('wasi:http/outgoing-handler', 'handle', request, undefined))).toEqual({
      tag: 'HTTP-request-denied',
    })
    expect(guest.denials()).toEqual(['connect https://api.example.com:8443'])
  })
})
