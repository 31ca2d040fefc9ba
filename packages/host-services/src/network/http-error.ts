import { BulkheadError, Denial } from '@bulkhead/vocabulary'
import { networkErrorFrom } from './network-error.js'

/** What went wrong with an exchange, in the words of `wasi:http` (which are RFC 9209's): in `details.http` of its error. */
export const httpFailures = [
  'DNS-error',
  'DNS-timeout',
  'TLS-alert-received',
  'TLS-certificate-error',
  'TLS-protocol-error',
  'connection-limit-reached',
  'connection-read-timeout',
  'connection-refused',
  'connection-terminated',
  'connection-timeout',
  'destination-IP-unroutable',
  'HTTP-protocol-error',
  'HTTP-request-URI-invalid',
  'HTTP-request-URI-too-long',
  'HTTP-request-body-size',
  'HTTP-request-denied',
  'HTTP-request-header-section-size',
  'HTTP-request-method-invalid',
  'HTTP-response-body-size',
  'HTTP-response-header-section-size',
  'HTTP-response-incomplete',
  'HTTP-upgrade-failed',
  'internal-error',
] as const
export type HttpFailure = (typeof httpFailures)[number]

/** How far an exchange has come: the same trouble has another name in each. */
export type HttpPhase = 'look-up' | 'connect' | 'secure' | 'head' | 'body'

/** The failure that an error of this service tells of. */
export function httpFailureOf(error: BulkheadError): HttpFailure {
  return httpFailures.find((one) => one === error.details['http']) ?? failureOf(error, '', 'head')
}

/** What Node, its resolver, TLS or undici threw in this phase of an exchange, as one of ours. */
export function httpErrorFrom(thrown: unknown, phase: HttpPhase): BulkheadError {
  const error = networkErrorFrom(thrown)
  if (error.details['http'] !== undefined) return error
  return withFailure(error, failureOf(error, codeOf(thrown), phase))
}

/** The same error, with the failure that it is, and how many bytes would have been none. */
export function withFailure(error: BulkheadError, http: HttpFailure, httpBytesMax?: number): BulkheadError {
  const { code, message, details } = error
  const Kind = error instanceof Denial ? Denial : BulkheadError
  return new Kind(code, message, {
    details: { ...details, http, ...(httpBytesMax === undefined ? {} : { httpBytesMax }) },
  })
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
}

function failureOf(error: BulkheadError, code: string, phase: HttpPhase): HttpFailure {
  if (error.code === 'network-access-denied') return 'HTTP-request-denied'
  if (error.code === 'resource-limit-exceeded')
    return String(error.details['resource']).startsWith('connections') ? 'connection-limit-reached' : 'internal-error'
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'HTTP-response-header-section-size'
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') return 'HTTP-request-body-size'
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return 'HTTP-response-incomplete'
  switch (error.details['reason']) {
    case 'name-unresolvable':
      return 'DNS-error'
    case 'resolver-busy':
      return 'DNS-timeout'
    case 'connection-refused':
      return 'connection-refused'
    case 'remote-unreachable':
      return 'destination-IP-unroutable'
    case 'socket-limit':
      return 'connection-limit-reached'
    case 'tls-failed':
      return tlsFailureOf(code)
    case 'protocol-error':
    case 'invalid-argument':
      return 'HTTP-protocol-error'
    case 'timeout':
      return timeouts[phase]
    case 'connection-reset':
      return resets[phase]
    default:
      return 'internal-error'
  }
}

const timeouts: Readonly<Record<HttpPhase, HttpFailure>> = {
  'look-up': 'DNS-timeout',
  connect: 'connection-timeout',
  secure: 'connection-timeout',
  head: 'connection-read-timeout',
  body: 'connection-read-timeout',
}

const resets: Readonly<Record<HttpPhase, HttpFailure>> = {
  'look-up': 'DNS-error',
  connect: 'connection-refused',
  secure: 'TLS-protocol-error',
  head: 'connection-terminated',
  body: 'HTTP-response-incomplete',
}

function tlsFailureOf(code: string): HttpFailure {
  if (/ALERT/.test(code)) return 'TLS-alert-received'
  return /CERT|SELF_SIGNED|UNABLE_TO/.test(code) ? 'TLS-certificate-error' : 'TLS-protocol-error'
}
