import type { HttpField } from '@bulkhead/host-services/client'
import type { Poller } from '../io/poller.js'
import { type HttpErrorCode, HttpFailed } from './error-code.js'
import type { BodySource } from './incoming-body.js'
import type { IncomingExchange, IncomingHead, IncomingOutcome } from './incoming-powers.js'
import { type BodySink, waitFor } from './outgoing-body.js'

const gone: HttpErrorCode = { tag: 'connection-terminated' }

/** A request to the guest and its answer. When the handler is done nothing of it leads anywhere any more. */
export class ServerExchange {
  readonly #exchange: IncomingExchange
  readonly #poller: Poller
  #outcome: IncomingOutcome = 'unanswered'
  #isOver = false

  constructor(exchange: IncomingExchange, poller: Poller) {
    this.#exchange = exchange
    this.#poller = poller
  }

  get head(): IncomingHead {
    return this.#exchange.head
  }

  end(): IncomingOutcome {
    this.#isOver = true
    return this.#outcome
  }

  informational(status: number, fields: readonly HttpField[]): void {
    waitFor(this.#poller, () => this.#isOver || this.#exchange.response.informational(status, fields))
  }

  answer(status: number, fields: readonly HttpField[]): void {
    waitFor(this.#poller, () => this.#isOver || this.#exchange.response.head(status, fields))
    this.#outcome = 'unfinished'
  }

  /** The whole body has been said to be there. */
  finish(trailers: readonly HttpField[]): void {
    waitFor(this.#poller, () => this.#end(trailers))
  }

  fail(code: HttpErrorCode): void {
    if (this.#isOver || this.#outcome === 'answered' || this.#outcome === 'failed') return
    waitFor(this.#poller, () => this.#exchange.response.fail(code))
    this.#outcome = 'failed'
  }

  source(): BodySource {
    const { body } = this.#exchange
    return {
      read: (max) => {
        const came = this.#isOver ? 'failed' : body.read(max)
        if (came === 'failed') throw new HttpFailed(gone)
        return came
      },
      trailers: () => body.trailers(),
      broken: () => (this.#isOver ? gone : undefined),
      redecide() {},
      release() {},
    }
  }

  sink(): BodySink {
    const { response } = this.#exchange
    const isGone = (): boolean => this.#isOver || !response.isWanted()
    return {
      push: (bytes) => {
        const taken = Math.min(response.capacity(), bytes.byteLength)
        if (taken > 0) response.write(bytes.subarray(0, taken))
        return taken
      },
      end: (trailers) => this.#end(trailers),
      abort: (code) => this.fail(code),
      broken: () => (isGone() ? gone : undefined),
      redecide() {},
    }
  }

  #end(trailers: readonly HttpField[]): boolean {
    if (!this.#isOver && !this.#exchange.response.end(trailers)) return false
    this.#outcome = 'answered'
    return true
  }
}
