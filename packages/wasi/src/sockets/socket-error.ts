import type { NetworkReason } from '@bulkhead/host-services/client'
import { BulkheadError } from '@bulkhead/vocabulary'
import { ServiceEnded } from '../services/service-access.js'
import { WasiFailure } from '../wasi-failure.js'

/** `error-code` of `wasi:sockets/network`. */
export type SocketError =
  | 'unknown'
  | 'access-denied'
  | 'not-supported'
  | 'invalid-argument'
  | 'out-of-memory'
  | 'timeout'
  | 'concurrency-conflict'
  | 'not-in-progress'
  | 'would-block'
  | 'invalid-state'
  | 'new-socket-limit'
  | 'address-not-bindable'
  | 'address-in-use'
  | 'remote-unreachable'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-aborted'
  | 'datagram-too-large'
  | 'name-unresolvable'
  | 'temporary-resolver-failure'
  | 'permanent-resolver-failure'

const byReason: Readonly<Record<NetworkReason, SocketError>> = {
  'address-in-use': 'address-in-use',
  'address-not-bindable': 'address-not-bindable',
  'connection-refused': 'connection-refused',
  'connection-reset': 'connection-reset',
  'invalid-argument': 'invalid-argument',
  // The state is kept on this side: what the service does not know was another service's, which has died.
  'invalid-state': 'connection-aborted',
  'name-unresolvable': 'name-unresolvable',
  'protocol-error': 'unknown',
  'remote-unreachable': 'remote-unreachable',
  'resolver-busy': 'temporary-resolver-failure',
  'socket-limit': 'new-socket-limit',
  timeout: 'timeout',
  'tls-failed': 'unknown',
  unknown: 'unknown',
}

/**
 * What the service answered, or why it did not, in the words of `wasi:sockets`.
 *
 * @throws what is neither.
 */
export function socketErrorOf(thrown: unknown): SocketError {
  if (thrown instanceof ServiceEnded) return thrown.end === 'refused' ? 'access-denied' : 'connection-aborted'
  if (!(thrown instanceof BulkheadError)) throw thrown
  switch (thrown.code) {
    case 'network-access-denied':
      return 'access-denied'
    case 'network-failed':
      return byReason[thrown.details['reason'] as NetworkReason] ?? 'unknown'
    case 'resource-limit-exceeded':
      // The bandwidth of who may use none; everything else that is bounded is opened.
      return thrown.details['resource'] === 'network' ? 'access-denied' : 'new-socket-limit'
    default:
      throw thrown
  }
}

/** The code with which a function of a socket ended. @throws what is no failure of a socket. */
export function failedWith(thrown: unknown): SocketError {
  if (thrown instanceof WasiFailure && typeof thrown.payload === 'string') return thrown.payload as SocketError
  throw thrown
}
