// A guest that speaks HTTP through the real network service, in this thread; its servers have a thread of their own, because
// the guest blocks this one. Test support only; never shipped.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type NetworkChannelOptions, type NetworkChannelPort, NetworkService } from '@bulkhead/host-services'
import { SlotCaller, type WakeWord } from '@bulkhead/lane'
import { type Input, type Output, type Pollable, type Setup, TestGuest, tableOf } from '../guest.test-support.js'
import type { HostPowers } from '../powers.js'
import type { HttpErrorCode } from './error-code.js'
import { testCertificate, testKey } from './http-certificate.test.support.js'

/** What the servers do with a request, by its path. */
const servers = `
const { createServer } = require('node:http')
const { createServer: createTls } = require('node:https')
const { createServer: createRaw } = require('node:net')
const { gzipSync } = require('node:zlib')
const { parentPort, workerData } = require('node:worker_threads')
const read = async (request) => {
  let text = ''
  for await (const piece of request) text += piece.toString('latin1')
  return text
}
const serve = (request, response) => {
  request.on('error', () => undefined)
  answer(request, response).catch(() => undefined)
}
const answer = async (request, response) => {
  const { pathname, search } = new URL(request.url, 'http://x')
  response.on('error', () => undefined)
  switch (pathname) {
    case '/hello':
      response.setHeader('x-two', ['1', '2'])
      response.setHeader('connection', 'keep-alive, x-two')
      return response.end('hello')
    case '/seen': {
      const body = await read(request)
      const { method, url, rawHeaders: fields } = request
      return response.end(JSON.stringify({ method, url, fields, body, port: request.socket.remotePort }))
    }
    case '/echo':
      return request.pipe(response)
    case '/redirect':
      return response.writeHead(302, { location: search.slice(1) }).end('moved')
    case '/trailers':
      response.setHeader('trailer', 'x-end')
      response.write('body')
      response.addTrailers({ 'x-end': 'yes' })
      return response.end()
    case '/gzip':
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('zipped'))
    case '/hints':
      response.writeEarlyHints({ link: '</x>; rel=preload' })
      return response.end('after')
    case '/status':
      return response.writeHead(Number(search.slice(1))).end('a body')
    case '/big':
      return response.end(Buffer.alloc(Number(search.slice(1)), 'x'))
    case '/endless': {
      const more = () => {
        while (response.write(Buffer.alloc(16_384))) if (response.destroyed) return
        response.once('drain', more)
      }
      return more()
    }
    case '/slow-body':
      return response.write('begun')
    case '/slow-head':
      return
  }
}
const raw = {
  '/no-http': 'hello\\r\\n\\r\\n',
  '/endless-headers': 'HTTP/1.1 200 OK\\r\\n' + 'x: y\\r\\n'.repeat(40_000),
  '/many-headers': 'HTTP/1.1 200 OK\\r\\n' + 'x: y\\r\\n'.repeat(2_000) + '\\r\\n',
  '/two-lengths': 'HTTP/1.1 200 OK\\r\\ncontent-length: 1\\r\\ncontent-length: 2\\r\\n\\r\\nab',
  '/short': 'HTTP/1.1 200 OK\\r\\ncontent-length: 10\\r\\n\\r\\nab',
  '/bad-chunk': 'HTTP/1.1 200 OK\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n2\\r\\nab\\r\\nzz\\r\\n',
  '/upgrade': 'HTTP/1.1 101 Switching\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n',
  '/nothing': '',
  '/closed-body': 'HTTP/1.1 200 OK\\r\\nconnection: close\\r\\n\\r\\nto the end',
}
const answerRaw = (socket) => {
  socket.on('error', () => undefined)
  socket.once('data', (bytes) => {
    const path = bytes.toString('latin1').split(' ')[1]
    if (path !== '/mid-reset') return socket.end(raw[path] ?? '')
    socket.write('HTTP/1.1 200 OK\\r\\ncontent-length: 100\\r\\n\\r\\n0123456789')
    setTimeout(() => socket.resetAndDestroy(), 50)
  })
}
const all = [createServer(serve), createTls({ cert: workerData.cert, key: workerData.key }, serve), createRaw(answerRaw)]
let left = all.length
for (const server of all) server.listen(0, '127.0.0.1', () => {
  if (--left === 0) parentPort.postMessage(all.map((one) => one.address().port))
})
`

const built = dirname(createRequire(import.meta.url).resolve('@bulkhead/host-services'))
const dns = {
  'api.test': [['127.0.0.1']],
  'other.test': [['127.0.0.1']],
  'secure.test': [['127.0.0.1']],
  'inner.test': [['10.0.0.1']],
  'none.test': [[]],
  'late.test': ['late'],
}

