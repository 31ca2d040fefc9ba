import type { Delivery } from '@bulkhead/mailbox'
import type {
  HostPowers,
  IncomingMessage,
  MessagePowers,
  MessageRefusal,
  OutgoingMessage,
  Pause,
  ReadyMessage,
} from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import { messageBytesMax } from '../limits.js'
import { ReplyRights } from '../messages/reply-rights.js'
import type { MessageSource } from '../messages/serve-messages.js'
import type { PortPump } from '../port-pump.js'
import { remoteAnswerMs } from './limits.js'
import type { RemoteAnswer, RemoteBegin, RemoteClaim, RemoteWish } from './remote-protocol.js'

export type RemoteMessagesPowers = {
  readonly ledger: Ledger
  readonly pump: PortPump
  readonly now: () => bigint
  readonly park: HostPowers['park']
  readonly post: (claim: RemoteClaim) => void
}

type Message = Extract<RemoteAnswer, { readonly kind: 'message' }>
type Answer = Extract<RemoteAnswer, { readonly kind: 'prepared' | 'committed' }>

const answerNs = BigInt(remoteAnswerMs) * 1_000_000n
/** The host knows who sent what, and tells nobody in here. */
const untold = { id: '', incarnation: 0 } as const

/**
 * The guest's messages where its host is in another process: the same to the guest as `GuestMessages`. What is sent is
 * asked of the host in two steps, so that the order stays: charged, on record, committed.
 */
export class RemoteMessages implements MessageSource {
  readonly powers: MessagePowers
  readonly mailbox: MessageSource['mailbox']
  /** The host hands over no more than the rate lets through, and follows the traces. */
  readonly inboundRate = undefined
  readonly traces = { follow: (): void => {} }
  readonly replies: ReplyRights
  readonly #powers: RemoteMessagesPowers
  #seenWakes = -1
  #number = 0
  #answer: Answer | undefined
  #request: number | undefined
  #reply: IncomingMessage | undefined
  /** Handed over and not begun; the host waits for the end of one before it sends the next. */
  #waiting: Message | undefined
  #inHand: { readonly number: number; readonly failuresBefore: number } | undefined

