import { PassThrough, type Readable } from 'node:stream'
import { type BulkheadError, Denial } from '@bulkhead/vocabulary'
import { httpWaitMs, responseFieldsMax, socketBufferBytes } from '../limits.js'
import { denial, type Verdict } from './gate.js'
import type { HttpConnection } from './http-connections.js'
import { type HttpPhase, httpErrorFrom, withFailure } from './http-error.js'
import type { CheckedHead, HttpField } from './http-head.js'
import { networkError } from './network-error.js'
import type { NetworkResource } from './network-resource.js'
import { type Pulled, PullReader } from './pull-reader.js'
import { PushWriter } from './push-writer.js'

export type ExchangePowers = {
  /** A connection to an address that was judged. @throws when there is none to be had. */
  readonly connect: (signal: AbortSignal) => Promise<HttpConnection>
  readonly giveBack: (connection: HttpConnection) => void
  /** Decides again: on the authority, and once it is connected on the address. */
  readonly judge: (connection: HttpConnection | undefined) => Verdict
  readonly onChange: () => void
  readonly allow: (bytes: number) => number
  readonly mayPass: () => boolean
  readonly responseBytesMax: number
  /** The request's header fields as they are sent: they may hold what nobody else is told. */
  readonly fields: readonly HttpField[]
}

export type HttpResponse = { readonly status: number; readonly fields: readonly HttpField[] }

/**
 * One request and its response. Redirects are the guest's to follow: as a request of its own, which is decided like any.
 */
export class HttpExchange implements NetworkResource {
  readonly #powers: ExchangePowers
  readonly #abort = new AbortController()
  readonly #upload: PassThrough | undefined
  readonly #writer: PushWriter | undefined
  #connection: HttpConnection | undefined
  #response: HttpResponse | undefined
  #reader: PullReader | undefined
  #trailers: readonly HttpField[] = []
  #readBytes = 0
  #error: BulkheadError | undefined
  #isClosed = false
  #phase: HttpPhase = 'connect'

  constructor(head: CheckedHead, powers: ExchangePowers) {
    this.#powers = powers
    if (head.request.body === 'stream') {
      this.#upload = new PassThrough({ highWaterMark: socketBufferBytes })
      this.#upload.on('error', () => undefined)
      this.#writer = new PushWriter(this.#upload, powers.onChange)
    }
    this.#run(head).catch((error) => this.#end(httpErrorFrom(error, this.#phase)))
  }

