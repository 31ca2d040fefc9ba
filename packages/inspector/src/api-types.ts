// What the routes under `/api` answer and take: pure types, which the page imports too. Instants are wall clock, in
// milliseconds since 1970. Reasons, names of resources and descriptions may be a component's words: whoever shows them
// escapes them.

import type {
  ChildStatus,
  EffectiveReport,
  HealthStatusReport,
  MemberOutcome,
  ReviewReport,
  ReviewSummary,
  TreeReport,
} from '@bulkhead/admin'
import type { ChildDenied, Decided, HealthItem } from 'bulkhead'

/** A denial as it was told, with a number of its own: `ID-N`, in the order in which they came. */
export type DenialReport = ChildDenied & { readonly id: string; readonly time: number }

/** What the children did in one second, and how they stood at its end. */
export type SampleReport = {
  readonly time: number
  /** At most 1,000, in start order. */
  readonly children: readonly ChildSample[]
}

export type ChildSample = {
  readonly child: string
  /** Published and handled together. */
  readonly messagesPerSecond: number
  readonly denialsPerSecond: number
  /** Linear memory; 0 while nothing runs. */
  readonly memoryBytes: number
  /** That wait; 0 without a mailbox. */
  readonly mailboxMessages: number
}

/** `GET /api/tree`: as `bulkhead ps --json` has it. */
export type TreeAnswer = TreeReport

/** `GET /api/children/CHILD`, where CHILD is `NAME` or `TENANT/NAME`; a member of a pool is asked for by its own name. */
export type ChildAnswer = {
  /** The child; of a pool named as a whole all of its members. */
  readonly members: readonly ChildStatus[]
  /** What it may do, who granted it, by which rule. */
  readonly effective: EffectiveReport
}

/** `GET /api/denials`: the last ones, oldest first. */
export type DenialsAnswer = { readonly denials: readonly DenialReport[] }

/** `GET /api/samples`: of the last five minutes, as far as somebody looked; oldest first. */
export type SamplesAnswer = { readonly samples: readonly SampleReport[] }

/** `GET /api/reviews`. */
export type ReviewsAnswer = { readonly reviews: readonly ReviewSummary[] }

/** `GET /api/reviews/CHILD`. `request.fingerprint` is what a decision must name. */
export type ReviewAnswer = ReviewReport

/**
 * `GET /api/stream`: messages of server-sent events, each with one of these as JSON in its `data` and `kind` as its `event`.
 * At the beginning come `health`, `tree`, `reviews`, `denials` and `samples`, whole; then whatever of it has changed, and
 * each health event. Only `event` and `missed` have an `id:`, for `Last-Event-ID`.
 */
export type StreamItem =
  | { readonly kind: 'health'; readonly health: HealthStatusReport }
  | { readonly kind: 'tree'; readonly tree: TreeReport }
  | { readonly kind: 'reviews'; readonly reviews: readonly ReviewSummary[] }
  /** Those that came since the last message of this kind. */
  | { readonly kind: 'denials'; readonly denials: readonly DenialReport[] }
  | { readonly kind: 'samples'; readonly samples: readonly SampleReport[] }
  | HealthItem

/** `POST /api/reviews/CHILD/approve`. */
export type ApproveOrder = {
  /** `request.fingerprint` of the review that was looked at: what is approved is what was shown. */
  readonly fingerprint: string
  /** What is left of the request, as `KIND.ACTION=PATTERN`; absent: all of it. */
  readonly narrow?: readonly string[]
  readonly reason?: string
}

/** `POST /api/reviews/CHILD/deny`. */
export type DenyOrder = { readonly fingerprint: string; readonly reason: string }

/** What a decision came to. */
export type DecidedAnswer = Decided

/** `POST /api/children/CHILD/restart|stop|start`: an empty object. */
export type ChildOrder = { readonly [key: string]: never }

/** What an order came to, for each member of the child. */
export type OrderAnswer = { readonly members: readonly MemberOutcome[] }

/** `POST /api/children/CHILD/release`. */
export type ReleaseOrder = { readonly reason: string }

/** Who was released. */
export type ReleaseAnswer = { readonly released: readonly string[] }

/** Whatever is refused, with its status: 400, 401, 403, 404, 405, 409, 413, 415, 421, 500, 503. */
export type ErrorAnswer = {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string }
}

/** The kinds of {@link StreamItem}: names of events of `/api/stream`. */
export type StreamKind = StreamItem['kind']
