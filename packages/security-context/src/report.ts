import type { Action, ApprovalState, GrantLimits, Kind, Layer, RuleOrigin, TrustLevel } from '@bulkhead/vocabulary'
import type { LimitName } from './narrow-limits.js'
import type { Remedy } from './remedy.js'

// What explanations are made of: plain JSON, for tables and for programs. Words of a component's author stand in it as they
// are; whoever prints them escapes them.

/** One rule where it stands. */
export type RuleReport = {
  readonly layer: Layer
  readonly pattern: string
  readonly origin: RuleOrigin
  readonly limits?: GrantLimits
}

/** Something that a component may do, and every rule that says so. */
export type GrantReport = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  /** `part`: a layer has no rule that allows all of it; what is left is what the rules in `from` have in common. */
  readonly extent: 'whole' | 'part'
  readonly from: readonly RuleReport[]
  /** Deny rules that take something out of it. */
  readonly except: readonly RuleReport[]
  /** What binds where all of it is granted: the narrowest over the layers. */
  readonly limits?: GrantLimits
  readonly optional: boolean
  /** Set on what an operator granted beside the documents. */
  readonly operator?: { readonly grantedBy: string; readonly expiresAt?: number; readonly reason?: string }
  /** Set where it opens nothing: nothing is mounted there, or this version has no interface for it. */
  readonly note?: string
}

/** Something that a component declares, or an operator granted, and of which nothing is allowed. */
export type UngrantedReport = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  readonly optional: boolean
  /** The first layer that refuses. */
  readonly layer: Layer
  readonly reason: string
  /** Absent: nothing would grant it. */
  readonly remedy?: Remedy
  /** The author's words. */
  readonly why?: string
}

export type DenyReport = { readonly kind: Kind; readonly action: Action; readonly rule: RuleReport }

/** A number that bounds a component, and the document that says it; `default` where none does. */
export type LimitReport = {
  /** The unit is in the name. */
  readonly name: LimitName
  readonly value: number
  readonly document: string
}

export type MountReport = { readonly guest: string; readonly host: string; readonly mode: 'read' | 'write' }

/** Everything that decides what a component may do. */
export type ContextReport = {
  readonly principal: string
  readonly componentId: string
  readonly policyVersion: number
  readonly trust?: TrustLevel
  readonly approval?: ApprovalState
  readonly granted: readonly GrantReport[]
  readonly ungranted: readonly UngrantedReport[]
  readonly denied: readonly DenyReport[]
  /** Absent: there are no roles, and they restrict nothing. */
  readonly roles?: { readonly allow: readonly DenyReport[]; readonly deny: readonly DenyReport[] }
  readonly limits: readonly LimitReport[]
  readonly mounts: readonly MountReport[]
}

/** What one layer says to one request. */
export type StepReport = {
  readonly layer: Layer
  /** `silent`: it has no rule for this, and none is needed. `absent`: there is no such layer. */
  readonly answer: 'grants' | 'refuses' | 'silent' | 'absent'
  readonly rule?: RuleReport
}

/** Would a request be allowed, and why. */
export type AccessReport = {
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  /** The layer that decided. */
  readonly layer: Layer
  readonly reason: string
  readonly rule?: RuleReport
  readonly limits?: GrantLimits
  /** Every layer in the order in which it is asked. */
  readonly steps: readonly StepReport[]
  /** Absent: it is granted, or nothing would allow it. */
  readonly remedy?: Remedy
  /** Set where this version has no interface through which a component could ask. */
  readonly note?: string
}
