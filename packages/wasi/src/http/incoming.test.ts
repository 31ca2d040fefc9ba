import { afterEach, describe, expect, it } from 'vitest'
import { cleanUp, TestGuest } from '../guest.test-support.js'
import {
  type FutureTrailers,
  type GuestIncomingRequest,
  type GuestOutgoingResponse,
  type GuestOutparam,
  HttpApi,
  latin,
  recordOf,
  thrownBy,
} from './http.test.support.js'
import type { IncomingBodySource, IncomingExchange, IncomingHead, OpenHttp, ResponseSink } from './incoming-powers.js'

afterEach(cleanUp)

/** Whoever sent the request: what it sends, and what comes back to it. */
class Client implements IncomingExchange {
  readonly told: unknown[] = []
  room = 1_000_000
  isThere = true
  readonly #parts: (Uint8Array | 'failed')[] = []
  #isWhole = false
  readonly head: IncomingHead
  readonly body: IncomingBodySource = {
    read: (max) => {
      const part = this.#parts.shift()
      if (part === undefined) return this.#isWhole ? 'closed' : 'empty'
      if (part !== 'failed' && part.length > max) this.#parts.unshift(part.subarray(max))
      return part === 'failed' ? part : part.subarray(0, max)
    },
    trailers: () => [['x-end', 'yes']],
  }
  readonly response: ResponseSink = {
    isWanted: () => this.isThere,
    informational: (status, fields) => this.#take({ status, fields }),
    head: (status, fields) => this.#take({ status, fields }),
    capacity: () => this.room,
    write: (bytes) => {
      this.room -= bytes.length
      this.#take(Buffer.from(bytes).toString())
    },
    flushed: () => this.room > 0,
    end: (trailers) => this.#take({ trailers }),
    fail: (code) => this.#take(code),
  }

  constructor(head: Partial<IncomingHead> = {}) {
    this.head = {
      method: 'POST',
      scheme: 'http',
      authority: 'api.test',
      pathWithQuery: '/a?b',
      fields: [
        ['Host', 'api.test'],
        ['X-One', '\xe9'],
        ['connection', 'close'],
      ],
      ...head,
    }
  }

  send(part: string | 'failed'): this {
    this.#parts.push(part === 'failed' ? part : latin(part))
    return this
  }

  end(): this {
    this.#isWhole = true
    return this
  }

  #take(what: unknown): boolean {
    if (this.room <= 0 && typeof what !== 'string') return false
    this.told.push(what)
    return true
  }
}

type Opened = {
  readonly guest: TestGuest
  readonly http: HttpApi
  readonly client: Client
  readonly open: OpenHttp
  readonly request: GuestIncomingRequest
  readonly outparam: GuestOutparam
  readonly respond: (status?: number, fields?: readonly (readonly [string, string])[]) => GuestOutgoingResponse
  readonly set: (answer: object) => void
}

function opened(client = new Client()): Opened {
  const guest = new TestGuest({})
  const http = new HttpApi(guest)
  const open = guest.host.openHttp(client)
  return {
    guest,
    http,
    client,
    open,
    request: open.request as GuestIncomingRequest,
    outparam: open.outparam as GuestOutparam,
    respond: (status = 200, fields = []) => {
      const response = http.make<GuestOutgoingResponse>('OutgoingResponse', http.fields(fields))
      response.setStatusCode(status)
      return response
    },
    set: (answer) => http.on('ResponseOutparam', 'set', open.outparam, answer),
  }
}

