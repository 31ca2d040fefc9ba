import { Bell, MailboxReader, type Receiver } from '@bulkhead/mailbox'
import type { IncomingMessage } from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import { inboxSliceMs } from '../limits.js'
import type { MailboxId, MessageEvent, ReadMailbox } from '../message-protocol.js'
import type { LetterBudget } from './letter-budget.js'
import type { RandomPool } from './random-pool.js'
import { readerOptions } from './reader-options.js'
import { newReplyTopic } from './reply-topic.js'
import { type Stopping, StopRequested } from './stopping.js'

/** The one request that a guest has in hand: its thread blocks, so there is no second one. */
type Awaited = {
  readonly subject: string
  readonly replyTo: string
  /** To whom it went; an answer of somebody else is none. */
  readonly from: ReadonlySet<string>
  readonly mailbox: MailboxId
}

export type RequestPowers = {
  readonly ledger: Ledger
  readonly now: () => bigint
  readonly random: RandomPool
  readonly post: (event: MessageEvent) => void
  /** Takes in what the host has posted. */
  readonly refresh: () => void
  readonly letters: LetterBudget
  readonly sleep?: ((ms: number) => void) | undefined
  readonly stopping: Stopping
}

/** The guest's requests and the inbox into which their answers come. */
export class Requests {
  readonly #inbox: MailboxId
  readonly #powers: RequestPowers
  readonly #bell: Bell
  readonly reader: MailboxReader
  #awaited: Awaited | undefined

  constructor({ id, reader }: ReadMailbox, powers: RequestPowers) {
    this.#inbox = id
    this.#powers = powers
    this.#bell = new Bell(reader.bell)
    this.reader = new MailboxReader(reader, {
      ...readerOptions(id, powers),
      awaitsReply: (topic, sender) => topic === this.#awaited?.replyTo && this.#awaited.from.has(sender.id),
    })
  }

  /**
   * Begins a request: where its answer is to come.
   *
   * @param receivers who will be asked; `mailbox`: of the first of them.
   */
  begin(subject: string, receivers: readonly Receiver[], mailbox: MailboxId): string {
    this.sweep()
    const replyTo = newReplyTopic(this.#inbox, this.#powers.random)
    this.#awaited = { subject, replyTo, from: new Set(receivers.map(({ id }) => id)), mailbox }
    this.#powers.ledger.awaitedMailbox = mailbox
    return replyTo
  }

  takeReply(): IncomingMessage | undefined {
    const delivery = this.reader.take()
    if (delivery === undefined) return undefined
    // The body is the reader's own copy: it stays while the lane goes on.
    this.reader.finish()
    return { subject: delivery.subject, body: delivery.body, replyTo: undefined }
  }

  end(outcome: 'answered' | 'timed-out' | 'given-up'): void {
    const awaited = this.#awaited
    if (awaited === undefined) return
    const { ledger, post } = this.#powers
    if (outcome === 'timed-out') post({ kind: 'request-timed-out', subject: awaited.subject, mailbox: awaited.mailbox })
    this.#awaited = undefined
    ledger.awaitedMailbox = undefined
  }

  /** Sends what has come too late on its way to the dead letters. Nothing is waited for. */
  sweep(): void {
    this.#awaited = undefined
    this.takeReply()
  }

  wakeCount(): number {
    return this.#bell.count()
  }

  /** As the actor's own `park`, on the word that answers ring too. */
  park(seen: number, untilNs: bigint | undefined): void {
    const { stopping, now } = this.#powers
    const leftMs = stopping.waitLeftMs()
    if (leftMs <= 0) throw new StopRequested()
    const untilMs = untilNs === undefined ? inboxSliceMs : Number(untilNs - now()) / 1e6
    // The flag goes up before the last look, and a sender looks at it after it has rung: one of them sees the other.
    this.#bell.announce(true)
    if (untilMs > 0 && !this.#bell.hasRung()) this.#bell.park(seen, Math.min(untilMs, leftMs, inboxSliceMs))
    this.#bell.announce(false)
  }
}
