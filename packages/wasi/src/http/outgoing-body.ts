import type { HttpField, Interest } from '@bulkhead/host-services/client'
import { GuestMisuse } from '../endings.js'
import type { Poller } from '../io/poller.js'
import { type OutputStream, type StreamClasses, streamClosed } from '../io/stream-classes.js'
import { pieceBytes } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { type HttpErrorCode, HttpFailed } from './error-code.js'
import type { Fields } from './fields.js'
import { type HttpClasses, httpStreamFailed } from './http-classes.js'

/** Where a body goes. Nothing here waits; everything may fail with {@link HttpFailed}, and from then on does. */
export type BodySink = {
  /** How many of the bytes it took: 0 when there is no room now. */
  readonly push: (bytes: Uint8Array) => number
  /** The body is whole; `false` when there is no room to say so now. */
  readonly end: (trailers: readonly HttpField[]) => boolean
  /** The body will not be whole. Never fails. */
  readonly abort: (code: HttpErrorCode) => void
  /** Why it takes no more, where that is known without looking. */
  readonly broken: () => HttpErrorCode | undefined
  /** What the network is asked for room; absent where looking asks nobody. */
  readonly interest?: () => Interest
  readonly redecide: () => void
}

/**
 * What stands behind an `outgoing-body`. A guest may write before it hands its request or response over, so the body keeps
 * what nobody takes yet, a piece at most; and it keeps to the length that was declared for it, to the byte.
 */
export class OutgoingBody implements ResourceState {
  readonly #poller: Poller
  readonly #of: 'request' | 'response'
  readonly #declared: bigint | undefined
  #sink: BodySink | undefined
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #written = 0n
  #stream: 'untaken' | 'open' | 'dropped' = 'untaken'
  #failure: HttpErrorCode | undefined
  #isFailureTold = false
  #trailers: readonly HttpField[] | undefined
  /** Nothing more is done: it was sent to its end, or never will be. */
  #isOver = false

  constructor(of: 'request' | 'response', declared: bigint | undefined, poller: Poller) {
    this.#of = of
    this.#declared = declared
    this.#poller = poller
  }

  /** How long it is, once the guest has finished it. */
  get finishedBytes(): bigint | undefined {
    return this.#trailers === undefined ? undefined : this.#written
  }

