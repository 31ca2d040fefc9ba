// What a running process answers about its tree and its messages: plain JSON. Instants are wall clock, in milliseconds
// since 1970; bodies are base64. Topics and bodies are components' words: whoever prints them escapes them.
import type { ApprovalState, LogLevel, TrustLevel } from '@bulkhead/vocabulary'

/** How one child stands; a member of a pool is one. */
export type ChildStatus = {
  readonly child: string
  /** The child of which it is one of several members: what rules and approvals are about. Absent: it is its only one. */
  readonly memberOf?: string
  readonly supervisor: string
  /** As the tree file names it. */
  readonly component: string
  readonly state: string
  /** Only of what runs. */
  readonly health?: 'healthy' | 'degraded'
  /** When it entered this state, or its health last changed. */
  readonly since: number
  /** 0 before the first start, then +1 at each. */
  readonly incarnation: number
  readonly restarts: number
  /** Charged exits that would still be forgiven now. */
  readonly restartsLeft: number
  /** Where on the isolation ladder it runs, or would. */
  readonly level: string
  /** The isolation score now; at 4 it climbs a rung. */
  readonly score: number
  /** Linear memory; absent while nothing runs. */
  readonly memory?: { readonly bytes: number; readonly maxBytes: number }
  /** Processor time of its run so far, in milliseconds; absent while nothing runs. */
  readonly cpuMs?: number
  /** Checks of its guard that were refused, probes too, of all its runs; absent: none. */
  readonly denied?: number
  readonly trust: TrustLevel
  readonly approval: ApprovalState
  /** Absent: it takes no messages. */
  readonly mailbox?: { readonly messages: number; readonly messagesMax: number; readonly oldestMs?: number }
  /** Messages of the last five seconds, by the second; absent: it has nothing to do with messages. */
  readonly rates?: { readonly publishedPerSecond: number; readonly handledPerSecond: number }
  /** HTTP requests, since the runtime's start; absent: it was asked none. */
  readonly http?: {
    readonly served: number
    readonly failed: number
    readonly refused: number
    readonly dropped: number
    readonly inFlight: number
  }
  /** Why it is in this state. */
  readonly why?: string
  /** What happens next by itself, and when it is known. */
  readonly next?: { readonly what: string; readonly at?: number }
}

/** How one supervisor stands. */
export type SupervisorStatus = {
  readonly supervisor: string
  readonly state: string
  readonly health: 'healthy' | 'degraded' | 'failed'
  /** When it entered its state. */
  readonly since: number
  readonly strategy: string
  readonly profile: string
  /** Its children are all alike and come one by one. */
  readonly isPool: boolean
  /** Under profile `otp`: restarts that all its children together have left. */
  readonly restartsLeft?: number
  /** Why it is not healthy, or ended. */
  readonly why?: string
  /** In start order: the name of a child, or another supervisor. */
  readonly children: readonly (string | SupervisorStatus)[]
}

/** The tree of a running process: its children in start order, and who supervises whom. */
export type TreeReport = {
  readonly root: string
  readonly children: readonly ChildStatus[]
  readonly tree: SupervisorStatus
}

/** What came of an order to one member of a child. */
export type MemberOutcome = {
  readonly child: string
  readonly outcome:
    | 'started'
    /** It is stopped in order, and started again at once. */
    | 'restarted'
    | 'stopped'
    /** The next message wakes it. */
    | 'sleeps'
    | 'runs-already'
    /** It is down, and comes back by itself. */
    | 'comes-back'
    | 'waiting'
    /** Only a release brings it back, or its term. */
    | 'quarantined'
    | 'failed'
    /** It was killed, and its end was not seen. */
    | 'zombie'
    /** A member of a pool that was stopped is no member any more. */
    | 'gone'
  readonly why?: string
}

/** What an upgrade came to. Texts of the component are escaped. */
export type UpgradeAnswer = {
  readonly child: string
  readonly outcome: 'upgraded' | 'approval-required'
  readonly from: UpgradedBytes
  readonly to: UpgradedBytes
  readonly difference: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changed: readonly string[]
  }
  readonly isWider: boolean
  readonly probationMs: number
}

export type UpgradedBytes = { readonly component: string; readonly digest: string; readonly version?: string }

/** A line that a child wrote, or a message that it logged. `message` and `context` are its own words. */
export type LogReport = {
  readonly child: string
  readonly incarnation: number
  /** What is missing between two was dropped. */
  readonly seq: number
  readonly time: number
  readonly level: LogLevel
  readonly stream: 'stdout' | 'stderr' | 'logging'
  readonly context?: string
  readonly message: string
}

