import type { Grant } from '@bulkhead/capability'
import type { ErrorCode } from '@bulkhead/vocabulary'
import type { TrustVerdict } from './determine-trust.js'

/** What is known when it is decided whether a component may start. */
export type ApprovalFacts = {
  readonly trust: TrustVerdict
  /** Whether the tree entry's `approved` names exactly these bytes. */
  readonly pinned: boolean
  /** The reviewer's last decision about this fingerprint. */
  readonly decision?: PlannedDecision
  /** `dev_mode = true` and `--dev`, both; refused elsewhere under NODE_ENV=production. */
  readonly devMode: boolean
  readonly requireSignatures: boolean
}

export type PlannedDecision = {
  readonly verdict: 'approved' | 'denied'
  readonly reviewer: string
  readonly reason?: string
  /** What the reviewer left of the request; absent means all of it. */
  readonly narrow?: readonly Grant[]
}

/** `start`: with all that the manifest asks for, or with `narrow`. `wait`: the code is the state that a reader sees. */
export type ApprovalPlan =
  | {
      readonly kind: 'start'
      readonly state: 'approved' | 'auto-approved' | 'bypassed'
      readonly reason: string
      readonly narrow?: readonly Grant[]
    }
  | {
      readonly kind: 'wait'
      readonly state: 'pending' | 'denied'
      readonly code: Extract<ErrorCode, 'approval-required' | 'approval-denied' | 'signature-invalid'>
      readonly reason: string
    }

/**
 * Whether a component may start, and who says so. Pure. What refuses is asked first: revocation, a missing signature, a
 * denial, which sticks. A reviewer's approval comes before every other, because it may be narrower.
 *
 * Dev mode bypasses the question alone: neither revocation, nor required signatures, nor a denial that was given.
 */
export function planApproval({ trust, pinned, decision, devMode, requireSignatures }: ApprovalFacts): ApprovalPlan {
  if (trust.revoked) return wait('denied', 'approval-denied', trust.reason)
  if (requireSignatures && trust.keys.length === 0) {
    return wait('denied', 'signature-invalid', 'signatures are required, and no trusted key signed this component')
  }
  if (decision?.verdict === 'denied') return wait('denied', 'approval-denied', byReviewer('denied', decision))
  if (decision !== undefined) {
    const start = { kind: 'start', state: 'approved', reason: byReviewer('approved', decision) } as const
    return decision.narrow === undefined ? start : { ...start, narrow: decision.narrow }
  }
  if (pinned) return { kind: 'start', state: 'approved', reason: 'approved in the tree file, for exactly these bytes' }
  if (trust.level === 'trusted') return { kind: 'start', state: 'auto-approved', reason: trust.reason }
  if (devMode) return { kind: 'start', state: 'bypassed', reason: 'dev mode: nobody approved it' }
  return wait('pending', 'approval-required', trust.reason)
}

type Waiting = Extract<ApprovalPlan, { readonly kind: 'wait' }>

function wait(state: Waiting['state'], code: Waiting['code'], reason: string): Waiting {
  return { kind: 'wait', state, code, reason }
}

function byReviewer(what: string, { reviewer, reason }: PlannedDecision): string {
  return reason === undefined ? `${what} by ${reviewer}` : `${what} by ${reviewer}: ${reason}`
}
