// What host and worker tell each other about messages. The messages themselves go from thread to thread by lanes; here
// are only the ends of lanes, rules, and what became of messages that nobody could be handed.
import type { ExportedFunction } from '@bulkhead/contracts'
import type {
  InletMemory,
  InletRules,
  Message,
  OutletMemory,
  ReaderMemory,
  Refused,
  RoutingTable,
  Sender,
} from '@bulkhead/mailbox'
import type { RateBucketMemory, RateSeat } from '@bulkhead/quota'
import type { WireError } from '@bulkhead/vocabulary'
import type { TracedCalls } from '@bulkhead/wasi'

/** Names a mailbox, or an inbox for replies, for as long as the process runs: never used again. */
export type MailboxId = number

/** A mailbox that the worker reads. */
export type ReadMailbox = { readonly id: MailboxId; readonly reader: ReaderMemory }

/** What a worker needs to send and receive messages. */
export type MessagesBegin = {
  /** Where messages for the guest's handler lie; `undefined` for a guest that handles none. Outlives the worker. */
  readonly mailbox: ReadMailbox | undefined
  /** Where answers to its requests lie; `undefined` for a guest that may make none. Of this incarnation alone. */
  readonly inbox: ReadMailbox | undefined
  readonly routing: RoutingTable
  /** Messages that it may send, requests and replies among them: a seat where supervisors have rates too. */
  readonly outboundRate: RateBucketMemory | RateSeat
  /** Messages that it is handed: beyond, they wait in its mailbox until that is full. */
  readonly inboundRate: RateBucketMemory | undefined
  /** After so many messages handled the guest has done its work, and ends; left out: when it is stopped. */
  readonly messagesMax?: number | undefined
  /** What it exports that its host calls by name; left out where there is nothing. */
  readonly functions?: readonly ExportedFunction[] | undefined
  /** How often it is asked how it is, in milliseconds, where it exports `bulkhead:actor/lifecycle`; left out: never. */
  readonly healthEveryMs?: number | undefined
  /** Somebody writes down how long messages take: of those whose trace is sampled the worker tells it. */
  readonly isTraced?: boolean | undefined
}

/** What a guest that exports `bulkhead:actor/lifecycle` is at, in the worker's words. */
export type LifecycleStage =
  /** Its `health` is called now. */
  | 'asked'
  /** It has answered: well. */
  | 'well'
  /** It has answered with an error. */
  | 'ill'
  /** Its `shutdown` is called now; nothing else is served after that. */
  | 'shutdown'
export const lifecycleStages = ['asked', 'well', 'ill', 'shutdown'] as const satisfies readonly LifecycleStage[]

/** What the host posts to a worker about messages. `mailbox` of an inlet is one that it reads, of an outlet one that it sends to. */
export type MessagesToWorker =
  | { readonly kind: 'routing'; readonly routing: RoutingTable }
  | { readonly kind: 'inlet'; readonly mailbox: MailboxId; readonly inlet: InletMemory }
  | { readonly kind: 'inlet-rules'; readonly mailbox: MailboxId; readonly lane: number; readonly rules: InletRules }
  | {
      readonly kind: 'inlet-arena'
      readonly mailbox: MailboxId
      readonly lane: number
      readonly arena: SharedArrayBuffer
    }
  | { readonly kind: 'inlet-ended'; readonly mailbox: MailboxId; readonly lane: number }
  /** The answer to `outlet-wanted`; `undefined`: there is nobody whom it could reach; `full`: no place for a lane now. */
  | { readonly kind: 'outlet'; readonly mailbox: MailboxId; readonly outlet: OutletMemory | 'full' | undefined }
  /** The answer to `arena-wanted`; `undefined`: there is no place for one, and the lane is to be given up for another. */
  | { readonly kind: 'outlet-arena'; readonly mailbox: MailboxId; readonly arena: SharedArrayBuffer | undefined }

/** A sender that wrote what it cannot have written by the rules, as the worker found it. */
export type WireBreach = { readonly lane: number; readonly sender: Sender; readonly error: WireError }

/** `words`: the error of an `ill`, cut. */
export type LifecycleEvent = { readonly kind: 'lifecycle'; readonly stage: LifecycleStage; readonly words: string }

/** What a worker tells the host about messages: claims about its own mailboxes, and its own needs. */
export type MessageEvent =
  | { readonly kind: 'outlet-wanted'; readonly mailbox: MailboxId }
  | { readonly kind: 'arena-wanted'; readonly mailbox: MailboxId }
  /** It has closed its end: the next `outlet-wanted` asks for another lane. */
  | { readonly kind: 'outlet-closed'; readonly mailbox: MailboxId }
  /** The receiver left the lane as it cannot be: the receiver's fault. */
  | { readonly kind: 'outlet-corrupt'; readonly mailbox: MailboxId; readonly reason: string }
  /** A message in a mailbox that it reads was accepted and is not handed on: a dead letter. */
  | { readonly kind: 'refused-message'; readonly mailbox: MailboxId; readonly refused: Refused }
  /** Somebody else wrote what it may not into a mailbox that this worker reads. */
  | { readonly kind: 'breach'; readonly mailbox: MailboxId; readonly breach: WireBreach }
  /** A request on a topic that nobody receives: a dead letter `no-subscriber`. */
  | { readonly kind: 'unanswerable'; readonly message: Message }
  /** The handler returned an error: at most ten a second are told, `unreported` more were only counted since the last. */
  | {
      readonly kind: 'handler-failed'
      readonly subject: string
      readonly from: Sender
      readonly error: string
      readonly unreported: number
    }
  /** The handler was handed a message whose trace is sampled: a few a second are told, only where somebody traces. */
  | {
      readonly kind: 'message-handled'
      readonly subject: string
      readonly from: Sender
      readonly trace: Uint8Array
      /** As `sentAtNs` of messages. */
      readonly sinceNs: bigint
      readonly untilNs: bigint
      readonly failed: boolean
      /** Host calls that it made meanwhile; absent where the worker cannot see them. */
      readonly traced?: TracedCalls | undefined
    }
  /** The answer to the call that it has in hand (`call-record.ts`). */
  | { readonly kind: 'call-answered'; readonly answer: Uint8Array }
  | { readonly kind: 'request-timed-out'; readonly subject: string; readonly mailbox: MailboxId }