export type HttpGuest = TestGuest & { readonly channel: NetworkChannelPort; readonly http: HttpApi }

export type HttpLab = {
  readonly ports: { readonly http: number; readonly https: number; readonly raw: number }
  /** `far`: what the service decides by, where it is not what the guest's own side does. */
  readonly guest: (setup: Setup, options?: Partial<NetworkChannelOptions> & { readonly far?: Setup }) => HttpGuest
  readonly service: NetworkService
  readonly close: () => Promise<void>
}

export async function openHttpLab(): Promise<HttpLab> {
  const world = new Worker(servers, { eval: true, workerData: { cert: testCertificate, key: testKey } })
  const [[http, https, raw]] = (await once(world, 'message')) as [[number, number, number]]
  const service = await NetworkService.start({
    authorities: [testCertificate],
    spawn: (_, how) => {
      const fake = { dns, special: 'loopback-is-not', asked: new SharedArrayBuffer(4) }
      const workerData = { ...how?.workerData, fake }
      return new Worker(join(built, 'network', 'fake-network-thread.test.support.js'), { ...how, workerData })
    },
  })
  return {
    ports: { http, https, raw },
    service,
    guest: (setup, { far = setup, ...options } = {}) => {
      const wake: WakeWord = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
      const bandwidth = { rate: { amount: 1e9, perMs: 1_000 } }
      const channel = service.attach({ table: tableOf(far), bandwidth, wake, ...options })
      const word = new Int32Array(wake.buffer)
      const park: HostPowers['park'] = (seen) => void Atomics.wait(word, 0, seen, 50)
      const wakeCount = (): number => Atomics.load(word, 0)
      const caller = new SlotCaller(channel.slot, { nowNs: process.hrtime.bigint, wakeCount, park })
      const powers = { wakeCount, park, monotonicNs: process.hrtime.bigint, openService: () => caller, ...setup.powers }
      const guest = new TestGuest({ ...setup, powers })
      return Object.assign(guest, { channel, http: new HttpApi(guest) })
    },
    close: async () => {
      await service.close()
      await world.terminate()
    },
  }
}

type Result<T> = { readonly tag: 'ok'; readonly val: T } | { readonly tag: 'err'; readonly val: HttpErrorCode }
type Future<T> = { readonly get: () => { tag: 'ok'; val: Result<T> } | { tag: 'err' } | undefined } & {
  readonly subscribe: () => Pollable
} & Disposable

export type GuestFields = {
  get: (name: string) => Uint8Array[]
  has: (name: string) => boolean
  set: (name: string, values: Uint8Array[]) => void
  delete: (name: string) => void
  append: (name: string, value: Uint8Array) => void
  entries: () => [string, Uint8Array][]
  clone: () => GuestFields
}
export type GuestRequest = {
  body: () => GuestOutgoingBody
  method: () => object
  setMethod: (method: object) => void
  pathWithQuery: () => string | undefined
  setPathWithQuery: (path: string | undefined) => void
  scheme: () => object | undefined
  setScheme: (scheme: object | undefined) => void
  authority: () => string | undefined
  setAuthority: (authority: string | undefined) => void
  headers: () => GuestFields
}
export type GuestOptions = {
  setConnectTimeout: (ns: bigint) => void
  setFirstByteTimeout: (ns: bigint) => void
  setBetweenBytesTimeout: (ns: bigint) => void
  connectTimeout: () => bigint | undefined
  firstByteTimeout: () => bigint | undefined
  betweenBytesTimeout: () => bigint | undefined
}
export type GuestOutgoingBody = { write: () => Output } & Disposable
export type GuestIncomingBody = { stream: () => Input } & Disposable
export type GuestResponse = {
  status: () => number
  headers: () => GuestFields
  consume: () => GuestIncomingBody
} & Disposable
export type FutureResponse = Future<GuestResponse>
export type FutureTrailers = Future<GuestFields | undefined>
export type GuestOutgoingResponse = {
  statusCode: () => number
  setStatusCode: (status: number) => void
  headers: () => GuestFields
  body: () => GuestOutgoingBody
}
export type GuestIncomingRequest = {
  method: () => object
  pathWithQuery: () => string | undefined
  scheme: () => object | undefined
  authority: () => string | undefined
  headers: () => GuestFields
  consume: () => GuestIncomingBody
} & Disposable
export type GuestOutparam = { sendInformational: (status: number, headers: GuestFields) => void } & Disposable

export type Fetch = {
  readonly method?: object
  readonly fields?: readonly (readonly [string, string])[]
  readonly body?: string
  readonly options?: (options: GuestOptions) => void
}
export type Fetched = {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string
  readonly trailers: Readonly<Record<string, string>> | undefined
}