describe('a request to a guest', () => {
  it('is what was sent, without what belongs to the connection', () => {
    const { request } = opened()
    expect(request.method()).toEqual({ tag: 'post' })
    expect([request.pathWithQuery(), request.authority(), request.scheme()]).toEqual([
      '/a?b',
      'api.test',
      { tag: 'HTTP' },
    ])
    expect(recordOf(request.headers())).toEqual({ 'X-One': '\xe9' })
    expect(thrownBy(() => request.headers().append('x', latin('y')))).toEqual({ tag: 'immutable' })
    const odd = opened(new Client({ method: 'purge', scheme: 'https', authority: undefined })).request
    expect([odd.method(), odd.scheme(), odd.authority()]).toEqual([
      { tag: 'other', val: 'purge' },
      { tag: 'HTTPS' },
      undefined,
    ])
  })

  it('has a body that comes in pieces, with trailers behind it', () => {
    const { request, client, guest, http } = opened()
    const body = request.consume()
    expect(thrownBy(() => request.consume())).toBeUndefined()
    const stream = body.stream()
    const pollable = stream.subscribe()
    expect([stream.read(10n).length, stream.read(0n).length, pollable.ready()]).toEqual([0, 0, false])
    guest.onPark = () => void client.send('hello world')
    pollable.block()
    expect(Buffer.from(stream.read(5n)).toString()).toBe('hello')
    expect(Buffer.from(stream.blockingRead(100n)).toString()).toBe(' world')
    client.end()
    expect(thrownBy(() => stream.read(1n))).toEqual({ tag: 'closed' })
    pollable[Symbol.dispose]()
    stream[Symbol.dispose]()
    const trailers = http.on<FutureTrailers>('IncomingBody', 'finish', body)
    const got = http.settle(trailers)
    expect(got && recordOf(got)).toEqual({ 'x-end': 'yes' })
  })

  it('whose client goes away in the middle says so', () => {
    const { request, client, http } = opened()
    client.send('part').send('failed')
    const body = request.consume()
    const stream = body.stream()
    expect(stream.read(10n).length).toBe(4)
    expect(http.errorCode(thrownBy(() => stream.read(10n)))).toEqual({ tag: 'connection-terminated' })
    expect(thrownBy(() => stream.read(10n))).toEqual({ tag: 'closed' })
  })
})

describe('the answer of a guest', () => {
  it('is its head, then its body as it writes it, then its trailers', () => {
    const { http, client, respond, set, open } = opened()
    const response = respond(201, [['x-a', 'b']])
    expect([response.statusCode(), recordOf(response.headers())]).toEqual([201, { 'x-a': 'b' }])
    const body = response.body()
    expect(thrownBy(() => response.body())).toBeUndefined()
    const stream = body.write()
    stream.blockingWriteAndFlush(latin('early '))
    set({ tag: 'ok', val: response })
    expect(client.told).toEqual([{ status: 201, fields: [['x-a', 'b']] }, 'early '])
    expect(open.end).toBeTypeOf('function')
    stream.blockingWriteAndFlush(latin('late'))
    stream.blockingFlush()
    stream[Symbol.dispose]()
    http.finish(body, http.fields([['x-end', 'yes']]))
    expect(client.told.slice(2)).toEqual(['late', { trailers: [['x-end', 'yes']] }])
    expect(open.end()).toBe('answered')
  })

  it('may have no body, or one that was finished before it was sent', () => {
    const bare = opened()
    bare.set({ tag: 'ok', val: bare.respond(204) })
    expect(bare.client.told).toEqual([{ status: 204, fields: [] }, { trailers: [] }])
    expect(bare.open.end()).toBe('answered')
    const early = opened()
    const response = early.respond()
    const body = response.body()
    const stream = body.write()
    stream.blockingWriteAndFlush(latin('whole'))
    stream[Symbol.dispose]()
    early.http.finish(body)
    early.set({ tag: 'ok', val: response })
    expect(early.client.told).toEqual([{ status: 200, fields: [] }, 'whole', { trailers: [] }])
    expect(early.open.end()).toBe('answered')
  })

  it('waits for room, and the guest with it', () => {
    const { guest, http, client, respond, set, open } = opened()
    const response = respond()
    const body = response.body()
    set({ tag: 'ok', val: response })
    client.room = 10
    const stream = body.write()
    expect(stream.checkWrite()).toBe(65_536n)
    stream.write(new Uint8Array(65_536).fill(120))
    expect([stream.checkWrite(), stream.subscribe().ready()]).toEqual([10n, true])
    stream.write(new Uint8Array(10))
    expect([stream.checkWrite(), stream.subscribe().ready()]).toEqual([0n, false])
    let parks = 0
    guest.onPark = () => {
      parks++
      client.room = 20_000
    }
    stream.blockingFlush()
    expect(parks).toBeGreaterThan(0)
    stream[Symbol.dispose]()
    client.room = 0
    http.finish(body)
    expect(client.told.filter((one) => typeof one === 'string').join('').length).toBe(65_546)
    expect(open.end()).toBe('answered')
  })

  it('may be that there is none', () => {
    const { client, set, open } = opened()
    set({ tag: 'err', val: { tag: 'internal-error', val: 'no' } })
    expect(client.told).toEqual([{ tag: 'internal-error', val: 'no' }])
    expect(open.end()).toBe('failed')
  })

  it('keeps to the length that was said of it, and to statuses that there are', () => {
    const { http, client, respond, set, open } = opened()
    expect(thrownBy(() => respond(100))).toBeUndefined()
    expect(thrownBy(() => respond(1000))).toBeUndefined()
    const response = respond(200, [['content-length', '3']])
    const body = response.body()
    set({ tag: 'ok', val: response })
    const stream = body.write()
    stream.write.call(stream, new Uint8Array(0))
    stream.blockingWriteAndFlush(latin('abc'))
    const size = { tag: 'HTTP-response-body-size', val: 4n }
    expect(http.errorCode(thrownBy(() => stream.blockingWriteAndFlush(latin('d'))))).toEqual(size)
    expect(client.told.at(-1)).toEqual(size)
    stream[Symbol.dispose]()
    expect(thrownBy(() => http.finish(body))).toEqual(size)
    expect(open.end()).toBe('failed')
  })

  it('may be hinted at before', () => {
    const { http, client, outparam } = opened()
    outparam.sendInformational(103, http.fields([['link', '</x>']]))
    expect(client.told).toEqual([{ status: 103, fields: [['link', '</x>']] }])
    for (const status of [99, 200])
      expect(thrownBy(() => outparam.sendInformational(status, http.fields()))).toEqual({ tag: 'HTTP-protocol-error' })
    // There are no upgrades, and who expected to be told to go on has been told so already.
    const refused = thrownBy(() => outparam.sendInformational(101, http.fields()))
    expect(refused).toMatchObject({ tag: 'internal-error' })
    outparam.sendInformational(100, http.fields())
    expect(client.told).toHaveLength(1)
  })

  it('is not waited for when its client is gone', () => {
    const { http, client, respond, set } = opened()
    const response = respond()
    const body = response.body()
    set({ tag: 'ok', val: response })
    client.isThere = false
    const stream = body.write()
    expect(stream.subscribe().ready()).toBe(true)
    expect(http.errorCode(thrownBy(() => stream.checkWrite()))).toEqual({ tag: 'connection-terminated' })
    expect(thrownBy(() => stream.checkWrite())).toEqual({ tag: 'closed' })
  })

  it('that is thrown away takes no more', () => {
    const { http, respond } = opened()
    const response = respond()
    const stream = response.body().write()
    ;(response as unknown as Disposable)[Symbol.dispose]()
    expect(http.errorCode(thrownBy(() => stream.checkWrite()))).toEqual({ tag: 'connection-terminated' })
  })

  it('may not be finished before its stream is dropped', () => {
    const { http, respond } = opened()
    const body = respond().body()
    body.write()
    expect(() => http.finish(body)).toThrow(/output-stream is not dropped/)
  })
})

