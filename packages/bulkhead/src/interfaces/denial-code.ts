import { type BuiltinKind, type ErrorCode, isBuiltinKind, type Kind } from '@bulkhead/vocabulary'

const codes: Readonly<Record<BuiltinKind, ErrorCode>> = {
  filesystem: 'filesystem-access-denied',
  network: 'network-access-denied',
  storage: 'storage-access-denied',
  messaging: 'topic-access-denied',
  environment: 'environment-access-denied',
  process: 'process-access-denied',
}

/** The code of a denial by what was asked for; those of host applications' own kinds have one together. */
export function denialCodeOf(kind: Kind): ErrorCode {
  return isBuiltinKind(kind) ? codes[kind] : 'interface-access-denied'
}
