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
  /** Absent: nothing would grant it. */
  readonly remedy?: RemedyReport
  /** The author's words. */
  readonly why?: string
}

export type DenyReport = { readonly kind: Kind; readonly action: Action; readonly rule: RuleReport }

/** A number that bounds a child, and the document that says it; `default` where none does. */
export type LimitReport = {
  /** The unit is in the name. */
  readonly name: 'memoryBytes' | 'cpuPercent' | 'handles' | 'deadlineMs'
  readonly value: number
  readonly document: string
}

/** What would allow something: commands or flags for now, lines of documents from now on; all of a list are needed. */
export type RemedyReport = {
  readonly once: readonly string[]
  readonly always: readonly string[]
  /** Why there is no such line although something else than the child could be changed. */
  readonly note?: string
}

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
  /** Absent: it is granted, or nothing would allow it. */
  readonly remedy?: RemedyReport
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

/** A component's own words: the field's name is the mark that they are its, not ours. Escaped, one line. */
export type ComponentWords = { readonly componentSays: string }

export type ChangesReport = {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** A request in the words of a reviewer. Every text is escaped. */
export type RequestReport = {
  /** What a decision must name. */
  readonly fingerprint: string
  readonly componentDigest: string
  readonly manifestDigest: string | null
  readonly componentId: ComponentWords
  readonly version?: ComponentWords
  readonly description?: ComponentWords
  readonly asks: readonly {
    readonly kind: Kind
    readonly actions: readonly string[]
    readonly pattern: string
    /** What it means, in our words. */
    readonly words: string
    /** Whether it also starts without. */
    readonly optional: boolean
    readonly why: readonly ComponentWords[]
  }[]
  readonly mounts: readonly string[]
  readonly inherited: readonly string[]
  readonly interfaces: readonly string[]
  readonly risks: readonly { readonly flag: string; readonly about: string; readonly words: string }[]
  /** Since the last approved one; absent when there is none. */
  readonly changes?: {
    readonly component: boolean
    readonly manifest: boolean
    readonly capabilities: ChangesReport
    readonly mounts: ChangesReport
    readonly inherited: ChangesReport
    readonly interfaces: ChangesReport
  }
}

export type DecisionReport = {
  readonly fingerprint: string
  readonly verdict: 'approved' | 'denied'
  readonly reviewer: string
  readonly time: number
  readonly reason?: string
  /** What the reviewer left of the request, as `KIND.ACTION=PATTERN`; absent means all of it. */
  readonly narrow?: readonly string[]
}

/** What a reviewer needs to decide. */
export type ReviewReport = {
  readonly child: string
  readonly state: ApprovalState
  /** Who looks at it. */
  readonly reviewer?: string
  readonly trust: { readonly level: TrustLevel; readonly reason: string }
  readonly requestedAt: number
  /** The component as the tree file names it. */
  readonly reference: string
  readonly request: RequestReport
  /** Newest first. */
  readonly history: readonly DecisionReport[]
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