describe('when the handler is done', () => {
  it('what it left undone is known', () => {
    expect(opened().open.end()).toBe('unanswered')
    const half = opened()
    const response = half.respond()
    const body = response.body()
    half.set({ tag: 'ok', val: response })
    expect(half.open.end()).toBe('unfinished')
    const dropped = opened()
    const other = dropped.respond()
    const unfinished = other.body()
    dropped.set({ tag: 'ok', val: other })
    unfinished[Symbol.dispose]()
    expect(dropped.open.end()).toBe('failed')
    expect(dropped.client.told.at(-1)).toEqual({ tag: 'connection-terminated' })
    expect(body).toBeDefined()
  })

  it('its handles are good for being dropped, and for nothing else', () => {
    const { http, client, request, respond, set, open } = opened()
    client.send('more')
    const incoming = request.consume()
    const input = incoming.stream()
    const response = respond()
    const body = response.body()
    set({ tag: 'ok', val: response })
    const output = body.write()
    open.end()
    const told = client.told.length
    expect(http.errorCode(thrownBy(() => input.read(1n)))).toEqual({ tag: 'connection-terminated' })
    expect(http.errorCode(thrownBy(() => output.checkWrite()))).toEqual({ tag: 'connection-terminated' })
    output[Symbol.dispose]()
    input[Symbol.dispose]()
    incoming[Symbol.dispose]()
    body[Symbol.dispose]()
    request[Symbol.dispose]()
    expect(client.told).toHaveLength(told)
  })

  it('an answer that comes too late goes nowhere', () => {
    const { http, client, outparam, respond, set, open } = opened()
    open.end()
    outparam.sendInformational(103, http.fields())
    set({ tag: 'ok', val: respond() })
    expect(client.told).toEqual([])
    const failing = opened()
    failing.open.end()
    failing.set({ tag: 'err', val: { tag: 'internal-error', val: undefined } })
    expect(failing.client.told).toEqual([])
  })
})
