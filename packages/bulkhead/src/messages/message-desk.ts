import type { ChildMessages, ReplayReport } from '@bulkhead/admin'
import type { DeadLetterReason } from '@bulkhead/mailbox'

/** What became of a message that the host sent. */
export type Published = {
  /** How many receivers have accepted it; a pool counts once. */
  readonly receivers: number
  /** How many had no room: the others have it. */
  readonly overloaded: number
}

export type PublishOptions = {
  /** A W3C `traceparent` that the message continues; without one it begins a trace. */
  readonly traceparent?: string
}

export type RequestOptions = PublishOptions & {
  /** Longest wait for the answer, in milliseconds; 30 s unless said. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** The first answer to a request. */
export type Reply = {
  readonly body: Uint8Array
  /** The child that answered. */
  readonly from: string
  /** The topic that was asked. */
  readonly topic: string
}

/** A message as subscribers of the host get it; `body` is theirs to keep. */
export type ReceivedMessage = {
  readonly topic: string
  readonly body: Uint8Array
  /** The child that sent it; `host` for the host application. As the lane vouches for it, never as a sender says. */
  readonly from: string
  readonly incarnation: number
  readonly traceparent?: string
  /** Wall clock, milliseconds. */
  readonly sentAtMs: number
  /** Set where an answer is awaited: bytes that a handler returns are sent there. */
  readonly replyTo?: string
}

/** What a stream of messages yields: messages, and how many were left out because it was read too slowly. */
export type StreamItem =
  | { readonly kind: 'message'; readonly message: ReceivedMessage }
  | { readonly kind: 'missed'; readonly count: number }

export type StreamOptions = {
  /** Ends the stream. */
  readonly signal?: AbortSignal
  /** Messages that wait for a slow reader before further ones are missed; 256 unless said. */
  readonly waitingMax?: number
}

/** A message that was accepted, or asked for, and yet not processed. */
export type DeadLetterReport = {
  /** Names the letter for as long as the process runs. */
  readonly id: number
  readonly reason: DeadLetterReason
  readonly topic: string
  readonly from: string
  readonly incarnation: number
  /** The child whose mailbox it was in; absent when nobody was there to receive it. */
  readonly receiver?: string
  readonly body: Uint8Array
  readonly replyTo?: string
  readonly traceparent?: string
  /** When it became a dead letter: wall clock, milliseconds. */
  readonly atMs: number
}

/** What became of a letter that was sent again. */
export type Replayed = ReplayReport

export type DeadLetterDesk = {
  /** The letters, oldest first; the newest 10,000 are kept. */
  readonly list: (filter?: {
    readonly child?: string
    readonly reason?: DeadLetterReason
  }) => readonly DeadLetterReport[]
  /** Sends letters once more, to whoever the topic has now, as from their sender. One that is sent is no letter any more. */
  readonly replay: (ids: readonly number[] | 'all') => readonly Replayed[]
  /** Forgets letters; how many there were. */
  readonly discard: (ids: readonly number[] | 'all') => number
}

/** How the messages of one child stand; a member of a pool is one. */
export type MessageStats = ChildMessages

/** The sums of a tenant; children without one are together under no name. */
export type TenantStats = Omit<MessageStats, 'child' | 'tenant' | 'oldestMs'> & {
  readonly tenant: string | undefined
  readonly children: number
  readonly oldestMs?: number
}

export type MessageReport = {
  readonly children: readonly MessageStats[]
  readonly tenants: readonly TenantStats[]
  /** Dead letters that are kept, and those that had to make place for newer ones. */
  readonly deadLetters: { readonly kept: number; readonly dropped: number }
}

/**
 * Everything that an operator or a host application may do with messages: what admin commands are bound to.
 *
 * @throws {BulkheadError} `usage` for what is no topic or pattern; `resource-limit-exceeded` for a body that is too large;
 *   `no-subscriber`, `mailbox-overloaded` and `call-timeout` of requests.
 */
export type MessageDesk = {
  readonly publish: (topic: string, body: Uint8Array, options?: PublishOptions) => Promise<Published>
  readonly request: (topic: string, body: Uint8Array, options?: RequestOptions) => Promise<Reply>
  /** The messages of a pattern from now on. Ends when the signal aborts, the reader leaves or the tree stops. */
  readonly stream: (pattern: string, options?: StreamOptions) => AsyncIterable<StreamItem>
  readonly deadLetters: DeadLetterDesk
  readonly stats: () => MessageReport
}
