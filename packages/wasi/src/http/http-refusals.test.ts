import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, type Setup } from '../guest.test-support.js'
import {
  type FutureTrailers,
  type GuestOptions,
  type HttpGuest,
  type HttpLab,
  latin,
  openHttpLab,
  thrownBy,
} from './http.test.support.js'

let lab: HttpLab
beforeAll(async () => {
  lab = await openHttpLab()
})
afterAll(() => lab.close())
afterEach(cleanUp)

const at = (path: string, host = 'api.test'): string => `http://${host}:${lab.ports.http}${path}`
const rawAt = (path: string): string => `http://api.test:${lab.ports.raw}${path}`
/** A guest that may reach the plain servers of `api.test`. */
const granted = (): HttpGuest =>
  lab.guest({ allow: [`connect http://api.test:${lab.ports.http}`, `connect http://api.test:${lab.ports.raw}`] })

describe('what a server may do', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['/no-http', { tag: 'HTTP-protocol-error' }],
    ['/nothing', { tag: 'connection-terminated' }],
    ['/endless-headers', { tag: 'HTTP-response-header-section-size', val: undefined }],
    ['/many-headers', { tag: 'HTTP-response-header-section-size', val: undefined }],
    ['/two-lengths', { tag: expect.stringMatching(/HTTP-(protocol-error|response-incomplete)/) }],
    ['/short', { tag: 'HTTP-response-incomplete' }],
    ['/mid-reset', { tag: 'HTTP-response-incomplete' }],
    ['/bad-chunk', { tag: 'HTTP-protocol-error' }],
    ['/upgrade', { tag: 'connection-terminated' }],
  ]
  it.each(bad)('%s', (path, expected) => {
    const guest = granted()
    expect(thrownBy(() => guest.http.fetch(rawAt(path)))).toEqual(expected)
    expect(guest.http.fetch(at('/hello')).body).toBe('hello')
  })

  it('is told once by the stream, which is closed then, and again behind it', () => {
    const guest = granted()
    const body = guest.http.settle(guest.http.handle(guest.http.request(rawAt('/mid-reset')))).consume()
    const stream = body.stream()
    const pieces: unknown[] = []
    for (let count = 0; count < 4; count++) pieces.push(thrownBy(() => stream.blockingRead(100n)))
    const failures = pieces.map((thrown) => (thrown === 'nothing' ? thrown : (thrown as { tag: string }).tag))
    expect(failures.filter((tag) => tag === 'last-operation-failed')).toHaveLength(1)
    expect(failures.slice(-1)).toEqual(['closed'])
    stream[Symbol.dispose]()
    const trailers = guest.http.on<FutureTrailers>('IncomingBody', 'finish', body)
    expect(thrownBy(() => guest.http.settle(trailers))).toEqual({ tag: 'HTTP-response-incomplete' })
  })

  it('is waited for as long as the guest said', () => {
    const guest = granted()
    const ms = 1_000_000n
    const timeout = { tag: 'connection-read-timeout' }
    const head = thrownBy(() =>
      guest.http.fetch(at('/slow-head'), { options: (options) => options.setFirstByteTimeout(200n * ms) }),
    )
    expect(head).toEqual(timeout)
    const body = thrownBy(() =>
      guest.http.fetch(at('/slow-body'), { options: (options) => options.setBetweenBytesTimeout(200n * ms) }),
    )
    expect(body).toEqual(timeout)
    const late = lab.guest({ allow: ['connect http://late.test:80'] })
    const name = thrownBy(() =>
      late.http.fetch('http://late.test/', { options: (options) => options.setConnectTimeout(50n * ms) }),
    )
    expect(name).toEqual({ tag: 'DNS-timeout' })
  })

  it('is nothing at all', () => {
    const guest = lab.guest({ allow: ['connect *:*'] })
    expect(thrownBy(() => guest.http.fetch('http://none.test/'))).toMatchObject({ tag: 'DNS-error' })
    expect(thrownBy(() => guest.http.fetch('http://api.test:1/'))).toEqual({ tag: 'connection-refused' })
  })
})

