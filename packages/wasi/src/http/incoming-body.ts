import type { HttpField, Interest } from '@bulkhead/host-services/client'
import { GuestMisuse } from '../endings.js'
import { type InputStream, streamClosed } from '../io/stream-classes.js'
import { httpDiscardedPiecesMax, pieceBytes } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { type HttpErrorCode, HttpFailed } from './error-code.js'
import { Fields } from './fields.js'
import {
  alreadyTaken,
  failedWith,
  type HttpClasses,
  httpStreamFailed,
  type Settled,
  settledWith,
} from './http-classes.js'

/** Where the bytes of a body come from. */
export type BodySource = {
  /** At most `max` bytes, or why there are none: none yet, or none any more. Never waits. @throws {HttpFailed} */
  readonly read: (max: number) => Uint8Array | 'empty' | 'closed'
  /** What came behind the body, once it is read. @throws {HttpFailed} */
  readonly trailers: () => readonly HttpField[]
  /** Why there will be no more of it, where that is known without looking. */
  readonly broken: () => HttpErrorCode | undefined
  /** What the network is asked for more of it; absent where looking asks nobody. */
  readonly interest?: () => Interest
  readonly redecide: () => void
  /** Nobody wants any more of it. */
  readonly release: () => void
}

const nothing = new Uint8Array(0)

/** What stands behind an `incoming-body`: pieces are taken whole and given to the guest as small as it asks for them. */
export class IncomingBody implements ResourceState {
  readonly #source: BodySource
  #held: Uint8Array = nothing
  #isEnded = false
  /** Why it ended before it was whole; the stream tells it once, and is closed then. */
  #failure: HttpErrorCode | undefined
  #isFailureTold = false
  #stream: 'untaken' | 'open' | 'dropped' = 'untaken'

  constructor(source: BodySource) {
    this.#source = source
  }

  stream({ streams }: HttpClasses): object {
    if (this.#stream !== 'untaken') return fail(undefined)
    this.#stream = 'open'
    const stream: InputStream = {
      read: (max) => {
        try {
          return this.#read(max)
        } catch (thrown) {
          if (thrown instanceof HttpFailed) return httpStreamFailed(streams, thrown.code)
          throw thrown
        }
      },
      ready: () => this.ready(),
      interest: () => this.interest(),
      redecide: () => this.redecide(),
      drop: () => {
        this.#stream = 'dropped'
      },
    }
    return streams.input.mint(stream)
  }

  /** WIT: `finish` traps while the stream is there. */
  checkFinished(): void {
    if (this.#stream === 'open') throw new GuestMisuse('incoming-body.finish while its input-stream is not dropped')
  }

  /** Whether there are bytes, or an end, as far as is known without asking anybody. */
  ready(): boolean {
    if (this.#held.byteLength > 0 || this.#isEnded || this.#source.broken() !== undefined) return true
    return this.#source.interest === undefined && this.#fill()
  }

  interest(): Interest | undefined {
    return this.ready() ? undefined : this.#source.interest?.()
  }

  /**
   * What came behind the body, of which the rest is thrown away; `undefined` while it is not whole.
   *
   * @throws {HttpFailed}
   */
  trailers(): readonly HttpField[] | undefined {
    for (let pieces = 0; pieces < httpDiscardedPiecesMax; pieces++) {
      this.#held = nothing
      if (!this.#fill()) return undefined
      if (this.#failure !== undefined) throw new HttpFailed(this.#failure)
      if (this.#isEnded) return this.#source.trailers()
    }
    return undefined
  }

  redecide(): void {
    this.#source.redecide()
  }

  drop(): void {
    this.#held = nothing
    this.#isEnded = true
    this.#source.release()
  }

  #read(max: number): Uint8Array {
    if (max === 0 || !this.#fill()) return nothing
    if (this.#held.byteLength > 0) {
      const taken = this.#held.subarray(0, max)
      this.#held = this.#held.subarray(taken.byteLength)
      return taken
    }
    if (this.#failure === undefined || this.#isFailureTold) return streamClosed()
    this.#isFailureTold = true
    throw new HttpFailed(this.#failure)
  }

  /** Whether there is something to say now: bytes, or an end. */
  #fill(): boolean {
    const broken = this.#source.broken()
    if (broken !== undefined) this.#break(broken)
    if (this.#held.byteLength > 0 || this.#isEnded) return true
    try {
      const came = this.#source.read(pieceBytes)
      if (came === 'empty') return false
      if (came === 'closed') this.#isEnded = true
      else this.#held = came
    } catch (thrown) {
      if (!(thrown instanceof HttpFailed)) throw thrown
      this.#break(thrown.code)
    }
    return true
  }

  /** What is held is given to nobody: its exchange may not be allowed any more. */
  #break(failure: HttpErrorCode): void {
    if (this.#isEnded) return
    this.#held = nothing
    this.#isEnded = true
    this.#failure = failure
  }
}

/** What stands behind a `future-trailers`: the body that was finished, of which only the end is wanted. */
export class FutureTrailers implements ResourceState {
  readonly #body: IncomingBody
  #isTaken = false

  constructor(body: IncomingBody) {
    this.#body = body
  }

  subscribe({ streams }: HttpClasses): object {
    const body = this.#body
    const ready = (): boolean => this.#isTaken || body.ready()
    return streams.pollable.mint({ ready, interest: () => (ready() ? undefined : body.interest()), drop() {} })
  }

  get({ fields }: HttpClasses): Settled<object | undefined> | undefined {
    if (this.#isTaken) return alreadyTaken
    try {
      const wire = this.#body.trailers()
      if (wire === undefined) return undefined
      this.#isTaken = true
      return settledWith(wire.length === 0 ? undefined : fields.mint(Fields.received(wire)))
    } catch (thrown) {
      if (!(thrown instanceof HttpFailed)) throw thrown
      this.#isTaken = true
      return failedWith(thrown.code)
    }
  }

  redecide(): void {
    this.#body.redecide()
  }

  drop(): void {
    this.#body.drop()
  }
}

export function incomingBodyFunctions(classes: HttpClasses): InterfaceImplementation['functions'] {
  return {
    '[method]incoming-body.stream': (self: IncomingBody) => self.stream(classes),
    '[static]incoming-body.finish': (self: IncomingBody) => {
      self.checkFinished()
      return classes.futureTrailers.mint(new FutureTrailers(self))
    },
    '[method]future-trailers.subscribe': (self: FutureTrailers) => self.subscribe(classes),
    '[method]future-trailers.get': (self: FutureTrailers) => self.get(classes),
  }
}