/** `missed`: so many records came faster than they were read. */
export type LogItem =
  | { readonly kind: 'record'; readonly record: LogReport }
  | { readonly kind: 'missed'; readonly count: number }

/** A message as a subscriber of the admin socket gets it. */
export type MessageItem = {
  readonly topic: string
  /** The child that sent it; `host` for the host application and for operators. */
  readonly from: string
  readonly incarnation: number
  readonly sentAt: number
  readonly body: string
  readonly replyTo?: string
  readonly traceparent?: string
}

/** `subscribed` comes first; `missed` says how many messages were left out because they were read too slowly. */
export type SubscriptionItem =
  | { readonly kind: 'subscribed' }
  | ({ readonly kind: 'message' } & MessageItem)
  | { readonly kind: 'missed'; readonly count: number }

/** Why a message was accepted, or asked for, and yet not processed (SPEC 10). */
export const letterReasons = [
  'no-subscriber',
  'lost-in-crash',
  'poison',
  'stale-incarnation',
  'revoked',
  'expired',
] as const
export type LetterReason = (typeof letterReasons)[number]

/** A message that was accepted, or asked for, and yet not processed. */
export type LetterSummary = {
  readonly id: number
  readonly reason: LetterReason
  readonly topic: string
  readonly from: string
  readonly incarnation: number
  /** The child whose mailbox it was in; absent when nobody was there to receive it. */
  readonly receiver?: string
  /** When it became one. */
  readonly at: number
  readonly bytes: number
  /** The first bytes of its body. */
  readonly head: string
}

/** One dead letter with all of its body. */
export type LetterReport = LetterSummary & {
  readonly body: string
  readonly replyTo?: string
  readonly traceparent?: string
}

/** Why a letter was sent again, or was not; what was not sent stays a letter. */
export type ReplayReport = {
  readonly id: number
  readonly outcome: 'sent' | 'no-subscriber' | 'overloaded' | 'not-found' | 'answers-nobody'
}

/** Counts are of all incarnations since the tree started; rates are of the last five seconds. */
export type MessageCounts = {
  /** Messages that wait, and of how many at most. */
  readonly depth: number
  readonly depthMax: number
  /** Bytes that wait in its rings; bodies in arenas are not in it. */
  readonly bytes: number
  /** Shared memory that the mailbox has now. */
  readonly memoryBytes: number
  readonly lanes: number
  /** Age of the oldest message that waits, in milliseconds; absent when none does. */
  readonly oldestMs?: number
  readonly published: number
  readonly requested: number
  /** Messages that it was handed; calls and requests of HTTP too. */
  readonly received: number
  readonly handled: number
  readonly handlerErrors: number
  readonly refusedByRate: number
  readonly refusedByOverload: number
  readonly deadLetters: number
  readonly publishedPerSecond: number
  readonly handledPerSecond: number
}

export type ChildMessages = MessageCounts & { readonly child: string; readonly tenant?: string }
/** The sums of a tenant; children without one are together under no name. */
export type TenantMessages = MessageCounts & { readonly tenant?: string; readonly children: number }

export type MessagesReport = {
  readonly children: readonly ChildMessages[]
  readonly tenants: readonly TenantMessages[]
  /** Dead letters that are kept, and those that had to make place for newer ones. */
  readonly deadLetters: { readonly kept: number; readonly dropped: number }
}

/** What reading the tree file again came to, or would come to. */
export type ReloadReport = {
  /** `planned`: it was only asked for; `needs-restart`: something cannot change while the tree runs, so nothing was changed. */
  readonly outcome: 'applied' | 'planned' | 'needs-restart'
  readonly added: readonly ReloadedChild[]
  readonly removed: readonly string[]
  readonly changed: readonly ChangedChild[]
  readonly unchanged: readonly string[]
  /** Supervisors that have other flags or another order of their members; `http.routes`. */
  readonly around: readonly { readonly name: string; readonly what: readonly string[] }[]
  /** By the key of the file, and where it stands. */
  readonly needsRestart: readonly { readonly key: string; readonly where: string }[]
}

export type ReloadedChild = {
  readonly child: string
  /** What keeps it from starting; one that runs goes on with what is left to it. */
  readonly waits?: string
}

export type ChangedChild = ReloadedChild & {
  /** Keys of its entry, or which of the files that it names. */
  readonly what: readonly string[]
  /** `restarted`: stopped in order and started by its new entry, with the same mailbox and accounts. */
  readonly how: 'restarted' | 'in-place'
}
