import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, type Output } from '../guest.test-support.js'
import { type HttpGuest, type HttpLab, latin, openHttpLab, thrownBy } from './http.test.support.js'

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

describe('a request', () => {
  it('goes where it is granted, and its response comes back whole', () => {
    const guest = granted()
    const { status, fields, body, trailers } = guest.http.fetch(at('/hello?q=1'))
    expect([status, body, trailers]).toEqual([200, 'hello', undefined])
    expect(fields['x-two']).toBe('1, 2')
    expect(Object.keys(fields)).not.toContain('connection')
    expect(guest.grants()).toEqual([`connect http://api.test:${lab.ports.http}`])
  })

  it('is sent as it was made: method, path, header fields and body', () => {
    const guest = granted()
    const { body } = guest.http.fetch(at('/seen?a=b'), {
      method: { tag: 'post' },
      fields: [
        ['X-One', '\xe9'],
        ['x-one', 'b'],
      ],
      body: 'x'.repeat(20_000),
    })
    const seen = JSON.parse(Buffer.from(body, 'latin1').toString()) as {
      method: string
      url: string
      fields: string[]
      body: string
    }
    expect([seen.method, seen.url, seen.body.length]).toEqual(['POST', '/seen?a=b', 20_000])
    expect(seen.fields.join('\n')).toContain('X-One\né\nx-one\nb')
    expect(seen.fields.slice(0, 2)).toEqual(['host', `api.test:${lab.ports.http}`])
  })

  it('is denied where it is not granted, by the one error that says so, and on record', () => {
    const guest = granted()
    const denied = thrownBy(() => guest.http.fetch(at('/hello', 'other.test')))
    expect(denied).toEqual({ tag: 'HTTP-request-denied' })
    expect(guest.denials()).toEqual([`connect http://other.test:${lab.ports.http}`])
    expect(thrownBy(() => guest.http.fetch('https://api.test/'))).toEqual({ tag: 'HTTP-request-denied' })
    expect(guest.denials()[1]).toBe('connect https://api.test:443')
    expect(guest.http.fetch(at('/hello')).status).toBe(200)
  })

  it('is decided again by the service, whatever the guest’s own side says', () => {
    const guest = lab.guest({ allow: ['connect *:*'] }, { far: { allow: [`connect http://other.test:*`] } })
    expect(thrownBy(() => guest.http.fetch(at('/hello')))).toEqual({ tag: 'HTTP-request-denied' })
    expect(guest.http.fetch(at('/hello', 'other.test')).status).toBe(200)
  })

  it('is decided by each address that its name leads to', () => {
    const guest = lab.guest({ allow: ['connect http://inner.test:80', `connect http://api.test:${lab.ports.http}`] })
    expect(thrownBy(() => guest.http.fetch('http://inner.test/'))).toEqual({ tag: 'HTTP-request-denied' })
    expect(guest.http.fetch(at('/hello')).status).toBe(200)
  })

  it('gets a redirect as a response: to follow it is another request', () => {
    const guest = granted()
    const { status, fields } = guest.http.fetch(at(`/redirect?${at('/hello', 'other.test')}`))
    expect([status, fields['location']]).toEqual([302, at('/hello', 'other.test')])
    expect(thrownBy(() => guest.http.fetch(fields['location'] ?? ''))).toEqual({ tag: 'HTTP-request-denied' })
  })

  it('goes over TLS to whom its name says', () => {
    const port = lab.ports.https
    const guest = lab.guest({ allow: [`connect https://*.test:${port}`, `connect https://api.test:${lab.ports.http}`] })
    expect(guest.http.fetch(`https://secure.test:${port}/hello`).body).toBe('hello')
    expect(thrownBy(() => guest.http.fetch(`https://other.test:${port}/hello`))).toEqual({
      tag: 'TLS-certificate-error',
    })
    const noTls = thrownBy(() => guest.http.fetch(`https://api.test:${lab.ports.http}/hello`)) as { tag: string }
    expect(noTls.tag).toMatch(/^TLS-/)
  })
})

