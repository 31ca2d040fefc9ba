// What the exchange of messages is given, and what it tells.

import type { TracedCalls } from '@bulkhead/actor'
import type { DeliveryMode } from '@bulkhead/mailbox'
import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import type { MessageRole } from './message-member.js'
import type { MessageQuota, SupervisorRate } from './message-rates.js'
import type { ChildTopics } from './topic-authority.js'

export type ExchangePowers = {
  readonly clock: Clock
  /** Monotonic origin of the runtime, nanoseconds. */
  readonly originNs: bigint
  readonly raise: (draft: HealthEventDraft) => void
  /** A handler of a child returned an error, or one of the host failed. */
  readonly onHandlerFailed: (failure: HandlerFailure) => void
  /** Told of sampled messages that children have handled; absent where nobody traces. */
  readonly onHandled?: ((handling: Handling) => void) | undefined
  /** The supervisors of the tree, each after the one above it. */
  readonly supervisors: readonly SupervisorRate[]
}

/** A child had a message in hand, as its worker says. */
export type Handling = {
  readonly child: string
  readonly topic: string
  readonly from: string
  readonly trace: Uint8Array
  readonly tookNs: bigint
  readonly agoNs: bigint
  readonly failed: boolean
  /** Some of the host calls that it made meanwhile; absent where they are not seen. */
  readonly traced?: TracedCalls | undefined
}

/** Who is told of calls by name. */
export type CallWatcher = {
  /** A member's worker has answered the call that it had in hand. */
  readonly answered: (member: string, answer: Uint8Array) => void
  /** A member has ended with a call in hand. */
  readonly lost: (member: string, call: Uint8Array) => void
}

export type HandlerFailure = {
  /** The child, or a member of a pool; `host` for a subscriber of the host application. */
  readonly child: string
  readonly topic: string
  readonly from: string
  readonly error: string
  /** Failures since the last one that were not told apart. */
  readonly more: number
}

export type ExchangedChild = {
  readonly id: string
  /** The one that it stands below. */
  readonly supervisor: string
  readonly memberIds: readonly string[]
  readonly role: MessageRole
  readonly delivery: DeliveryMode
  readonly topics: ChildTopics
  readonly quota: MessageQuota
  /** Whether its members sleep while they have no work. */
  readonly sleeps?: boolean | undefined
  /** After how many messages an incarnation is over. */
  readonly messagesMax?: number | undefined
}

/** Newer rules of a child. */
export type ChildRules = Pick<ExchangedChild, 'id' | 'topics' | 'quota'>