const types = 'wasi:http/types'

/** `wasi:http` as the glue calls it, and what a guest's library makes of it. */
export class HttpApi {
  readonly #guest: TestGuest

  constructor(guest: TestGuest) {
    this.#guest = guest
  }

  make<T>(name: string, ...args: unknown[]): T {
    return new (this.#guest.glueClass(types, name))(...args) as T
  }

  /** A static function. */
  on<T>(name: string, method: string, ...args: unknown[]): T {
    const found = (this.#guest.glueClass(types, name) as unknown as Record<string, (...args: unknown[]) => T>)[method]
    if (found === undefined) throw new TypeError(`no ${name}.${method}`)
    return found(...args)
  }

  fields(entries: readonly (readonly [string, string])[] = []): GuestFields {
    return this.on(
      'Fields',
      'fromList',
      entries.map(([name, value]) => [name, latin(value)]),
    )
  }

  request(url: string, { method, fields = [] }: Fetch = {}): GuestRequest {
    const [, scheme, authority, path] = /^(\w+):\/\/([^/]*)(.*)$/s.exec(url) ?? []
    const request = this.make<GuestRequest>('OutgoingRequest', this.fields(fields))
    if (method !== undefined) request.setMethod(method)
    request.setScheme(
      scheme === 'http' ? { tag: 'HTTP' } : scheme === 'https' ? undefined : { tag: 'other', val: scheme },
    )
    request.setAuthority(authority)
    if (path !== '') request.setPathWithQuery(path)
    return request
  }

  handle(request: GuestRequest, options?: (options: GuestOptions) => void): FutureResponse {
    const made = options === undefined ? undefined : this.make<GuestOptions>('RequestOptions')
    if (made !== undefined) options?.(made)
    return this.#guest.call('wasi:http/outgoing-handler', 'handle', request, made)
  }

  finish(body: GuestOutgoingBody, trailers?: GuestFields): void {
    this.on('OutgoingBody', 'finish', body, trailers)
  }

  /** Waits; throws the error code. */
  settle<T>(future: Future<T>): T {
    const pollable = future.subscribe()
    for (;;) {
      const settled = future.get()
      if (settled === undefined) {
        pollable.block()
        continue
      }
      pollable[Symbol.dispose]()
      if (settled.tag === 'err') throw new Error('taken already')
      if (settled.val.tag === 'ok') return settled.val.val
      throw settled.val.val
    }
  }

  /** Everything; throws the error code of the stream. */
  text(body: GuestIncomingBody): string {
    const stream = body.stream()
    let text = ''
    try {
      for (;;) text += Buffer.from(stream.blockingRead(65_536n)).toString('latin1')
    } catch (thrown) {
      if ((thrown as { tag?: string }).tag !== 'closed') throw this.errorCode(thrown) ?? thrown
      return text
    } finally {
      stream[Symbol.dispose]()
    }
  }

  /** The error code behind a `last-operation-failed`. */
  errorCode(thrown: unknown): HttpErrorCode | undefined {
    const { tag, val } = thrown as { tag?: string; val?: unknown }
    return tag === 'last-operation-failed' ? this.#guest.call(types, 'httpErrorCode', val) : undefined
  }

  fetch(url: string, how: Fetch = {}): Fetched {
    const request = this.request(url, how)
    const body = how.body === undefined ? undefined : request.body()
    const future = this.handle(request, how.options)
    if (body !== undefined) {
      const stream = body.write()
      for (let at = 0; at < (how.body ?? '').length; at += 4096)
        stream.blockingWriteAndFlush(latin((how.body ?? '').slice(at, at + 4096)))
      stream[Symbol.dispose]()
      this.finish(body)
    }
    const response = this.settle(future)
    future[Symbol.dispose]()
    const incoming = response.consume()
    const fields = recordOf(response.headers())
    const text = this.text(incoming)
    const futureTrailers = this.on<FutureTrailers>('IncomingBody', 'finish', incoming)
    const trailers = this.settle(futureTrailers)
    futureTrailers[Symbol.dispose]()
    const status = response.status()
    response[Symbol.dispose]()
    return { status, fields, body: text, trailers: trailers === undefined ? undefined : recordOf(trailers) }
  }
}

export function latin(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

export function recordOf(fields: GuestFields): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [name, value] of fields.entries()) {
    const text = Buffer.from(value).toString('latin1')
    record[name] = record[name] === undefined ? text : `${record[name]}, ${text}`
  }
  return record
}

/** What it throws that is no `Error`; `'nothing'` where it throws nothing. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown
    return thrown
  }
  return 'nothing'
}