describe('a response', () => {
  it('has its trailers behind its body, also for a guest that has not read it', () => {
    const guest = granted()
    expect(guest.http.fetch(at('/trailers'))).toMatchObject({ body: 'body', trailers: { 'x-end': 'yes' } })
    const response = guest.http.settle(guest.http.handle(guest.http.request(at('/trailers'))))
    const trailers = guest.http.on<Parameters<typeof guest.http.settle>[0]>(
      'IncomingBody',
      'finish',
      response.consume(),
    )
    expect(guest.http.settle(trailers)).toBeDefined()
    expect(trailers.get()).toEqual({ tag: 'err', val: undefined })
  })

  it('comes as it was sent: what is packed stays packed, and hints before it are passed over', () => {
    const guest = granted()
    const zipped = guest.http.fetch(at('/gzip'))
    expect(zipped.fields['content-encoding']).toBe('gzip')
    expect(zipped.body.slice(0, 2)).toBe('\x1f\x8b')
    expect(guest.http.fetch(at('/hints'))).toMatchObject({ status: 200, body: 'after' })
    expect(guest.http.fetch(rawAt('/closed-body')).body).toBe('to the end')
  })

  it('has no body where HTTP has none', () => {
    const guest = granted()
    expect(guest.http.fetch(at('/status?204'))).toMatchObject({ status: 204, body: '' })
    expect(guest.http.fetch(at('/status?304'))).toMatchObject({ status: 304, body: '' })
    expect(guest.http.fetch(at('/big?1000'), { method: { tag: 'head' } })).toMatchObject({ status: 200, body: '' })
    expect(guest.http.fetch(at('/hello')).body).toBe('hello')
  })

  it('is large as the host allows, to the byte', () => {
    const guest = lab.guest({ allow: [`connect http://api.test:*`] }, { responseBytesMax: 300_000 })
    expect(guest.http.fetch(at('/big?300000')).body.length).toBe(300_000)
    const tooLarge = { tag: 'HTTP-response-body-size', val: 300_000n }
    expect(thrownBy(() => guest.http.fetch(at('/big?300001')))).toEqual(tooLarge)
    expect(thrownBy(() => guest.http.fetch(at('/endless')))).toEqual(tooLarge)
  })

  it('is taken once, and so is its body, and its stream', () => {
    const guest = granted()
    const future = guest.http.handle(guest.http.request(at('/hello')))
    const response = guest.http.settle(future)
    expect(future.get()).toEqual({ tag: 'err', val: undefined })
    expect(future.subscribe().ready()).toBe(true)
    const body = response.consume()
    expect(thrownBy(() => response.consume())).toBeUndefined()
    const stream = body.stream()
    expect(thrownBy(() => body.stream())).toBeUndefined()
    expect(() => guest.http.on('IncomingBody', 'finish', body)).toThrow(/input-stream is not dropped/)
    expect(stream).toBeDefined()
  })

  it('cannot be changed, but its copy can', () => {
    const guest = granted()
    const response = guest.http.settle(guest.http.handle(guest.http.request(at('/hello'))))
    const fields = response.headers()
    expect(thrownBy(() => fields.set('x', [latin('y')]))).toEqual({ tag: 'immutable' })
    expect(thrownBy(() => fields.append('x', latin('y')))).toEqual({ tag: 'immutable' })
    expect(thrownBy(() => fields.delete('x'))).toEqual({ tag: 'immutable' })
    const copy = fields.clone()
    copy.set('x', [latin('y')])
    expect([copy.has('x'), fields.has('x')]).toEqual([true, false])
  })
})