  get isReadable(): boolean {
    if (this.#error !== undefined) return true
    return this.#reader?.isReadable === true && this.#powers.mayPass()
  }

  /** Also: whether its response has begun. */
  get hasResponse(): boolean {
    return this.#error !== undefined || this.#response !== undefined
  }

  get isWritable(): boolean {
    if (this.#error !== undefined) return true
    return this.#writer !== undefined && this.#writer.room > 0 && this.#powers.mayPass()
  }

  get isFlushed(): boolean {
    return this.#error !== undefined || this.#writer === undefined || this.#writer.isFlushed
  }

  /** The response's head; `undefined` not yet. @throws {BulkheadError} `network-failed`, `network-access-denied`. */
  response(): HttpResponse | undefined {
    if (this.#response === undefined) this.#check()
    return this.#response
  }

  /** Fields behind the body, once that is read. */
  get trailers(): readonly HttpField[] {
    return this.#trailers
  }

  /** A piece of the response's body. @throws {BulkheadError} as `response`; `resource-limit-exceeded` past its bound. */
  read(max: number): Pulled {
    if (this.#reader === undefined) {
      this.#check()
      throw networkError('invalid-state', 'the response has not begun')
    }
    if (this.#error instanceof Denial) throw this.#error
    const pulled = this.#reader.pull(max, this.#powers.allow)
    if (pulled === 'would-block') this.#check()
    else if (pulled !== 'end') this.#count(pulled.length)
    return pulled
  }

  /** How many bytes of the request's body it took. @throws {BulkheadError} as `response`. */
  write(bytes: Uint8Array): number {
    this.#check()
    if (this.#writer === undefined || this.#writer.isEnded)
      throw networkError('invalid-state', 'the request has no body to write')
    return this.#writer.push(bytes, this.#powers.allow, this.#powers.onChange)
  }

  room(): { readonly bytes: number; readonly isFlushed: boolean } {
    this.#check()
    const bytes = this.#powers.mayPass() ? (this.#writer?.room ?? 0) : 0
    return { bytes, isFlushed: this.#writer?.isFlushed ?? true }
  }

  /** The request's body ends here. */
  shutdown(): void {
    this.#check()
    this.#writer?.end()
  }

  redecide(): void {
    if (this.#error !== undefined || this.#isClosed) return
    const verdict = this.#powers.judge(this.#connection)
    if (verdict.kind === 'denied') this.#end(denial(verdict))
  }

  close(): void {
    this.destroy()
  }

  destroy(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#abort.abort()
    this.#upload?.destroy()
    // In the middle of a response it is of no use to anybody else.
    this.#connection?.destroy()
    this.#connection = undefined
  }

  async #run({ request, origin, hostField }: CheckedHead): Promise<void> {
    const connection = await this.#powers.connect(this.#abort.signal)
    if (this.#isClosed) {
      connection.destroy()
      return
    }
    this.#connection = connection
    this.#phase = 'head'
    const answer = await connection.client.request({
      origin,
      path: request.path,
      method: request.method as 'GET',
      headers: ['host', hostField, ...this.#powers.fields.flat()],
      body: this.#upload ?? null,
      signal: this.#abort.signal,
      headersTimeout: boundedMs(request.firstByteMs),
      bodyTimeout: boundedMs(request.betweenBytesMs),
      highWaterMark: socketBufferBytes,
    })
    this.#phase = 'body'
    this.#response = { status: answer.statusCode, fields: fieldsOf(answer.headers) }
    this.#receive(answer.body, () => fieldsOf(answer.trailers), connection)
    this.#powers.onChange()
  }

  #receive(body: Readable, trailers: () => readonly HttpField[], connection: HttpConnection): void {
    this.#reader = new PullReader(body, this.#powers.onChange)
    body.on('error', (error) => this.#end(httpErrorFrom(error, 'body')))
    body.on('end', () => {
      if (this.#isClosed) return
      try {
        this.#trailers = trailers()
      } catch (error) {
        this.#end(httpErrorFrom(error, 'body'))
        return
      }
      this.#connection = undefined
      this.#powers.giveBack(connection)
    })
  }

  #count(bytes: number): void {
    this.#readBytes += bytes
    if (this.#readBytes <= this.#powers.responseBytesMax) return
    const limit = this.#powers.responseBytesMax
    const denial = new Denial('resource-limit-exceeded', `the response has more than ${limit} bytes`, {
      details: { resource: 'http response', limit },
    })
    this.#end(withFailure(denial, 'HTTP-response-body-size', limit))
    this.#check()
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error
  }

  #end(error: BulkheadError): void {
    if (!this.#isClosed) this.#error ??= error
    this.destroy()
    this.#powers.onChange()
  }
}

function boundedMs(wantedMs: number): number {
  return wantedMs === 0 ? httpWaitMs : Math.min(wantedMs, httpWaitMs)
}

/** Each value of its own; as Latin-1. */
function fieldsOf(headers: Readonly<Record<string, string | string[] | undefined>>): readonly HttpField[] {
  const fields = Object.entries(headers).flatMap(([name, value]) => {
    const values = value === undefined ? [] : Array.isArray(value) ? value : [value]
    return values.map((one): HttpField => [name, one])
  })
  if (fields.length <= responseFieldsMax) return fields
  const denial = new Denial(
    'resource-limit-exceeded',
    `the response has more than ${responseFieldsMax} header fields`,
    {
      details: { resource: 'http response fields', limit: responseFieldsMax },
    },
  )
  throw withFailure(denial, 'HTTP-response-header-section-size')
}
