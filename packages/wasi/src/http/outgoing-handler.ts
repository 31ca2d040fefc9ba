import { type CheckedHead, checkHttpRequest } from '@bulkhead/host-services/client'
import { BulkheadError, type Request } from '@bulkhead/vocabulary'
import type { Authority } from '../authority.js'
import type { InterfaceImplementation } from '../link.js'
import { fail } from '../wasi-failure.js'
import { ClientExchange, requestDenied } from './client-exchange.js'
import { HttpFailed } from './error-code.js'
import type { HttpClasses } from './http-classes.js'
import { errorCodeOf, type HttpNetwork } from './http-network.js'
import { FutureResponse } from './incoming-response.js'
import { type OutgoingRequest, wireRequest } from './outgoing-request.js'
import type { RequestOptions } from './request-options.js'

type HandlerPowers = {
  readonly classes: HttpClasses
  readonly authority: Authority
  readonly network: HttpNetwork
}

/**
 * `wasi:http/outgoing-handler`. A request is looked at → its origin is decided and put on record → the network is asked, which
 * decides it again, and each address that it leads to. What is no request is no named thing: it is neither decided nor put on
 * record. Redirects are responses like others: to follow one is another request.
 */
export function outgoingHandler(powers: HandlerPowers): InterfaceImplementation {
  const { futureResponses } = powers.classes
  return {
    name: 'wasi:http/outgoing-handler',
    functions: {
      handle: (request: OutgoingRequest, options: RequestOptions | undefined) =>
        futureResponses.mint(new FutureResponse(send(powers, request, options))),
    },
  }
}

function send(
  { authority, network }: HandlerPowers,
  request: OutgoingRequest,
  options: RequestOptions | undefined,
): ClientExchange {
  try {
    const head = checked(request, options)
    const asked: Request = { kind: 'network', action: 'connect', resource: head.origin }
    if (!authority.authorize(asked)) throw new HttpFailed(requestDenied)
    const handle = network.ask(
      asked,
      () => true,
      (client) => client.exchange(head.request),
    )
    const exchange = new ClientExchange(network, asked, handle)
    request.body?.attach(exchange.sink())
    return exchange
  } catch (thrown) {
    if (!(thrown instanceof HttpFailed)) throw thrown
    request.body?.refuse(thrown.code)
    return fail(thrown.code)
  }
}

/** @throws {HttpFailed} */
function checked(request: OutgoingRequest, options: RequestOptions | undefined): CheckedHead {
  try {
    return checkHttpRequest(wireRequest(request, options))
  } catch (thrown) {
    throw thrown instanceof BulkheadError ? new HttpFailed(errorCodeOf(thrown)) : thrown
  }
}
