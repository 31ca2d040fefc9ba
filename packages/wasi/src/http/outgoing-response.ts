import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import type { HttpErrorCode } from './error-code.js'
import type { Fields } from './fields.js'
import type { HttpClasses } from './http-classes.js'
import { OutgoingBody } from './outgoing-body.js'
import type { ServerExchange } from './server-exchange.js'

/** What stands behind an `outgoing-response`. */
export type OutgoingResponse = ResourceState & {
  /** Fixed from the response's making on. */
  readonly fields: Fields
  status: number
  body: OutgoingBody | undefined
}

/** What stands behind a `response-outparam`: the one answer to a request. */
export type ResponseOutparam = ResourceState & { readonly exchange: ServerExchange }

type Answer =
  | { readonly tag: 'ok'; readonly val: OutgoingResponse }
  | { readonly tag: 'err'; readonly val: HttpErrorCode }

export function outgoingResponseFunctions(classes: HttpClasses): InterfaceImplementation['functions'] {
  const { outgoingResponses, outgoingBodies, fields, poller } = classes
  const make = (headers: Fields): OutgoingResponse => {
    const response: OutgoingResponse = {
      fields: headers.copy('fixed'),
      status: 200,
      body: undefined,
      drop: () => response.body?.refuse({ tag: 'connection-terminated' }),
    }
    return response
  }
  return {
    '[constructor]outgoing-response': (headers: Fields) => outgoingResponses.mint(make(headers)),
    '[method]outgoing-response.status-code': (self: OutgoingResponse) => self.status,
    '[method]outgoing-response.set-status-code': (self: OutgoingResponse, status: number) => {
      self.status = status >= 200 && status <= 999 ? status : fail(undefined)
    },
    '[method]outgoing-response.headers': (self: OutgoingResponse) => fields.mint(self.fields.copy('fixed')),
    '[method]outgoing-response.body': (self: OutgoingResponse) => {
      if (self.body !== undefined) return fail(undefined)
      self.body = new OutgoingBody('response', self.fields.contentLength, poller)
      return outgoingBodies.mint(self.body)
    },
    '[method]response-outparam.send-informational': (self: ResponseOutparam, status: number, headers: Fields) => {
      if (status < 100 || status > 199) fail({ tag: 'HTTP-protocol-error' })
      if (status === 101) fail({ tag: 'internal-error', val: 'nothing is upgraded' })
      // Who expects 100 was told so when the guest was handed its request.
      if (status !== 100) self.exchange.informational(status, headers.wire)
    },
    '[static]response-outparam.set': ({ exchange }: ResponseOutparam, answer: Answer) => {
      if (answer.tag === 'err') exchange.fail(answer.val)
      else respond(exchange, answer.val)
    },
  }
}

function respond(exchange: ServerExchange, { status, fields, body }: OutgoingResponse): void {
  exchange.answer(status, fields.wire)
  if (body === undefined) exchange.finish([])
  else body.attach(exchange.sink())
}
