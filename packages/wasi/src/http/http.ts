import { GuestMisuse } from '../endings.js'
import type { StreamClasses } from '../io/stream-classes.js'
import { httpTextMax, pieceBytes } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import type { NetworkGate } from '../sockets/network-gate.js'
import { fail } from '../wasi-failure.js'
import { Fields, fieldsFunctions } from './fields.js'

type Method = { readonly tag: string; readonly val?: string }
type Scheme = { readonly tag: 'HTTP' } | { readonly tag: 'HTTPS' } | { readonly tag: 'other'; readonly val: string }

/** What stands behind an `outgoing-request`: enough to say where it would have gone. */
export type OutgoingRequest = ResourceState & {
  readonly headers: Fields
  method: Method
  path: string | undefined
  scheme: Scheme | undefined
  authority: string | undefined
  hasBody: boolean
}

/** What stands behind a `request-options`. */
export type RequestOptions = ResourceState & {
  connectTimeout: bigint | undefined
  firstByteTimeout: bigint | undefined
  betweenBytesTimeout: bigint | undefined
}

/** What stands behind an `outgoing-body`: it goes nowhere, because its request is denied. */
export type OutgoingBody = ResourceState & { hasStream: boolean }

type HttpPowers = {
  readonly gate: NetworkGate
  readonly streams: StreamClasses
  readonly fields: ResourceClass<Fields>
  readonly requests: ResourceClass<OutgoingRequest>
  readonly options: ResourceClass<RequestOptions>
  readonly bodies: ResourceClass<OutgoingBody>
}

/**
 * `wasi:http`: linked and denying. A request can be put together, because only then is it known where it wants to go;
 * `handle` decides and records that, and answers `HTTP-request-denied`.
 */
export function httpInterfaces(powers: HttpPowers): InterfaceImplementation[] {
  const { gate, fields, options } = powers
  return [
    {
      name: 'wasi:http/outgoing-handler',
      functions: {
        handle: (request: OutgoingRequest) => {
          gate.refuse('connect', requestResource(request))
          return fail({ tag: 'HTTP-request-denied' })
        },
      },
    },
    {
      name: 'wasi:http/types',
      neverMinted: [
        'incoming-request',
        'response-outparam',
        'incoming-response',
        'incoming-body',
        'future-trailers',
        'outgoing-response',
        'future-incoming-response',
      ],
      functions: {
        'http-error-code': () => undefined,
        ...fieldsFunctions(fields),
        ...requestFunctions(powers),
        ...optionsFunctions(options),
        ...bodyFunctions(powers),
        '[constructor]outgoing-response': () => {
          throw new GuestMisuse('there is no request to respond to')
        },
      },
    },
  ]
}

/** `https://api.example.com:443`; what a request leaves out is what HTTP means by leaving it out. */
function requestResource({ scheme, authority }: OutgoingRequest): string {
  const protocol =
    scheme === undefined || scheme.tag === 'HTTPS' ? 'https' : scheme.tag === 'HTTP' ? 'http' : scheme.val
  return `${protocol}://${authority ?? ''}`
}

function requestFunctions({ requests, fields, bodies }: HttpPowers): InterfaceImplementation['functions'] {
  const make = (headers: Fields): OutgoingRequest => ({
    // Fixed from now on, as WIT says of a request's headers.
    headers: new Fields(headers.entries(), true),
    method: { tag: 'get' },
    path: undefined,
    scheme: undefined,
    authority: undefined,
    hasBody: false,
    drop() {},
  })
  return {
    '[constructor]outgoing-request': (headers: Fields) => requests.mint(make(headers)),
    '[method]outgoing-request.body': (self: OutgoingRequest) => {
      if (self.hasBody) return fail(undefined)
      self.hasBody = true
      return bodies.mint({ hasStream: false, drop() {} })
    },
    '[method]outgoing-request.method': (self: OutgoingRequest) => self.method,
    '[method]outgoing-request.set-method': (self: OutgoingRequest, method: Method) => {
      self.method = checkedText(method, method.val)
    },
    '[method]outgoing-request.path-with-query': (self: OutgoingRequest) => self.path,
    '[method]outgoing-request.set-path-with-query': (self: OutgoingRequest, path: string | undefined) => {
      self.path = checkedText(path, path)
    },
    '[method]outgoing-request.scheme': (self: OutgoingRequest) => self.scheme,
    '[method]outgoing-request.set-scheme': (self: OutgoingRequest, scheme: Scheme | undefined) => {
      self.scheme = checkedText(scheme, scheme?.tag === 'other' ? scheme.val : undefined)
    },
    '[method]outgoing-request.authority': (self: OutgoingRequest) => self.authority,
    '[method]outgoing-request.set-authority': (self: OutgoingRequest, authority: string | undefined) => {
      self.authority = checkedText(authority, authority)
    },
    '[method]outgoing-request.headers': (self: OutgoingRequest) =>
      fields.mint(new Fields(self.headers.entries(), true)),
  }
}

/** What a guest sets is kept, so it is bounded. */
function checkedText<T>(value: T, text: string | undefined): T {
  return text !== undefined && text.length > httpTextMax ? fail(undefined) : value
}

function optionsFunctions(options: ResourceClass<RequestOptions>): InterfaceImplementation['functions'] {
  const make = (): RequestOptions => ({
    connectTimeout: undefined,
    firstByteTimeout: undefined,
    betweenBytesTimeout: undefined,
    drop() {},
  })
  return {
    '[constructor]request-options': () => options.mint(make()),
    '[method]request-options.connect-timeout': (self: RequestOptions) => self.connectTimeout,
    '[method]request-options.set-connect-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.connectTimeout = duration
    },
    '[method]request-options.first-byte-timeout': (self: RequestOptions) => self.firstByteTimeout,
    '[method]request-options.set-first-byte-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.firstByteTimeout = duration
    },
    '[method]request-options.between-bytes-timeout': (self: RequestOptions) => self.betweenBytesTimeout,
    '[method]request-options.set-between-bytes-timeout': (self: RequestOptions, duration: bigint | undefined) => {
      self.betweenBytesTimeout = duration
    },
  }
}

function bodyFunctions({ streams }: HttpPowers): InterfaceImplementation['functions'] {
  return {
    '[method]outgoing-body.write': (self: OutgoingBody) => {
      if (self.hasStream) return fail(undefined)
      self.hasStream = true
      // Its request is denied or was never sent: the bytes are taken and forgotten, so that no guest waits for room.
      return streams.output.mint({
        permitted: 0,
        capacity: () => pieceBytes,
        ready: () => true,
        write() {},
        flushed: () => true,
        drop() {},
      })
    },
    '[static]outgoing-body.finish': () => undefined,
  }
}
