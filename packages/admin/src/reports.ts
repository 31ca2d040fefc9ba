// What the commands answer: plain JSON, for people's tables and for programs alike. Instants are wall clock, in
// milliseconds since 1970. Texts that a component's author chose are handed on as they are: whoever prints them escapes
// them and says whose words they are.
import type { Action, ApprovalState, GrantLimits, Kind, Layer, RuleOrigin, TrustLevel } from '@bulkhead/vocabulary'

/** One rule where it stands. */
export type RuleReport = {
  readonly layer: Layer
  readonly pattern: string
  readonly origin: RuleOrigin
  readonly limits?: GrantLimits
}

/** Something that a child may do, and every rule that says so. */
export type GrantReport = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  readonly from: readonly RuleReport[]
  readonly limits?: GrantLimits
  readonly optional: boolean
  /** Set on what an operator granted beside the documents. */
  readonly operator?: { readonly grantedBy: string; readonly expiresAt?: number; readonly reason?: string }
}

/** Something that a child declares and may not do. */
export type UngrantedReport = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  readonly optional: boolean
  readonly layer: Layer
  readonly reason: string
  /** Commands or lines of documents that would grant it; none where nothing would. */
  readonly remedies: readonly string[]
  /** The author's words. */
  readonly why?: string
}

export type DenyReport = { readonly kind: Kind; readonly action: Action; readonly rule: RuleReport }

/** A number that bounds a child, and where it was set. */
export type LimitReport = { readonly name: string; readonly value: string; readonly from: string }

export type MountReport = { readonly guest: string; readonly host: string; readonly mode: 'read' | 'write' }

/** Everything that decides what a child may do. */
export type EffectiveReport = {
  readonly child: string
  readonly componentId: string
  readonly component: { readonly reference: string; readonly digest: string }
  /** Absent where no process runs the tree. */
  readonly state?: string
  readonly trust: { readonly level: TrustLevel; readonly reason: string }
  readonly approval: { readonly state: ApprovalState; readonly reason?: string }
  /** Number of the effective table; grows with each change. Absent where no process runs the tree. */
  readonly policyVersion?: number
  /** The policy in force; absent: the approved manifest is the policy. */
  readonly policy?: { readonly version: number; readonly file: string; readonly key: string }
  readonly granted: readonly GrantReport[]
  readonly ungranted: readonly UngrantedReport[]
  readonly denied: readonly DenyReport[]
  /** Absent: there is no role file, and roles restrict nothing. */
  readonly roles?: { readonly allow: readonly DenyReport[]; readonly deny: readonly DenyReport[] }
  readonly limits: readonly LimitReport[]
  readonly mounts: readonly MountReport[]
}

/** One version of a policy, without its text. */
export type PolicyVersionReport = {
  readonly version: number
  readonly current: boolean
  readonly format: 'native' | 'wassette'
  readonly file: string
  readonly hash: string
  readonly author: string
  readonly time: number
  readonly reason: string
  readonly signature?: { readonly sequence: number; readonly key: string }
  readonly rolledBackTo?: number
}

/** How one version differs from another. */
export type PolicyDiffReport = {
  readonly from: string
  readonly to: string
  readonly changes: readonly {
    readonly change: 'added' | 'removed' | 'changed'
    readonly section: string
    readonly text: string
    readonly before?: string
  }[]
}

export type OperatorGrantReport = {
  readonly child: string
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  /** Of the component; another one does not have the grant. */
  readonly digest: string
  readonly grantedBy: string
  readonly time: number
  readonly expiresAt?: number
  readonly reason?: string
}

/** Whether a change is in force already. */
export type Binding = {
  readonly child: string
  readonly incarnation?: number
  /** `running`: also inside calls that had begun. `next-start`: no process runs the child. */
  readonly within: 'running' | 'next-start'
  /** The child did not leave an older call in time, and could not be stopped either. */
  readonly stuck: boolean
}

/** Would this be allowed, and why: every layer in the order in which it is asked. */
export type ExplanationReport = {
  readonly child: string
  readonly kind: Kind
  readonly action: Action
  readonly resource: string
  readonly verdict: 'granted' | 'denied'
  readonly layer: Layer
  readonly reason: string
  readonly rule?: RuleReport
  readonly limits?: GrantLimits
  readonly steps: readonly {
    readonly layer: Layer
    /** `silent`: it has no rule for this. `absent`: there is no such layer. */
    readonly answer: 'grants' | 'refuses' | 'silent' | 'absent' | 'not-asked'
    readonly rule?: RuleReport
  }[]
  /** What would allow it for now; `null` where nothing would. */
  readonly allow: string | null
  /** The lines of documents that would allow it from now on. */
  readonly always: readonly string[]
}

export type ReviewSummary = {
  readonly child: string
  readonly state: ApprovalState
  readonly fingerprint: string
  readonly trust: TrustLevel
  readonly requestedAt: number
  readonly capabilities: number
  readonly risks: number
  readonly reviewer?: string
}

/** What a reviewer needs to decide. */
export type ReviewReport = {
  readonly child: string
  readonly state: ApprovalState
  readonly fingerprint: string
  readonly trust: { readonly level: TrustLevel; readonly reason: string }
  readonly requestedAt: number
  readonly component: { readonly reference: string; readonly digest: string; readonly manifestDigest?: string }
  /** The author's words. */
  readonly description?: string
  readonly asks: readonly {
    readonly capability: string
    /** What that means, in our words. */
    readonly words: string
    readonly optional: boolean
    /** The author's words. */
    readonly why?: string
  }[]
  readonly mounts: readonly MountReport[]
  readonly inherited: readonly string[]
  readonly interfaces: readonly string[]
  readonly risks: readonly { readonly about: string; readonly message: string }[]
  /** Against the last approved version; absent where none was. */
  readonly changes?: readonly { readonly change: 'added' | 'removed' | 'changed'; readonly text: string }[]
  readonly history: readonly {
    readonly decision: 'approved' | 'denied'
    readonly reviewer: string
    readonly time: number
    readonly reason?: string
    readonly fingerprint: string
  }[]
}

/** The least policy that covers what a child really did. */
export type RecommendationReport = {
  readonly child: string
  readonly lines: readonly {
    readonly kind: Kind
    readonly action: Action
    readonly pattern: string
    /** Accesses that this line covers, and distinct resources among them. */
    readonly accesses: number
    readonly resources: number
    /** 0 to 1. */
    readonly confidence: number
    readonly reason: string
    readonly examples: readonly string[]
  }[]
  readonly unused: readonly {
    readonly kind: Kind
    readonly action: Action
    readonly pattern: string
    readonly origin: RuleOrigin
  }[]
  readonly denied: readonly {
    readonly kind: Kind
    readonly action: Action
    readonly resource: string
    readonly layer: Layer
    readonly count: number
    /** Whether a grant would help. */
    readonly grantable: boolean
  }[]
  readonly probes: number
  readonly diff: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly kept: readonly string[]
  }
  /** As a native policy document. */
  readonly text: string
  readonly observed: {
    readonly records: number
    readonly from?: number
    readonly to?: number
    /** Records of other bytes than the present component, left out. */
    readonly otherDigests: number
    /** More distinct resources than are kept were seen. */
    readonly truncated: boolean
  }
}

export type ChildSummary = {
  readonly child: string
  readonly component: string
  readonly digest: string
  /** Absent where no process runs the tree. */
  readonly state?: string
  readonly trust: TrustLevel
  readonly approval: ApprovalState
  readonly policy?: number
  readonly operatorGrants: number
}