describe('the body of a request', () => {
  it('may be written before it is sent, and is then sent with its length', () => {
    const guest = granted()
    const request = guest.http.request(at('/seen'), { method: { tag: 'put' } })
    const body = request.body()
    expect(thrownBy(() => request.body())).toBeUndefined()
    const stream = body.write()
    expect(thrownBy(() => body.write())).toBeUndefined()
    stream.blockingWriteAndFlush(latin('early'))
    stream[Symbol.dispose]()
    guest.http.finish(body)
    const response = guest.http.settle(guest.http.handle(request))
    const seen = JSON.parse(guest.http.text(response.consume())) as { fields: string[]; body: string }
    expect(seen.body).toBe('early')
    expect(seen.fields.join('\n')).toContain('content-length\n5')
  })

  it('that is finished with nothing in it is none', () => {
    const guest = granted()
    const request = guest.http.request(at('/seen'))
    guest.http.finish(request.body())
    const response = guest.http.settle(guest.http.handle(request))
    const seen = JSON.parse(guest.http.text(response.consume())) as { fields: string[] }
    expect(seen.fields.join(' ').toLowerCase()).not.toContain('transfer-encoding')
  })

  it('goes both ways at once, many megabytes of it', () => {
    const guest = granted()
    const request = guest.http.request(at('/echo'), { method: { tag: 'post' } })
    const body = request.body()
    const future = guest.http.handle(request)
    const out = body.write()
    const sent = 4 * 1024 * 1024
    let written = 0
    let read = 0
    const piece = new Uint8Array(60_000).fill(120)
    out.blockingWriteAndFlush(piece)
    written += piece.length
    const input = guest.http.settle(future).consume().stream()
    const [canWrite, canRead] = [out.subscribe(), input.subscribe()]
    let open: Output | undefined = out
    while (read < sent) {
      const ready = guest.call<number[] | Uint32Array>('wasi:io/poll', 'poll', open ? [canWrite, canRead] : [canRead])
      const isReadable = open ? [...ready].includes(1) : true
      if (open && [...ready].includes(0)) {
        const room = Math.min(Number(open.checkWrite()), piece.length, sent - written)
        if (room > 0) open.write(piece.subarray(0, room))
        written += room
        if (written === sent) {
          open[Symbol.dispose]()
          open = undefined
          guest.http.finish(body)
        }
      }
      if (isReadable) read += input.read(65_536n).length
    }
    expect([written, read]).toEqual([sent, sent])
  })

  it('keeps to the length that was said of it', () => {
    const guest = granted()
    const short = (bytes: string, length: string): unknown => {
      const request = guest.http.request(at('/seen'), { method: { tag: 'post' }, fields: [['content-length', length]] })
      const body = request.body()
      const future = guest.http.handle(request)
      const stream = body.write()
      const over = thrownBy(() => stream.blockingWriteAndFlush(latin(bytes)))
      stream[Symbol.dispose]()
      if (over !== 'nothing') return guest.http.errorCode(over)
      const finished = thrownBy(() => guest.http.finish(body))
      return finished === 'nothing' ? guest.http.text(guest.http.settle(future).consume()) : finished
    }
    expect(short('abcd', '5')).toEqual({ tag: 'HTTP-request-body-size', val: 4n })
    expect(short('abcdef', '5')).toEqual({ tag: 'HTTP-request-body-size', val: 6n })
    expect(short('abcde', '5')).toContain('"body":"abcde"')
    const none = guest.http.request(at('/seen'), { method: { tag: 'post' }, fields: [['content-length', '5']] })
    expect(thrownBy(() => guest.http.settle(guest.http.handle(none)))).toEqual({
      tag: 'HTTP-request-body-size',
      val: 0n,
    })
  })

  it('of a request that is not sent takes no more, and keeps nobody waiting', () => {
    const guest = granted()
    const refused = guest.http.request(at('/seen', 'other.test'), { method: { tag: 'post' } })
    const body = refused.body()
    const denied = { tag: 'HTTP-request-denied' }
    expect(thrownBy(() => guest.http.handle(refused))).toEqual(denied)
    const stream = body.write()
    expect(guest.http.errorCode(thrownBy(() => stream.blockingWriteAndFlush(latin('x'))))).toEqual(denied)
    expect(thrownBy(() => stream.checkWrite())).toEqual({ tag: 'closed' })
    const thrownAway = guest.http.request(at('/seen'))
    const other = thrownAway.body().write()
    other.blockingWriteAndFlush(latin('x'.repeat(65_536)))
    expect(other.subscribe().ready()).toBe(false)
    ;(thrownAway as unknown as Disposable)[Symbol.dispose]()
    expect(other.subscribe().ready()).toBe(true)
    expect(guest.http.errorCode(thrownBy(() => other.checkWrite()))).toEqual({ tag: 'connection-terminated' })
  })

  it('that is dropped before it is finished ends its exchange', () => {
    const guest = granted()
    const request = guest.http.request(at('/seen'), { method: { tag: 'post' } })
    const body = request.body()
    const future = guest.http.handle(request)
    body[Symbol.dispose]()
    expect(thrownBy(() => guest.http.settle(future))).toEqual({ tag: 'connection-terminated' })
  })

  it('cannot have trailers, and may say that it has none', () => {
    const guest = granted()
    const send = (trailers: readonly (readonly [string, string])[]): unknown => {
      const request = guest.http.request(at('/seen'), { method: { tag: 'post' } })
      const body = request.body()
      const future = guest.http.handle(request)
      const finished = thrownBy(() => guest.http.finish(body, guest.http.fields(trailers)))
      return finished === 'nothing' ? guest.http.settle(future).status() : finished
    }
    expect(send([['x-end', 'y']])).toEqual({ tag: 'HTTP-request-trailer-section-size', val: 0 })
    expect(send([])).toBe(200)
  })
})
