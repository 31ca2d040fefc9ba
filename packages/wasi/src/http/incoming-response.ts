import type { HttpField, HttpResponse } from '@bulkhead/host-services/client'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import type { ClientExchange } from './client-exchange.js'
import { HttpFailed } from './error-code.js'
import { Fields } from './fields.js'
import { alreadyTaken, failedWith, type HttpClasses, type Settled, settledWith } from './http-classes.js'
import { type BodySource, IncomingBody } from './incoming-body.js'

/** What stands behind a `future-incoming-response`. Dropped before its response was taken it calls the request off. */
export class FutureResponse implements ResourceState {
  readonly #exchange: ClientExchange
  #isTaken = false

  constructor(exchange: ClientExchange) {
    this.#exchange = exchange
  }

  subscribe({ streams }: HttpClasses): object {
    const exchange = this.#exchange
    const ready = (): boolean => this.#isTaken || exchange.broken() !== undefined
    const interest = () => exchange.interest('response')
    return streams.pollable.mint({ ready, interest, drop() {} })
  }

  get({ incomingResponses }: HttpClasses): Settled<object> | undefined {
    if (this.#isTaken) return alreadyTaken
    try {
      const response = this.#exchange.ask((client, handle) => client.response(handle))
      if (response === undefined) return undefined
      this.#isTaken = true
      return settledWith(incomingResponses.mint(new IncomingResponse(this.#exchange, response)))
    } catch (thrown) {
      if (!(thrown instanceof HttpFailed)) throw thrown
      this.#isTaken = true
      this.#exchange.close()
      return failedWith(thrown.code)
    }
  }

  redecide(): void {
    this.#exchange.redecide()
  }

  drop(): void {
    if (!this.#isTaken) this.#exchange.close()
  }
}

/** What stands behind an `incoming-response`. */
export class IncomingResponse implements ResourceState {
  readonly #exchange: ClientExchange
  readonly status: number
  readonly fields: readonly HttpField[]
  #isConsumed = false

  constructor(exchange: ClientExchange, { status, fields }: HttpResponse) {
    this.#exchange = exchange
    this.status = status
    this.fields = fields
  }

  consume({ incomingBodies }: HttpClasses): object {
    if (this.#isConsumed) return fail(undefined)
    this.#isConsumed = true
    return incomingBodies.mint(new IncomingBody(responseSource(this.#exchange)))
  }

  redecide(): void {
    this.#exchange.redecide()
  }

  drop(): void {
    if (!this.#isConsumed) this.#exchange.close()
  }
}

function responseSource(exchange: ClientExchange): BodySource {
  return {
    read: (max) => {
      const pulled = exchange.ask((client, handle) => client.read(handle, max))
      if (pulled === 'would-block') return 'empty'
      return pulled === 'end' ? 'closed' : pulled
    },
    trailers: () => exchange.ask((client, handle) => client.trailers(handle)),
    broken: () => exchange.broken(),
    interest: () => exchange.interest('read'),
    redecide: () => exchange.redecide(),
    release: () => exchange.close(),
  }
}

export function incomingResponseFunctions(classes: HttpClasses): InterfaceImplementation['functions'] {
  const { fields } = classes
  return {
    '[method]future-incoming-response.subscribe': (self: FutureResponse) => self.subscribe(classes),
    '[method]future-incoming-response.get': (self: FutureResponse) => self.get(classes),
    '[method]incoming-response.status': (self: IncomingResponse) => self.status,
    '[method]incoming-response.headers': (self: IncomingResponse) => fields.mint(Fields.received(self.fields)),
    '[method]incoming-response.consume': (self: IncomingResponse) => self.consume(classes),
  }
}
