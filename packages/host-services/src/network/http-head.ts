import { type HostIdentity, parseHostCandidate } from '@bulkhead/capability'
import { BulkheadError, isFieldName, isFieldValue, isForbiddenField } from '@bulkhead/vocabulary'
import { httpFieldBytesMax, httpFieldsMax, httpTextBytesMax } from '../limits.js'
import { addressText, resourceOf } from './addresses.js'
import { type HttpFailure, withFailure } from './http-error.js'
import { networkError } from './network-error.js'

/** An HTTP exchange as a guest asks for it. Names and values of fields are Latin-1, as on the wire. */
export type HttpRequest = {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** `host` or `host:port`. */
  readonly authority: string
  readonly path: string
  readonly fields: readonly HttpField[]
  readonly body: 'none' | 'stream'
  /** Milliseconds for the connection, until the response begins, and between its bytes; 0: as long as anybody may. */
  readonly connectMs: number
  readonly firstByteMs: number
  readonly betweenBytesMs: number
}

export type HttpField = readonly [name: string, value: string]

/** The same, checked. Authority, `Host` and the name that TLS asks for are one value: this one. */
export type CheckedHead = {
  readonly request: HttpRequest
  readonly host: HostIdentity
  readonly port: number
  /** `http://example.com:8080`: as pools, undici and rules name it. */
  readonly origin: string
  readonly hostField: string
}

type CheckedAuthority = Pick<CheckedHead, 'host' | 'port' | 'origin' | 'hostField'>

const pathText = /^\/[\x21-\x7e]*$/
const defaultPorts = { http: 80, https: 443 } as const

export function isHttpMethod(method: string): boolean {
  return method.length <= httpTextBytesMax && isFieldName(method) && method.toUpperCase() !== 'CONNECT'
}

/** A path with its query, which begins with a slash. */
export function isHttpPath(path: string): boolean {
  return pathText.test(path)
}

/**
 * Checks what a guest wants to send, before anything is decided or connected.
 *
 * @throws {BulkheadError} `network-failed` (`invalid-argument`) for what is no such request; `resource-limit-exceeded` for
 *   one that is too large. In `details.http` what `wasi:http` calls it.
 */
export function checkHttpRequest(request: HttpRequest): CheckedHead {
  const { method, scheme, authority, path, fields } = request
  checkLength(method.length, httpTextBytesMax, 'text', 'HTTP-request-method-invalid')
  checkLength(authority.length, httpTextBytesMax, 'text', 'HTTP-request-URI-too-long')
  checkLength(path.length, httpTextBytesMax, 'text', 'HTTP-request-URI-too-long')
  if (!isHttpMethod(method)) throw refused(`\`${method.slice(0, 40)}\` is not a method`, 'HTTP-request-method-invalid')
  if (!isHttpPath(path)) throw refused('the path is not one', 'HTTP-request-URI-invalid')
  checkFields(fields)
  return { request, ...checkAuthority(scheme, authority) }
}

/**
 * One spelling of whom a request is for.
 *
 * @throws {BulkheadError} `network-failed` (`invalid-argument`) for what is no host, and no host and port.
 */
export function checkAuthority(scheme: HttpRequest['scheme'], authority: string): CheckedAuthority {
  // A port of the authority is the candidate's; the scheme's own is written out.
  const candidate =
    parseHostCandidate(`${scheme}://${authority}`) ??
    parseHostCandidate(`${scheme}://${authority}:${defaultPorts[scheme]}`)
  if (candidate?.port === undefined)
    throw refused('the authority is not a host, or a host and a port', 'HTTP-request-URI-invalid')
  const { host, port } = candidate
  const hostText =
    host.kind === 'name' ? host.name : host.kind === 'ipv6' ? `[${addressText(host)}]` : addressText(host)
  const hostField = port === defaultPorts[scheme] ? hostText : `${hostText}:${port}`
  return { host, port, origin: resourceOf(scheme, host, port), hostField }
}

function checkFields(fields: readonly HttpField[]): void {
  if (fields.length > httpFieldsMax)
    throw tooLarge('header fields', httpFieldsMax, 'HTTP-request-header-section-size', undefined)
  let bytes = 0
  let hasLength = false
  for (const [name, value] of fields) {
    bytes += name.length + value.length + 4
    checkLength(bytes, httpFieldBytesMax, 'header', 'HTTP-request-header-section-size')
    if (!isFieldName(name) || !isFieldValue(value)) throw refused('a header field is not one', 'HTTP-protocol-error')
    if (isForbiddenField(name))
      throw refused(`the header field \`${name.slice(0, 40)}\` is not the component's to set`, 'HTTP-protocol-error')
    if (name.toLowerCase() !== 'content-length') continue
    // Two lengths, or one that not everybody reads alike, are how a request is smuggled behind another.
    if (hasLength || !/^\d{1,15}$/.test(value)) throw refused('the content-length is not one', 'HTTP-protocol-error')
    hasLength = true
  }
}

function checkLength(bytes: number, max: number, what: string, failure: HttpFailure): void {
  if (bytes > max) throw tooLarge(what, max, failure, max)
}

function refused(message: string, failure: HttpFailure): BulkheadError {
  return withFailure(networkError('invalid-argument', message), failure)
}

/** @param bytes how many there may be, where it is bytes that are too many. */
function tooLarge(resource: string, limit: number, failure: HttpFailure, bytes: number | undefined): BulkheadError {
  const error = new BulkheadError('resource-limit-exceeded', `an HTTP request has more than ${limit} (${resource})`, {
    details: { resource: `http ${resource}`, limit },
  })
  return withFailure(error, failure, bytes)
}
