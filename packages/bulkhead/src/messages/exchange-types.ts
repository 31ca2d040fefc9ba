// What the exchange of messages is given, and what it tells.

import type { DeliveryMode } from '@bulkhead/mailbox'
import type { Clock, HealthEventDraft, Rate } from '@bulkhead/vocabulary'
import type { MessageRole } from './message-member.js'
import type { MessageQuota } from './message-rates.js'
import type { ChildTopics } from './topic-authority.js'

export type ExchangePowers = {
  readonly clock: Clock
  /** Monotonic origin of the runtime, nanoseconds. */
  readonly originNs: bigint
  readonly raise: (draft: HealthEventDraft) => void
  /** A handler of a child returned an error, or one of the host failed. */
  readonly onHandlerFailed: (failure: HandlerFailure) => void
  /** The rate of the whole tree, if it has one. */
  readonly rate?: Rate | undefined
  /** How many children the tree has. */
  readonly children: number
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
