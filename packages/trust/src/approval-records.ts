import type { Grant } from '@bulkhead/capability'
import { type Codec, jsonCodec } from '@bulkhead/state'
import { type ApprovalState, approvalStates } from '@bulkhead/vocabulary'
import type { ApprovalSubject } from './approval-subject.js'
import { type Header, isObject } from './jws.js'

/** One child's place in the queue, or what became of it. */
export type ApprovalEntry = {
  readonly child: string
  readonly state: ApprovalState
  readonly fingerprint: string
  readonly subject: ApprovalSubject
  /** When it was asked, wall clock in milliseconds. */
  readonly requestedAt: number
  /** Who looks at it. */
  readonly reviewer?: string
}

/** What a reviewer decided about one fingerprint of one child. */
export type ApprovalDecision = {
  readonly child: string
  readonly fingerprint: string
  readonly verdict: 'approved' | 'denied'
  readonly reviewer: string
  /** Wall clock in milliseconds. */
  readonly time: number
  readonly reason?: string
  /** What the reviewer left of the request; absent means all of it. */
  readonly narrow?: readonly Grant[]
}

export const entryCodec: Codec<ApprovalEntry> = jsonCodec((found) => {
  const entry = record(found, ['child', 'fingerprint'])
  expect(approvalStates.some((state) => state === entry['state']) && typeof entry['requestedAt'] === 'number')
  expect(isSubject(entry['subject']))
  return entry as ApprovalEntry
})

export const decisionCodec: Codec<ApprovalDecision> = jsonCodec((found) => {
  const decision = record(found, ['child', 'fingerprint', 'reviewer'])
  expect(decision['verdict'] === 'approved' || decision['verdict'] === 'denied')
  expect(
    typeof decision['time'] === 'number' && (decision['narrow'] === undefined || Array.isArray(decision['narrow'])),
  )
  return decision as ApprovalDecision
})

export const subjectCodec: Codec<ApprovalSubject> = jsonCodec((found) => {
  expect(isSubject(found))
  return found as ApprovalSubject
})

function isSubject(found: unknown): boolean {
  return (
    isObject(found) && ['capabilities', 'mounts', 'inherited', 'interfaces'].every((key) => Array.isArray(found[key]))
  )
}

function record(found: unknown, texts: readonly string[]): Header {
  if (isObject(found) && texts.every((key) => typeof found[key] === 'string')) return found
  throw new TypeError('it is no record of an approval')
}

function expect(holds: boolean): void {
  if (!holds) throw new TypeError('it is no record of an approval')
}
