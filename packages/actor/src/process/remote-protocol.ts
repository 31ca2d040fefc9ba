// Messages of an actor in a process of its own. Shared memory does not cross processes, so that its host sends and receives
// for it: what the guest wants goes to the host, which decides and charges as if it had not been decided, and the host
// hands it one message at a time.
import type { ExportedFunction } from '@bulkhead/contracts'
import type { MessageRefusal } from '@bulkhead/wasi'
import type { LifecycleEvent } from '../message-protocol.js'

/** What a worker needs to have its messages dealt with by a host in another process. */
export type RemoteBegin = {
  readonly handles: boolean
  readonly messagesMax?: number | undefined
  readonly functions?: readonly ExportedFunction[] | undefined
  readonly healthEveryMs?: number | undefined
}

/** What a worker wants of its host, or tells it. Each question has a number, which its answer carries. */
export type RemoteWish =
  /** Find the receivers, and take it from the rate. `waitMs`: of a request, how long an answer is waited for. */
  | {
      readonly kind: 'prepare'
      readonly number: number
      readonly how: 'publish' | 'reply' | 'request'
      readonly subject: string
      readonly waitMs: number
      readonly body: Uint8Array
    }
  /** Send what was prepared last: it is on record now. */
  | { readonly kind: 'commit'; readonly number: number }
  | { readonly kind: 'request-over'; readonly outcome: 'answered' | 'timed-out' | 'given-up' }
  /** The answer to the call that it has in hand. */
  | { readonly kind: 'call-answered'; readonly answer: Uint8Array }
  /** The handler has returned from the message of this number. */
  | { readonly kind: 'handled'; readonly number: number; readonly failed: boolean }
  /** The message of this number was not begun, and will not be. */
  | { readonly kind: 'unbegun'; readonly number: number }
  | { readonly kind: 'handler-failed'; readonly error: string; readonly unreported: number }
  | LifecycleEvent

export type RemoteAnswer =
  | { readonly kind: 'prepared'; readonly number: number; readonly outcome: 'ready' | 'over-rate' | MessageRefusal }
  | { readonly kind: 'committed'; readonly number: number; readonly outcome: 'sent' | MessageRefusal }
  /** The answer to the request in hand. */
  | { readonly kind: 'reply'; readonly number: number; readonly subject: string; readonly body: Uint8Array }
  /** A message for the guest's handler. */
  | {
      readonly kind: 'message'
      readonly number: number
      readonly subject: string
      readonly body: Uint8Array
      readonly replyTo: string | undefined
      readonly expiresAtNs: bigint | undefined
    }

/** As they are posted between a bridge and its worker. */
export type RemoteClaim = { readonly kind: 'remote'; readonly wish: RemoteWish }
export type RemoteNews = { readonly kind: 'remote'; readonly answer: RemoteAnswer }
