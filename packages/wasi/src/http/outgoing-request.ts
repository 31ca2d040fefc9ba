import { type HttpRequest, isHttpMethod, isHttpPath } from '@bulkhead/host-services/client'
import { isFieldName } from '@bulkhead/vocabulary'
import { httpTextMax } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { HttpFailed } from './error-code.js'
import type { Fields } from './fields.js'
import type { HttpClasses } from './http-classes.js'
import { OutgoingBody } from './outgoing-body.js'
import { type RequestOptions, timeoutMs } from './request-options.js'
import { type Method, methodText, type Scheme } from './words.js'

/** What stands behind an `outgoing-request`. */
export type OutgoingRequest = ResourceState & {
  /** Fixed from the request's making on, as WIT says. */
  readonly fields: Fields
  method: Method
  path: string | undefined
  scheme: Scheme | undefined
  authority: string | undefined
  body: OutgoingBody | undefined
}

/**
 * What the network is asked for; what a request leaves out is what HTTP means by leaving it out.
 *
 * @throws {HttpFailed} for a scheme that is not HTTP's, a request for nobody, and a length that is said of no body.
 */
export function wireRequest(request: OutgoingRequest, options: RequestOptions | undefined): HttpRequest {
  const { scheme, authority, fields, body } = request
  if (scheme?.tag === 'other') throw new HttpFailed({ tag: 'HTTP-protocol-error' })
  if (authority === undefined) throw new HttpFailed({ tag: 'HTTP-request-URI-invalid' })
  // A body that is finished already is known by its length, and one of none need not be sent.
  const length = body?.finishedBytes
  if (body === undefined && (fields.contentLength ?? 0n) > 0n)
    throw new HttpFailed({ tag: 'HTTP-request-body-size', val: 0n })
  const isUnsaid = length !== undefined && length > 0n && fields.get('content-length').length === 0
  return {
    method: methodText(request.method),
    scheme: scheme?.tag === 'HTTP' ? 'http' : 'https',
    authority,
    path: request.path ?? '/',
    fields: isUnsaid ? [...fields.wire, ['content-length', String(length)]] : fields.wire,
    body: body === undefined || length === 0n ? 'none' : 'stream',
    connectMs: timeoutMs(options?.connectTimeout),
    firstByteMs: timeoutMs(options?.firstByteTimeout),
    betweenBytesMs: timeoutMs(options?.betweenBytesTimeout),
  }
}

export function outgoingRequestFunctions(classes: HttpClasses): InterfaceImplementation['functions'] {
  const { outgoingRequests: requests, outgoingBodies, fields, poller } = classes
  const make = (headers: Fields): OutgoingRequest => {
    const request: OutgoingRequest = {
      fields: headers.copy('fixed'),
      method: { tag: 'get' },
      path: undefined,
      scheme: undefined,
      authority: undefined,
      body: undefined,
      drop: () => request.body?.refuse({ tag: 'connection-terminated' }),
    }
    return request
  }
  return {
    '[constructor]outgoing-request': (headers: Fields) => requests.mint(make(headers)),
    '[method]outgoing-request.body': (self: OutgoingRequest) => {
      if (self.body !== undefined) return fail(undefined)
      self.body = new OutgoingBody('request', self.fields.contentLength, poller)
      return outgoingBodies.mint(self.body)
    },
    '[method]outgoing-request.method': (self: OutgoingRequest) => self.method,
    '[method]outgoing-request.set-method': (self: OutgoingRequest, method: Method) => {
      self.method = method.val === undefined || isHttpMethod(method.val) ? method : fail(undefined)
    },
    '[method]outgoing-request.path-with-query': (self: OutgoingRequest) => self.path,
    '[method]outgoing-request.set-path-with-query': (self: OutgoingRequest, path: string | undefined) => {
      self.path = path === undefined || (path.length <= httpTextMax && isHttpPath(path)) ? path : fail(undefined)
    },
    '[method]outgoing-request.scheme': (self: OutgoingRequest) => self.scheme,
    '[method]outgoing-request.set-scheme': (self: OutgoingRequest, scheme: Scheme | undefined) => {
      self.scheme = scheme?.tag !== 'other' || isScheme(scheme.val) ? scheme : fail(undefined)
    },
    '[method]outgoing-request.authority': (self: OutgoingRequest) => self.authority,
    '[method]outgoing-request.set-authority': (self: OutgoingRequest, authority: string | undefined) => {
      self.authority = authority === undefined || isAuthority(authority) ? authority : fail(undefined)
    },
    '[method]outgoing-request.headers': (self: OutgoingRequest) => fields.mint(self.fields.copy('fixed')),
  }
}

function isScheme(text: string): boolean {
  return text.length <= httpTextMax && isFieldName(text)
}

/** Whether it can be one by its characters; whom it names is looked at when it is sent there. */
function isAuthority(text: string): boolean {
  return text.length <= httpTextMax && /^[^\s/?#\\]+$/.test(text)
}
