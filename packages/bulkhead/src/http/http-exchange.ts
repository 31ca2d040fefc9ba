import type { IncomingMessage, ServerResponse } from 'node:http'
import { type HttpFields, httpPieceBytesMax } from '@bulkhead/actor'
import type { Clock } from '@bulkhead/vocabulary'
import { refuse } from './answers.js'
import { interimFields, lengthIn, requestTrailers, responseFields, responseTrailers } from './fields.js'
import { proceed, sendInterim, speaks11 } from './interim.js'
import { clientBytesMax, restMs } from './limits.js'

/** How an exchange went, for those who count. `dropped`: by its client. */
export type ExchangeEnd = 'served' | 'failed' | 'refused' | 'dropped'

export type ExchangeSpec = {
  readonly number: number
  /** Whose mailbox it lies in. */
  readonly member: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The whole body, where it was waited for. */
  readonly collected: Uint8Array | undefined
  readonly bodyBytesMax: number
  readonly clock: Clock
  readonly onEnd: (end: ExchangeEnd) => void
}

/** One request of a client and the answer to it: the client's side of it. */
export class HttpExchange {
  readonly number: number
  readonly member: string
  readonly #spec: ExchangeSpec
  readonly #isHead: boolean
  #state: 'queued' | 'begun' | 'headed' | 'answered' | 'gone' = 'queued'
  #leftBytes: number | undefined
  #isBlocked = false
  #isAsking = false
  #isDropped = false
  #onGone: () => void = () => {}
  #onLeft: () => void = () => {}

  constructor(spec: ExchangeSpec) {
    this.#spec = spec
    this.number = spec.number
    this.member = spec.member
    this.#isHead = spec.request.method === 'HEAD'
    spec.response.once('close', () => {
      if (!spec.response.writableFinished) this.#give('dropped')
    })
  }

  /** Nobody waits for the answer any more, or sends the rest of the request. */
  get isGone(): boolean {
    return this.#state === 'gone'
  }

  /** Whether that is its client's doing. */
  get isDropped(): boolean {
    return this.#isDropped
  }

  get isQueued(): boolean {
    return this.#state === 'queued'
  }

  /** Whether the client has to take what it asked for. */
  get isBlocked(): boolean {
    return this.#isBlocked
  }

  /** Whether the client has to send more. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** Calls back when it waits in a mailbox no more. */
  onLeft(left: () => void): void {
    if (this.isQueued) this.#onLeft = left
    else left()
  }