  stream(streams: StreamClasses): object {
    if (this.#stream !== 'untaken') return fail(undefined)
    this.#stream = 'open'
    const stream: OutputStream = {
      permitted: 0,
      capacity: () => {
        this.#check(streams)
        return this.#room
      },
      ready: () => this.#isReady(),
      interest: () => this.#sink?.interest?.(),
      write: (bytes) => this.#write(bytes, streams),
      flushed: () => this.#isFlushed(),
      flushInterest: () => this.#sink?.interest?.(),
      redecide: () => this.#sink?.redecide(),
      drop: () => {
        this.#stream = 'dropped'
      },
    }
    return streams.output.mint(stream)
  }

  /** Its request or response is on its way: what was written so far goes there, and everything from now on. */
  attach(sink: BodySink): void {
    this.#sink = sink
    if (this.#failure !== undefined) this.#abort(this.#failure)
    else if (this.#trailers !== undefined) this.#complete(this.#trailers)
    else this.#pump()
  }

  /** Its request or response is not sent, or was thrown away: whoever writes to it is told, and waits for no room. */
  refuse(code: HttpErrorCode): void {
    if (this.#sink === undefined) this.#break(code)
  }

  /** @throws the `error-code` with which it is not whole. */
  finish(trailers: Fields | undefined): void {
    if (this.#stream === 'open') throw new GuestMisuse('outgoing-body.finish while its output-stream is not dropped')
    if (this.#failure === undefined && this.#declared !== undefined && this.#written !== this.#declared) {
      this.#break(sizeFailure(this.#of, this.#written))
    }
    this.#trailers = trailers?.wire ?? []
    if (this.#sink !== undefined) this.#complete(this.#trailers)
    if (this.#failure !== undefined) fail(this.#failure)
  }

  redecide(): void {
    this.#sink?.redecide()
  }

  drop(): void {
    if (!this.#isOver && this.#trailers === undefined) this.#break({ tag: 'connection-terminated' })
  }

  get #room(): number {
    return Math.max(0, pieceBytes - this.#pendingBytes)
  }

  #isReady(): boolean {
    this.#look()
    return this.#failure !== undefined || this.#room > 0
  }

  #isFlushed(): boolean {
    this.#look()
    // What the sink has is on its way. To wait until the other end has read it would take a turn of the host's for each write.
    return this.#failure !== undefined || this.#sink === undefined || this.#pendingBytes === 0
  }

  /** Goes on as far as that asks nobody. */
  #look(): void {
    const broken = this.#sink?.broken()
    if (broken !== undefined) this.#failure ??= broken
    else if (this.#sink !== undefined && this.#sink.interest === undefined) this.#pump()
  }

  #check(streams: StreamClasses): void {
    if (this.#trailers !== undefined || this.#isFailureTold) streamClosed()
    const broken = this.#sink?.broken()
    if (broken !== undefined) this.#failure ??= broken
    this.#pump()
    if (this.#failure === undefined) return
    this.#isFailureTold = true
    httpStreamFailed(streams, this.#failure)
  }

  #write(bytes: Uint8Array, streams: StreamClasses): void {
    const written = this.#written + BigInt(bytes.byteLength)
    if (this.#declared !== undefined && written > this.#declared) this.#break(sizeFailure(this.#of, written))
    this.#check(streams)
    this.#written = written
    // A copy: the bytes are the guest's memory, which it may use again.
    this.#pending.push(bytes.slice())
    this.#pendingBytes += bytes.byteLength
    this.#pump()
  }

  /** Sends as much of what waits as is taken now. */
  #pump(): void {
    const sink = this.#sink
    if (sink === undefined || this.#failure !== undefined) return
    this.#attempt(() => {
      for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
        const taken = first.byteLength === 0 ? 0 : sink.push(first)
        this.#pendingBytes -= taken
        if (taken === first.byteLength) this.#pending.shift()
        else {
          this.#pending[0] = first.subarray(taken)
          return
        }
      }
    })
  }

  /** Sends all that waits, and that it is all. */
  #complete(trailers: readonly HttpField[]): void {
    const sink = this.#sink
    this.#pump()
    while (sink !== undefined && this.#failure === undefined && this.#pendingBytes > 0) {
      this.#poller.wait({ ready: () => this.#isStirred(), interest: sink.interest })
      this.#pump()
    }
    if (sink !== undefined && this.#failure === undefined) {
      waitFor(this.#poller, () => this.#failure !== undefined || this.#attempt(() => sink.end(trailers)) !== false)
    }
    this.#isOver = true
  }

  /** Whether something moved for a body that waits for room. */
  #isStirred(): boolean {
    const before = this.#pendingBytes
    this.#look()
    return this.#failure !== undefined || this.#pendingBytes < before
  }

  #attempt<Value>(act: () => Value): Value | undefined {
    try {
      return act()
    } catch (thrown) {
      if (!(thrown instanceof HttpFailed)) throw thrown
      this.#failure ??= thrown.code
      return undefined
    }
  }

  #break(code: HttpErrorCode): void {
    this.#failure ??= code
    this.#abort(this.#failure)
  }

  #abort(code: HttpErrorCode): void {
    this.#pending = []
    this.#pendingBytes = 0
    if (this.#sink === undefined) return
    this.#isOver = true
    this.#sink.abort(code)
  }
}

/** Waits until the attempt says `true`: it is made again whenever the actor wakes. */
export function waitFor(poller: Poller, attempt: () => boolean): void {
  let isDone = attempt()
  const ready = (): boolean => {
    isDone ||= attempt()
    return isDone
  }
  if (!isDone) poller.wait({ ready })
}

function sizeFailure(of: 'request' | 'response', bytes: bigint): HttpErrorCode {
  return { tag: of === 'request' ? 'HTTP-request-body-size' : 'HTTP-response-body-size', val: bytes }
}

export function outgoingBodyFunctions({ streams }: HttpClasses): InterfaceImplementation['functions'] {
  return {
    '[method]outgoing-body.write': (self: OutgoingBody) => self.stream(streams),
    '[static]outgoing-body.finish': (self: OutgoingBody, trailers: Fields | undefined) => self.finish(trailers),
  }
}
