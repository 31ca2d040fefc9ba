/** A message that a guest sends. Its subject has passed the check of what the guest may do. */
export type OutgoingMessage =
  | { readonly kind: 'publish'; readonly subject: string; readonly body: Uint8Array }
  /** On the reply-to of a message that the guest was handed. */
  | { readonly kind: 'reply'; readonly subject: string; readonly body: Uint8Array }
  /** `dueNs`: until when its answer is waited for. */
  | { readonly kind: 'request'; readonly subject: string; readonly body: Uint8Array; readonly dueNs: bigint }

/** A message as a guest is handed it: `broker-message`, as the glue writes it. */
export type IncomingMessage = {
  readonly subject: string
  readonly body: Uint8Array
  readonly replyTo: string | undefined
}

/** Why a message is not sent, in the word that its sender is told. `timeout`: of an answer whose asker is gone. */
export type MessageRefusal = 'too-large' | 'overloaded' | 'no-subscriber' | 'timeout'

/**
 * Waits until `isReady` says so, or `dueNs` has come. Throws when the guest may not send the message any more: nothing
 * was committed then that is not.
 */
export type Pause = (isReady: () => boolean, dueNs: bigint) => void

/** A message whose receivers are chosen and there, and for which it is not too large. */
export type ReadyMessage = {
  /** Takes it from the guest's rate; `false`: the rate is spent, and nothing was taken. */
  readonly charge: () => boolean
  /** Commits it to each receiver. `overloaded`: some had no room; the others have it. */
  readonly commit: (pause: Pause) => 'sent' | MessageRefusal
}

/** How messages leave and reach one guest. Never blocks but by the `pause` that it is handed. */
export type MessagePowers = {
  /** Finds receivers and the ways to them; may wait for the host to make one. */
  readonly prepare: (message: OutgoingMessage, pause: Pause) => ReadyMessage | MessageRefusal
  /** Whether this is the reply-to of a message that the guest was handed and has not answered. */
  readonly replyState: (subject: string) => 'open' | 'expired' | 'unknown'
  /** The answer to the request in hand, once; what answers no request of now is gone afterwards. */
  readonly takeReply: () => IncomingMessage | undefined
  /** The request in hand is over: what still answers it is late. */
  readonly endRequest: (outcome: 'answered' | 'timed-out' | 'given-up') => void
  /** As the wake word of the actor, for a wait that an answer ends too. */
  readonly wakeCount: () => number
  readonly park: (seen: number, untilNs: bigint | undefined) => void
}
