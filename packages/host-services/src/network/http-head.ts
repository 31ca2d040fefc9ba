import { type HostIdentity, parseHostCandidate } from '@bulkhead/capability'
import { BulkheadError } from '@bulkhead/vocabulary'
import { httpFieldBytesMax, httpFieldsMax, httpTextBytesMax } from '../limits.js'
import { addressText } from './addresses.js'
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
  /** `http://example.com:8080`: as pools and undici name it. */
  readonly origin: string
  readonly hostField: string
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
const pathText = /^\/[\x21-\x7e]*$/
/** Fields that say how a connection is used, or to whom: ours to write. */
const forbiddenFields =
  /^(?:host|connection|transfer-encoding|upgrade|keep-alive|expect|te|trailer|http2-settings|proxy-.*)$/
const defaultPorts = { http: 80, https: 443 } as const

/**
 * Checks what a guest wants to send, before anything is decided or connected.
 *
 * @throws {BulkheadError} `network-failed` (`invalid-argument`) for what is no such request; `resource-limit-exceeded` for
 *   one that is too large.
 */
export function checkHttpRequest(request: HttpRequest): CheckedHead {
  const { method, scheme, authority, path, fields } = request
  for (const text of [method, authority, path]) checkLength(text.length, httpTextBytesMax, 'text')
  if (!token.test(method) || method.toUpperCase() === 'CONNECT')
    throw refused(`\`${method.slice(0, 40)}\` is not a method`)
  if (!pathText.test(path)) throw refused('the path is not one')
  checkFields(fields)
  // A port of the authority is the candidate's; the scheme's own is written out.
  const candidate =
    parseHostCandidate(`${scheme}://${authority}`) ??
    parseHostCandidate(`${scheme}://${authority}:${defaultPorts[scheme]}`)
  if (candidate?.port === undefined) throw refused('the authority is not a host, or a host and a port')
  const { host, port } = candidate
  const hostText =
    host.kind === 'name' ? host.name : host.kind === 'ipv6' ? `[${addressText(host)}]` : addressText(host)
  const hostField = port === defaultPorts[scheme] ? hostText : `${hostText}:${port}`
  return { request, host, port, origin: `${scheme}://${hostText}:${port}`, hostField }
}

function checkFields(fields: readonly HttpField[]): void {
  if (fields.length > httpFieldsMax) throw tooLarge('header fields', httpFieldsMax)
  let bytes = 0
  for (const [name, value] of fields) {
    bytes += name.length + value.length + 4
    checkLength(bytes, httpFieldBytesMax, 'header')
    if (!token.test(name) || !fieldValue.test(value)) throw refused('a header field is not one')
    if (forbiddenFields.test(name.toLowerCase()))
      throw refused(`the header field \`${name.slice(0, 40)}\` is not the component's to set`)
  }
}

function checkLength(bytes: number, max: number, what: string): void {
  if (bytes > max) throw tooLarge(what, max)
}

function refused(message: string): BulkheadError {
  return networkError('invalid-argument', message)
}

function tooLarge(resource: string, limit: number): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `an HTTP request has more than ${limit} (${resource})`, {
    details: { resource: `http ${resource}`, limit },
  })
}