describe('what is no request', () => {
  it.each([
    ['a scheme of others', 'ftp://api.test/', { tag: 'HTTP-protocol-error' }],
    ['an authority with a user', 'http://user@api.test/', { tag: 'HTTP-request-URI-invalid' }],
    ['an address that is spelled oddly', 'http://127.1/', { tag: 'HTTP-request-URI-invalid' }],
    ['a port of none', 'http://api.test:0/', { tag: 'HTTP-request-URI-invalid' }],
  ])('%s', (_name, url, expected) => {
    const guest = lab.guest({ allow: ['connect *:*'] })
    expect(thrownBy(() => guest.http.fetch(url))).toEqual(expected)
    expect(guest.records).toEqual([])
  })

  it('is not put together, and what is stays as it was', () => {
    const { http } = granted()
    const request = http.request('http://api.test/a', { method: { tag: 'other', val: 'PURGE' } })
    for (const method of ['', 'G T', 'CONNECT', 'a\r\nb', 'x'.repeat(9000)])
      expect(thrownBy(() => request.setMethod({ tag: 'other', val: method }))).toBeUndefined()
    for (const path of ['', 'a', '/a b', '/\r\n', `/${'a'.repeat(8192)}`, '/ä'])
      expect(thrownBy(() => request.setPathWithQuery(path))).toBeUndefined()
    for (const authority of ['', 'a/b', 'a?b', 'a#b', 'a b', 'a\\b', 'a'.repeat(8193)])
      expect(thrownBy(() => request.setAuthority(authority))).toBeUndefined()
    for (const scheme of ['', 'a b', 'x'.repeat(9000)])
      expect(thrownBy(() => request.setScheme({ tag: 'other', val: scheme }))).toBeUndefined()
    expect([request.method(), request.pathWithQuery(), request.authority(), request.scheme()]).toEqual([
      { tag: 'other', val: 'PURGE' },
      '/a',
      'api.test',
      { tag: 'HTTP' },
    ])
    request.setScheme(undefined)
    request.setAuthority(undefined)
    request.setPathWithQuery(undefined)
    expect(thrownBy(() => http.handle(request))).toEqual({ tag: 'HTTP-request-URI-invalid' })
  })

  it('has a head that is too large', () => {
    const { http } = granted()
    const many = (count: number, size: number): readonly (readonly [string, string])[] =>
      Array.from({ length: count }, (_, index) => [`x-${index}`, 'v'.repeat(size)] as const)
    const section = 'HTTP-request-header-section-size'
    expect(thrownBy(() => http.fetch(at('/hello'), { fields: many(129, 1) }))).toEqual({ tag: section, val: undefined })
    expect(thrownBy(() => http.fetch(at('/hello'), { fields: many(2, 33_000) }))).toEqual({ tag: section, val: 65_536 })
    expect(thrownBy(() => http.fetch(at('/hello'), { method: { tag: 'connect' } }))).toEqual({
      tag: 'HTTP-request-method-invalid',
    })
    expect(thrownBy(() => http.fetch(at('/hello'), { fields: [['content-length', '1, 2']] }))).toEqual({
      tag: 'HTTP-protocol-error',
    })
    expect(http.fetch(at('/hello'), { fields: many(100, 100) }).status).toBe(200)
  })
})

describe('header fields', () => {
  it('are compared without case, and kept in order with their spelling', () => {
    const { http } = granted()
    const fields = http.fields([
      ['X-A', '1'],
      ['b', '2'],
      ['x-a', '3'],
    ])
    expect(fields.get('x-A').map((value) => Buffer.from(value).toString())).toEqual(['1', '3'])
    expect(fields.get('nothing here')).toEqual([])
    expect([fields.has('B'), fields.has('c')]).toEqual([true, false])
    fields.append('B', latin('\xe9'))
    fields.set('x-a', [latin('4')])
    fields.delete('none')
    expect(fields.entries().map(([name, value]) => `${name} ${Buffer.from(value).toString('latin1')}`)).toEqual([
      'b 2',
      'B \xe9',
      'x-a 4',
    ])
  })

  it.each(['host', 'Connection', 'transfer-encoding', 'Upgrade', 'keep-alive', 'TE', 'proxy-authorization', 'expect'])(
    'that are %s are forbidden',
    (name) => {
      const { http } = granted()
      const fields = http.fields()
      for (const act of [
        () => fields.set(name, [latin('x')]),
        () => fields.append(name, latin('x')),
        () => fields.delete(name),
        () => http.fields([[name, 'x']]),
      ])
        expect(thrownBy(act)).toEqual({ tag: 'forbidden' })
      fields.set(`x-${name}`, [latin('x')])
      expect(fields.entries()).toHaveLength(1)
    },
  )

  it('have a syntax, and a bound', () => {
    const { http } = granted()
    const fields = http.fields()
    const invalid = { tag: 'invalid-syntax' }
    for (const name of ['', 'a b', 'a:', 'ä', 'a\r\nb', 'x'.repeat(256)])
      expect(thrownBy(() => fields.append(name, latin('x')))).toEqual(invalid)
    for (const value of ['a\r\nb: c', 'a\n', 'a\0', '\x7f'])
      expect(thrownBy(() => fields.set('x', [latin('fine'), latin(value)]))).toEqual(invalid)
    expect(fields.entries()).toEqual([])
    fields.append('x'.repeat(255), latin('a\tb \xff'))
    expect(thrownBy(() => fields.append('y', new Uint8Array(72 * 1024).fill(120)))).toEqual({ tag: 'forbidden' })
    for (let count = 1; count < 1024; count++) fields.append('n', latin(''))
    expect(thrownBy(() => fields.append('n', latin('')))).toEqual({ tag: 'forbidden' })
  })
})