  /** A guest has it in hand. `onGone` is called when nobody waits for its answer any more. */
  begin(onGone: () => void): void {
    if (this.#state !== 'queued') {
      onGone()
      return
    }
    this.#state = 'begun'
    this.#onLeft()
    this.#onGone = onGone
    if (this.#spec.collected === undefined) proceed(this.#spec.request, this.#spec.response)
  }

  /** The body of the request, in pieces; ends early when the client is gone or sends too much. */
  async *body(): AsyncGenerator<Uint8Array> {
    const { collected, request, bodyBytesMax } = this.#spec
    if (collected !== undefined) {
      yield* pieces(collected)
      return
    }
    let bytes = 0
    const source: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false })
    try {
      while (!this.isGone) {
        this.#isAsking = true
        const next = await source.next().catch(() => undefined)
        this.#isAsking = false
        if (this.isGone) return
        if (next === undefined || next.done === true) {
          // Also who has its answer already may leave in the middle of its request: its guest must not wait for the rest.
          if (!this.isWhole) this.#give('dropped')
          return
        }
        bytes += next.value.length
        if (bytes > bodyBytesMax) {
          this.refuse(413, 'dropped')
          return
        }
        yield* pieces(next.value)
      }
    } finally {
      await source.return?.()
    }
  }

  /** Whether the body has come to its end. */
  get isWhole(): boolean {
    return this.#spec.collected !== undefined || this.#spec.request.complete
  }

  trailers(): HttpFields {
    return requestTrailers(this.#spec.request.rawTrailers)
  }

  /** Resolves when more may come: as of a body, little is kept for a client that takes none of it. */
  async informational(status: number, fields: HttpFields): Promise<void> {
    const { request, response } = this.#spec
    if (this.#state !== 'begun' || !speaks11(request)) return
    this.#isBlocked = true
    await sendInterim(response, status, interimFields(fields))
    this.#isBlocked = false
  }

  head(status: number, fields: HttpFields): void {
    if (this.#state !== 'begun') return
    const kept = responseFields(fields)
    const length = lengthIn(kept)
    if (length === 'bad') {
      this.refuse(500, 'failed')
      return
    }
    const hasBody = !this.#isHead && status !== 204 && status !== 304
    this.#leftBytes = hasBody ? length : undefined
    this.#state = 'headed'
    const sent = status === 204 ? kept.filter(([name]) => name.toLowerCase() !== 'content-length') : kept
    this.#spec.response.writeHead(status, sent.flat())
  }

  /** Resolves when more may come. What nobody takes is dropped. */
  async write(bytes: Uint8Array): Promise<void> {
    const { response } = this.#spec
    if (this.#state !== 'headed') return
    if (this.#leftBytes !== undefined) this.#leftBytes -= bytes.length
    if (this.#leftBytes !== undefined && this.#leftBytes < 0) {
      this.refuse(500, 'failed')
      return
    }
    if (response.write(bytes) || response.writableLength <= clientBytesMax) return
    this.#isBlocked = true
    await roomIn(response)
    this.#isBlocked = false
  }

  /** The response is whole. */
  end(fields: HttpFields): void {
    const { response, clock } = this.#spec
    if (this.#state !== 'headed') return
    if (this.#leftBytes !== undefined && this.#leftBytes > 0) {
      this.refuse(500, 'failed')
      return
    }
    const trailers = responseTrailers(fields)
    if (trailers.length > 0) response.addTrailers(trailers.map(([name, value]) => [name, value] as [string, string]))
    this.#state = 'answered'
    this.#spec.onEnd('served')
    if (!this.isWhole) this.#watchRest()
    response.end()
    const cancel = clock.after(restMs, () => response.destroy())
    response.once('close', cancel)
  }

  /** Who has its answer may leave in the middle of its request: the request itself does not hear of that any more. */
  #watchRest(): void {
    const { request } = this.#spec
    const { socket } = request
    const left = (): void => void request.destroy()
    socket.once('close', left)
    request.once('close', () => socket.off('close', left))
  }

  /** There will be no whole response: `status` says why, where nothing of it was sent yet. */
  refuse(status: number, end: ExchangeEnd, fields?: Readonly<Record<string, string>>): void {
    const { request, response } = this.#spec
    if (this.#state === 'gone') return
    if (this.#state === 'answered') {
      // It has its answer, and sends the rest of its request too slowly, or more of it than it may.
      if (end !== 'dropped') return
      this.#give(end)
      request.destroy()
      return
    }
    // Behind what it does not take it would not read an answer either.
    const isCut = this.#state === 'headed' || this.#isBlocked
    this.#give(end)
    if (isCut) response.destroy()
    else refuse(request, response, status, fields)
  }

  #give(end: ExchangeEnd): void {
    if (this.#state === 'gone') return
    const isCounted = this.#state !== 'answered'
    if (this.isQueued) this.#onLeft()
    this.#state = 'gone'
    this.#isDropped = end === 'dropped'
    if (isCounted) this.#spec.onEnd(end)
    this.#onGone()
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += httpPieceBytesMax) yield bytes.subarray(at, at + httpPieceBytesMax)
}

/** Resolves when what was written is gone, or its reader is. */
function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go)
      response.off('close', go)
      resolve()
    }
    response.once('drain', go)
    response.once('close', go)
    if (response.destroyed || response.closed) go()
  })
}
