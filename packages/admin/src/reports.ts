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

/** Something that a child declares, or an operator granted, and of which nothing is allowed. */
export type UngrantedReport = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  readonly optional: boolean
  /** The first layer that refuses. */
  readonly layer: Layer
  readonly reason: string
  /** Absent: nothing would grant it. */
  readonly remedy?: RemedyReport
  /** The author's words. */
  readonly why?: string
}

export type DenyReport = { readonly kind: Kind; readonly action: Action; readonly rule: RuleReport }

/** What would allow something: commands or flags for now, lines of documents from now on; all of a list are needed. */
export type RemedyReport = {
  readonly once: readonly string[]
  readonly always: readonly string[]
  /** Why there is no such line although something else than the child could be changed. */
  readonly note?: string
}

/** A number that bounds a child, and the document that says it; `default` where none does. */
export type LimitReport = {
  /** The unit is in the name. */
  readonly name:
    | 'memoryBytes'
    | 'cpuPercent'
    | 'handles'
    | 'messagesPerHour'
    | 'logBytesPerHour'
    | 'storageBytes'
    | 'networkBytesPerHour'
    | 'requestsPerHour'
    | 'deadlineMs'
  readonly value: number
  readonly document: string
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
  /** `running`: also inside calls that had begun. `starting`: it waited for this. `next-start`: nothing runs it now. */
  readonly within: 'running' | 'starting' | 'next-start'
  /** The child did not leave an older call in time, and could not be stopped either. */
  readonly stuck: boolean
  /** It did not leave an older call in time and was stopped: what it is started as again is bound. */
  readonly stopped?: boolean
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
  /** Every layer in the order in which it is asked. */
  readonly steps: readonly StepReport[]
  /** What would allow it for now; `null` where nothing would, or nothing is needed. */
  readonly allow: string | null
  /** The lines and commands that would allow it from now on, all of them. */
  readonly always: readonly string[]
  /** Why there is no such line although something else than the child could be changed. */
  readonly note?: string
}

/** What one layer says to one request. */
export type StepReport = {
  readonly layer: Layer
  /** `silent`: it has no rule for this, and none is needed. `absent`: there is no such layer. */
  readonly answer: 'grants' | 'refuses' | 'silent' | 'absent'
  readonly rule?: RuleReport
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

/** A grant as it stands in a document. */
export type WrittenGrant = {
  readonly kind: Kind
  readonly action: Action
  readonly pattern: string
  readonly origin: RuleOrigin
  readonly optional?: boolean
  readonly why?: string
  readonly limits?: GrantLimits
}

/** What a recommendation was made from. */
export type ObservedReport = {
  /** Records that count. */
  readonly records: number
  /** Accesses, repeats counted. */
  readonly accesses: number
  readonly from?: number
  readonly to?: number
  /** The digest that records must have, if any. */
  readonly digest?: string
  /** Records of other digests, which were left out. */
  readonly leftOut: readonly { readonly digest: string; readonly records: number }[]
  /** Records beyond the bound of distinct accesses: nothing is recommended from them. */
  readonly uncounted: number
}

/** The least policy that covers what a child really did. */
export type RecommendationReport = {
  readonly child: string
  readonly componentId: string
  readonly generalise: string
  readonly lines: readonly {
    readonly grant: WrittenGrant
    /** Accesses that it is there for, repeats counted. */
    readonly covers: number
    /** Distinct names among them. */
    readonly resources: number
    /** 0 to 1. */
    readonly confidence: number
    readonly reason: string
    /** Names as they were asked for: the component's words. */
    readonly examples: readonly string[]
    readonly firstSeen?: number
    readonly lastSeen?: number
    /** Whether it allows more than what is granted now. */
    readonly widens: boolean
  }[]
  /** Rules in force that nothing has used. */
  readonly unused: readonly WrittenGrant[]
  readonly denied: readonly {
    readonly kind: Kind
    readonly action: Action
    readonly layer?: Layer
    readonly count: number
    readonly resources: number
    /** The component's words. */
    readonly examples: readonly string[]
    readonly rule?: string
    /** Whether granting it would have let it through. */
    readonly grantHelps: boolean
    readonly remedy: string
  }[]
  /** Look-ups of what exists nowhere. */
  readonly probes: number
  readonly diff: {
    readonly added: readonly WrittenGrant[]
    readonly removed: readonly WrittenGrant[]
    readonly kept: readonly WrittenGrant[]
  }
  /** As a native policy document. */
  readonly text: string
  readonly observed: ObservedReport
  /** What the reader must know before using it. */
  readonly notes: readonly string[]
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