  constructor({ handles }: RemoteBegin, powers: RemoteMessagesPowers) {
    const { ledger, now, park, pump } = powers
    this.#powers = powers
    this.replies = new ReplyRights(now)
    this.powers = {
      prepare: (message, pause) => this.#prepare(message, pause),
      replyState: (subject) => this.replies.state(subject),
      takeReply: () => this.#takeReply(),
      endRequest: (outcome) => this.#endRequest(outcome),
      wakeCount: () => ledger.wakeCount(),
      park,
    }
    this.mailbox = handles ? this.#makeMailbox() : undefined
    pump.onRemote((answer) => this.#take(answer))
  }

  /** Takes in what the host has said, if it has since the last time. */
  refresh(): void {
    const wakes = this.#powers.ledger.wakeCount()
    if (wakes === this.#seenWakes) return
    this.#seenWakes = wakes
    this.#powers.pump.drain()
  }

  /** Late answers stay with the host. */
  sweepInbox(): void {}

  /** The guest leaves: what it was handed and has not begun is not lost. */
  giveBack(): void {
    this.refresh()
    if (this.#waiting !== undefined) this.#tell({ kind: 'unbegun', number: this.#waiting.number })
  }

  #prepare(message: OutgoingMessage, pause: Pause): ReadyMessage | MessageRefusal {
    const { kind: how, subject, body } = message
    if (body.length > messageBytesMax) return 'too-large'
    const waitMs = message.kind === 'request' ? Number((message.dueNs - this.#powers.now()) / 1_000_000n) : 0
    const asked = { kind: 'prepare', how, subject, body, waitMs: Math.max(0, waitMs) } as const
    const outcome = this.#ask(asked, pause)
    if (outcome !== 'ready' && outcome !== 'over-rate') return outcome === 'sent' ? 'overloaded' : outcome
    return { charge: () => outcome === 'ready', commit: () => this.#commit(message) }
  }

  #commit(message: OutgoingMessage): 'sent' | MessageRefusal {
    this.#reply = undefined
    this.#request = message.kind === 'request' ? this.#number + 1 : undefined
    const outcome = this.#awaitCommit()
    if (message.kind === 'reply' && (outcome === 'sent' || outcome === 'timeout')) this.replies.spend(message.subject)
    return outcome === 'ready' || outcome === 'over-rate' ? 'overloaded' : outcome
  }

  /** Asks the host, and waits. A host that does not answer in time is as one that has no room. */
  #ask(wish: Unnumbered, pause: Pause): Answer['outcome'] {
    const isThere = this.#asked(wish)
    pause(isThere, this.#powers.now() + answerNs)
    return isThere() ? this.#outcome() : 'overloaded'
  }

  /**
   * Until the host has said what it did, or the guest is stopped: whoever gave up would send again what a busy host is
   * about to send. No deadline counts the wait, which is for the host alone.
   */
  #awaitCommit(): Answer['outcome'] {
    const { ledger, now, park } = this.#powers
    const isThere = this.#asked({ kind: 'commit' })
    ledger.beginHostWait(now())
    try {
      for (let seen = ledger.wakeCount(); !isThere(); seen = ledger.wakeCount()) park(seen, undefined)
    } finally {
      ledger.endHostWait(now())
    }
    return this.#outcome()
  }

  /** Posts a wish; what is returned says whether it was answered. */
  #asked(wish: Unnumbered): () => boolean {
    const number = ++this.#number
    this.#answer = undefined
    this.#tell({ ...wish, number })
    return () => {
      this.refresh()
      return this.#answer?.number === number
    }
  }

  #outcome(): Answer['outcome'] {
    return this.#answer?.outcome ?? 'overloaded'
  }

  #takeReply(): IncomingMessage | undefined {
    this.refresh()
    const reply = this.#reply
    this.#reply = undefined
    return reply
  }

  #endRequest(outcome: 'answered' | 'timed-out' | 'given-up'): void {
    if (this.#request === undefined) return
    this.#request = undefined
    this.#tell({ kind: 'request-over', outcome })
  }

  #makeMailbox(): MessageSource['mailbox'] {
    const { ledger } = this.#powers
    return {
      take: () => this.#begin(),
      waitTake: (timeoutMs, { interrupted } = {}) => {
        const seen = ledger.wakeCount()
        const delivery = this.#begin()
        if (delivery !== undefined || interrupted?.() === true) return delivery
        ledger.park(seen, timeoutMs)
        return this.#begin()
      },
      finish: () => {
        if (this.#inHand === undefined) return
        const { number, failuresBefore } = this.#inHand
        this.#inHand = undefined
        this.#tell({ kind: 'handled', number, failed: ledger.messageCounters.handlerErrors > failuresBefore })
      },
    }
  }

  #begin(): Delivery | undefined {
    this.refresh()
    const message = this.#waiting
    if (message === undefined) return undefined
    const { number, subject, body, replyTo, expiresAtNs } = message
    this.#waiting = undefined
    this.#inHand = { number, failuresBefore: this.#powers.ledger.messageCounters.handlerErrors }
    const place = { lane: 0, position: 0, sequence: number, attempt: 0, sender: untold } as const
    return { ...place, subject, body, replyTo, expiresAtNs, trace: undefined, sentAtNs: this.#powers.now() }
  }

  #take(answer: RemoteAnswer): void {
    if (answer.kind === 'message') this.#waiting = answer
    else if (answer.kind !== 'reply') this.#answer = answer
    else if (answer.number === this.#request) {
      this.#reply = { subject: answer.subject, body: answer.body, replyTo: undefined }
    }
  }

  #tell(wish: RemoteWish): void {
    this.#powers.post({ kind: 'remote', wish })
  }
}

type Unnumbered =
  | Omit<Extract<RemoteWish, { readonly kind: 'prepare' }>, 'number'>
  | Omit<Extract<RemoteWish, { readonly kind: 'commit' }>, 'number'>
