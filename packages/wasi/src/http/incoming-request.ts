import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { Fields } from './fields.js'
import type { HttpClasses } from './http-classes.js'
import { IncomingBody } from './incoming-body.js'
import type { ServerExchange } from './server-exchange.js'
import { methodOf, schemeOf } from './words.js'

/** What stands behind an `incoming-request`. */
export class IncomingRequest implements ResourceState {
  readonly exchange: ServerExchange
  #isConsumed = false

  constructor(exchange: ServerExchange) {
    this.exchange = exchange
  }

  consume({ incomingBodies }: HttpClasses): object {
    if (this.#isConsumed) return fail(undefined)
    this.#isConsumed = true
    return incomingBodies.mint(new IncomingBody(this.exchange.source()))
  }

  drop(): void {}
}

export function incomingRequestFunctions(classes: HttpClasses): InterfaceImplementation['functions'] {
  const { fields } = classes
  return {
    '[method]incoming-request.method': ({ exchange }: IncomingRequest) => methodOf(exchange.head.method),
    '[method]incoming-request.path-with-query': ({ exchange }: IncomingRequest) => exchange.head.pathWithQuery,
    '[method]incoming-request.scheme': ({ exchange }: IncomingRequest) => schemeOf(exchange.head.scheme),
    '[method]incoming-request.authority': ({ exchange }: IncomingRequest) => exchange.head.authority,
    '[method]incoming-request.headers': ({ exchange }: IncomingRequest) =>
      fields.mint(Fields.received(exchange.head.fields)),
    '[method]incoming-request.consume': (self: IncomingRequest) => self.consume(classes),
  }
}
