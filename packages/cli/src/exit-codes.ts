import type { BulkheadError, ErrorCode } from '@bulkhead/vocabulary'

/** What the command exits with (SPEC 15). `exec` adds the guest's own codes, 124, 134 and 137. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  gaveUp: 5,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const

/** Refused by what is allowed, as opposed to written or built wrongly. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'component-rejected-name',
  'component-rejected-glue',
  'component-import-type-mismatch',
  'component-export-type-mismatch',
  'component-digest-mismatch',
  'filesystem-access-denied',
  'network-access-denied',
  'environment-access-denied',
  'storage-access-denied',
  'topic-access-denied',
  'process-access-denied',
  'approval-required',
  'approval-denied',
  'approval-queue-full',
  'capability-required',
  'grant-refused',
  'policy-replayed',
  'signature-invalid',
  'resource-limit-exceeded',
  'platform-unsupported',
  'walls-missing',
])

/** Ours or the machine's failure: neither the command line nor a document is wrong. */
const failures: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'internal',
  'state-locked',
  'state-version',
  'store-corrupt',
  'journal-stalled',
  'policy-source-unreachable',
  'update-conflict',
  'actor-not-running',
  'call-timeout',
  'no-subscriber',
  'mailbox-overloaded',
  'guest-trap',
  'guest-error',
])

/** The exit code for an error that ended a command before it had a result of its own. */
export function exitCodeOf(error: BulkheadError): number {
  if (error.code === 'runtime-unreachable') return exitCodes.unreachable
  if (refusals.has(error.code)) return exitCodes.refused
  return failures.has(error.code) ? exitCodes.failed : exitCodes.usage
}