it('options are what was set, in nanoseconds', () => {
  const { http } = granted()
  const options = http.make<GuestOptions>('RequestOptions')
  expect([options.connectTimeout(), options.firstByteTimeout(), options.betweenBytesTimeout()]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  options.setConnectTimeout(1n)
  options.setFirstByteTimeout(2n)
  options.setBetweenBytesTimeout(0xffff_ffff_ffff_ffffn)
  expect([options.connectTimeout(), options.firstByteTimeout(), options.betweenBytesTimeout()]).toEqual([
    1n,
    2n,
    0xffff_ffff_ffff_ffffn,
  ])
})

describe('quotas', () => {
  it('let so many requests through, exactly, and say so to the guest and on record', () => {
    const requests = { rate: { amount: 3, perMs: 3_600_000 }, burst: 3 }
    const guest = lab.guest({ allow: [`connect http://api.test:${lab.ports.http}`] }, { requests })
    for (let count = 0; count < 3; count++) expect(guest.http.fetch(at('/hello')).status).toBe(200)
    const quota = { tag: 'internal-error', val: 'quota exceeded: requests' }
    expect(thrownBy(() => guest.http.fetch(at('/hello')))).toEqual(quota)
    expect(guest.records.at(-1)).toMatchObject({ verdict: 'denied', layer: 'quota' })
  })

  it('let so many connections be open', () => {
    const guest = lab.guest({ allow: [`connect http://api.test:${lab.ports.http}`] }, { connectionsMax: 1 })
    const waiting = guest.http.settle(guest.http.handle(guest.http.request(at('/slow-body'))))
    expect(thrownBy(() => guest.http.fetch(at('/hello')))).toEqual({ tag: 'connection-limit-reached' })
    waiting[Symbol.dispose]()
  })
})

describe('when the rules move', () => {
  const start = (path: string) => {
    const setup = { allow: [`connect http://api.test:${lab.ports.http}`] }
    const guest = lab.guest(setup)
    return { guest, future: guest.http.handle(guest.http.request(at(path))) }
  }
  const denied = { tag: 'HTTP-request-denied' }

  it('a request that is on its way is over, and what was had of it', () => {
    const { guest, future } = start('/slow-body')
    const body = guest.http.settle(future).consume()
    const stream = body.stream()
    expect(Buffer.from(stream.blockingRead(2n)).toString()).toBe('be')
    const other = guest.http.handle(guest.http.request(at('/slow-head')))
    guest.publish({}, 2)
    expect(guest.http.errorCode(thrownBy(() => stream.read(3n)))).toEqual(denied)
    expect(thrownBy(() => stream.read(3n))).toEqual({ tag: 'closed' })
    expect(other.get()).toEqual({ tag: 'ok', val: { tag: 'err', val: denied } })
    guest.host.flush()
    // Alike and at once they may share a record.
    const counts = guest.records.filter(({ verdict }) => verdict === 'denied').map(({ count }) => count)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2)
    expect(thrownBy(() => guest.http.fetch(at('/hello')))).toEqual(denied)
  })

  it('a wait for it ends', () => {
    for (const path of ['/slow-head', '/slow-body']) {
      let publish = (): void => undefined
      let observed = 1
      const observedVersion = (): number => {
        publish()
        return observed
      }
      const setup: Setup = { allow: [`connect http://api.test:${lab.ports.http}`] }
      const guest = lab.guest({ ...setup, powers: { observedVersion } })
      let looks = 0
      const future = guest.http.handle(guest.http.request(at(path)))
      publish = () => {
        looks++
        if (looks !== 20) return
        guest.publish({}, 2)
        observed = 2
      }
      expect(thrownBy(() => guest.http.text(guest.http.settle(future).consume()))).toEqual(denied)
    }
  })

  it('a request goes on that is still allowed', () => {
    const { guest, future } = start('/hello')
    guest.publish({ allow: [`connect http://api.test:${lab.ports.http}`, 'connect *:1'] }, 2)
    expect(guest.http.text(guest.http.settle(future).consume())).toBe('hello')
  })
})

it('a future, a response and a body that are dropped take their exchange along', () => {
  const guest = lab.guest({ allow: [`connect http://api.test:${lab.ports.http}`] }, { connectionsMax: 1 })
  const until = (act: () => unknown): void => {
    for (let left = 400; thrownBy(act) !== 'nothing' && left > 0; left--)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  }
  const open = () => guest.http.handle(guest.http.request(at('/slow-body')))
  open()[Symbol.dispose]()
  until(() => guest.http.settle(open())[Symbol.dispose]())
  until(() => guest.http.settle(open()).consume()[Symbol.dispose]())
  until(() => guest.http.fetch(at('/hello')))
  expect(guest.http.fetch(at('/hello')).body).toBe('hello')
})

it('a guest without a network is told so, and its denials are denials', () => {
  const allow = [`connect http://api.test:${lab.ports.http}`]
  const guest = lab.guest({ allow, powers: { openService: () => 'down' } })
  expect(thrownBy(() => guest.http.fetch(at('/hello')))).toEqual({
    tag: 'internal-error',
    val: 'the network is not available',
  })
  expect(thrownBy(() => guest.http.fetch(at('/hello', 'other.test')))).toEqual({ tag: 'HTTP-request-denied' })
})
