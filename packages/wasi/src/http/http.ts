import type { Authority } from '../authority.js'
import type { IoError } from '../io/stream-classes.js'
import type { InterfaceImplementation } from '../link.js'
import { fieldsFunctions } from './fields.js'
import type { HttpClasses } from './http-classes.js'
import type { HttpNetwork } from './http-network.js'
import { incomingBodyFunctions } from './incoming-body.js'
import type { IncomingExchange, OpenHttp } from './incoming-powers.js'
import { IncomingRequest, incomingRequestFunctions } from './incoming-request.js'
import { incomingResponseFunctions } from './incoming-response.js'
import { outgoingBodyFunctions } from './outgoing-body.js'
import { outgoingHandler } from './outgoing-handler.js'
import { outgoingRequestFunctions } from './outgoing-request.js'
import { outgoingResponseFunctions } from './outgoing-response.js'
import { optionsFunctions } from './request-options.js'
import { ServerExchange } from './server-exchange.js'

type HttpPowers = {
  readonly authority: Authority
  readonly network: HttpNetwork
  readonly classes: HttpClasses
}

/** `wasi:http`: what a guest sends requests with, and answers them with. */
export function httpInterfaces({ authority, network, classes }: HttpPowers): InterfaceImplementation[] {
  return [
    outgoingHandler({ authority, network, classes }),
    {
      name: 'wasi:http/types',
      functions: {
        'http-error-code': ({ httpCode }: IoError) => httpCode,
        ...fieldsFunctions(classes.fields),
        ...outgoingRequestFunctions(classes),
        ...optionsFunctions(classes.options),
        ...outgoingBodyFunctions(classes),
        ...incomingResponseFunctions(classes),
        ...incomingBodyFunctions(classes),
        ...incomingRequestFunctions(classes),
        ...outgoingResponseFunctions(classes),
      },
    },
  ]
}

/** Makes the handles of a request to the guest. */
export function openHttp(classes: HttpClasses, incoming: IncomingExchange): OpenHttp {
  const exchange = new ServerExchange(incoming, classes.poller)
  return {
    request: classes.incomingRequests.mint(new IncomingRequest(exchange)),
    outparam: classes.outparams.mint({ exchange, drop() {} }),
    end: () => exchange.end(),
  }
}
