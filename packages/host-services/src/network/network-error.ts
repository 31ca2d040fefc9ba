import { BulkheadError } from '@bulkhead/vocabulary'

/** What went wrong out there; the interfaces have words of their own for each. */
export const networkReasons = [
  'address-in-use',
  'address-not-bindable',
  'connection-refused',
  'connection-reset',
  'invalid-argument',
  'invalid-state',
  'name-unresolvable',
  'protocol-error',
  'remote-unreachable',
  'resolver-busy',
  'socket-limit',
  'timeout',
  'tls-failed',
  'unknown',
] as const
export type NetworkReason = (typeof networkReasons)[number]

export function networkError(reason: NetworkReason, message: string): BulkheadError {
  return new BulkheadError('network-failed', message, { details: { reason } })
}

const reasons: Readonly<Record<string, NetworkReason>> = {
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-bindable',
  EACCES: 'address-not-bindable',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  UND_ERR_SOCKET: 'connection-reset',
  ENETUNREACH: 'remote-unreachable',
  EHOSTUNREACH: 'remote-unreachable',
  EMFILE: 'socket-limit',
  ENFILE: 'socket-limit',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'protocol-error',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'protocol-error',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalid-argument',
  UND_ERR_INVALID_ARG: 'invalid-argument',
  UND_ERR_NOT_SUPPORTED: 'invalid-argument',
  EMSGSIZE: 'invalid-argument',
  ENOTFOUND: 'name-unresolvable',
  ENODATA: 'name-unresolvable',
  EAI_AGAIN: 'resolver-busy',
}

/** What Node, its resolver, TLS or undici threw, as one of ours. Their messages may hold what a guest need not know. */
export function networkErrorFrom(thrown: unknown): BulkheadError {
  if (thrown instanceof BulkheadError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const isParsers = thrown instanceof Error && thrown.name === 'HTTPParserError'
  const reason = isParsers ? 'protocol-error' : (reasons[code] ?? classOf(code))
  return networkError(reason, `the network says ${code === '' ? 'no more than that it failed' : code}`)
}

function classOf(code: string): NetworkReason {
  const isTls = /^(CERT|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)
  return isTls ? 'tls-failed' : 'unknown'
}
