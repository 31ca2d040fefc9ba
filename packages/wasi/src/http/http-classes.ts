import type { Poller } from '../io/poller.js'
import type { StreamClasses } from '../io/stream-classes.js'
import type { ResourceClass } from '../resource-class.js'
import type { Resources } from '../resources.js'
import { fail } from '../wasi-failure.js'
import type { HttpErrorCode } from './error-code.js'
import type { Fields } from './fields.js'
import type { FutureTrailers, IncomingBody } from './incoming-body.js'
import type { IncomingRequest } from './incoming-request.js'
import type { FutureResponse, IncomingResponse } from './incoming-response.js'
import type { OutgoingBody } from './outgoing-body.js'
import type { OutgoingRequest } from './outgoing-request.js'
import type { OutgoingResponse, ResponseOutparam } from './outgoing-response.js'
import type { RequestOptions } from './request-options.js'

/** The resources of `wasi:http/types`, and what their functions wait with. */
export type HttpClasses = {
  readonly poller: Poller
  readonly streams: StreamClasses
  readonly fields: ResourceClass<Fields>
  readonly outgoingRequests: ResourceClass<OutgoingRequest>
  readonly options: ResourceClass<RequestOptions>
  readonly outgoingBodies: ResourceClass<OutgoingBody>
  readonly futureResponses: ResourceClass<FutureResponse>
  readonly incomingResponses: ResourceClass<IncomingResponse>
  readonly incomingBodies: ResourceClass<IncomingBody>
  readonly futureTrailers: ResourceClass<FutureTrailers>
  readonly incomingRequests: ResourceClass<IncomingRequest>
  readonly outgoingResponses: ResourceClass<OutgoingResponse>
  readonly outparams: ResourceClass<ResponseOutparam>
}

export function httpClasses(resources: Resources, streams: StreamClasses, poller: Poller): HttpClasses {
  const types = 'wasi:http/types'
  return {
    poller,
    streams,
    fields: resources.of(types, 'fields'),
    outgoingRequests: resources.of(types, 'outgoing-request'),
    options: resources.of(types, 'request-options'),
    outgoingBodies: resources.of(types, 'outgoing-body'),
    futureResponses: resources.of(types, 'future-incoming-response'),
    incomingResponses: resources.of(types, 'incoming-response'),
    incomingBodies: resources.of(types, 'incoming-body'),
    futureTrailers: resources.of(types, 'future-trailers'),
    incomingRequests: resources.of(types, 'incoming-request'),
    outgoingResponses: resources.of(types, 'outgoing-response'),
    outparams: resources.of(types, 'response-outparam'),
  }
}

/** Ends a stream's function with `last-operation-failed`; the guest may ask `http-error-code` for the code. */
export function httpStreamFailed({ error }: StreamClasses, code: HttpErrorCode): never {
  return fail({ tag: 'last-operation-failed', val: error.mint({ message: code.tag, httpCode: code, drop() {} }) })
}

/** A value that was there to be had once, or why not, as `future-…` resources answer. */
export type Settled<Value> =
  | { readonly tag: 'ok'; readonly val: { readonly tag: 'ok'; readonly val: Value } }
  | { readonly tag: 'ok'; readonly val: { readonly tag: 'err'; readonly val: HttpErrorCode } }
  | { readonly tag: 'err'; readonly val: undefined }

export const alreadyTaken = { tag: 'err', val: undefined } as const

export function settledWith<Value>(val: Value): Settled<Value> {
  return { tag: 'ok', val: { tag: 'ok', val } }
}

export function failedWith(code: HttpErrorCode): Settled<never> {
  return { tag: 'ok', val: { tag: 'err', val: code } }
}
