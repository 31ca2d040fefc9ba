import { MailboxReader } from '@bulkhead/mailbox'
import type { MessagePowers } from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import type { MailboxId, MessageEvent, MessagesBegin, MessagesToWorker } from '../message-protocol.js'
import type { PortPump } from '../port-pump.js'
import { GuestSender } from './guest-sender.js'
import { HandlingReports } from './handling-reports.js'
import { LetterBudget } from './letter-budget.js'
import { type MessageRate, openMessageRate } from './message-rate.js'
import { Outlets } from './outlets.js'
import { RandomPool } from './random-pool.js'
import { readerOptions } from './reader-options.js'
import { ReplyRights } from './reply-rights.js'
import { Requests } from './requests.js'
import type { Stopping } from './stopping.js'
import { TraceSource } from './trace-source.js'

export type GuestMessagesPowers = {
  readonly ledger: Ledger
  readonly pump: PortPump
  readonly now: () => bigint
  readonly fillRandom: (bytes: Uint8Array) => void
  readonly post: (event: MessageEvent) => void
  readonly stopping: Stopping
  /** Blocks the guest's thread, whatever happens; absent where the thread is not the guest's own. */
  readonly sleep?: (ms: number) => void
  /** The actor's own way to sleep, for a guest without an inbox. */
  readonly park: (seen: number, untilNs: bigint | undefined) => void
}

type InletNews = Exclude<MessagesToWorker, { readonly kind: 'routing' | 'outlet' | 'outlet-arena' }>

/** Everything about messages in one guest's thread: what it sends, asks, is handed, and what the host posts about it. */
export class GuestMessages {
  /** For the guest's host functions. */
  readonly powers: MessagePowers
  /** `undefined` for a guest that handles no messages. */
  readonly mailbox: MailboxReader | undefined
  readonly inboundRate: MessageRate | undefined
  readonly traces: TraceSource
  /** `undefined` where nobody traces. */
  readonly handlings: HandlingReports | undefined
  readonly replies: ReplyRights
  readonly #ledger: Ledger
  readonly #pump: PortPump
  readonly #outlets: Outlets
  readonly #sender: GuestSender
  readonly #requests: Requests | undefined
  readonly #readers: ReadonlyMap<MailboxId, MailboxReader>
  #seenWakes = -1

  constructor(begin: MessagesBegin, powers: GuestMessagesPowers) {
    const { ledger, now, post, stopping, pump } = powers
    const random = new RandomPool(powers.fillRandom)
    // News of a lane rings no bell, so nothing less than the port itself says whether there are any.
    const reading = { now, post, refresh: () => pump.drain(), letters: new LetterBudget(now), sleep: powers.sleep }
    this.#ledger = ledger
    this.#pump = pump
    this.traces = new TraceSource(random)
    this.handlings = begin.isTraced === true ? new HandlingReports(now, post) : undefined
    this.replies = new ReplyRights(now)
    this.#outlets = new Outlets(post)
    this.#requests = begin.inbox && new Requests(begin.inbox, { ...reading, ledger, random, stopping })
    this.mailbox = begin.mailbox && new MailboxReader(begin.mailbox.reader, readerOptions(begin.mailbox.id, reading))
    this.inboundRate = begin.inboundRate && openMessageRate(begin.inboundRate, now)
    this.#readers = readersOf(begin, this.mailbox, this.#requests?.reader)
    this.#sender = new GuestSender(begin.routing, {
      ledger,
      now,
      post,
      random,
      refresh: () => this.refresh(),
      rate: openMessageRate(begin.outboundRate, now),
      outlets: this.#outlets,
      traces: this.traces,
      replies: this.replies,
      requests: this.#requests,
    })
    this.powers = this.#makePowers(powers)
    pump.onMessages((message) => this.#take(message))
  }

  /** Takes in what the host has posted, if it has since the last time: it wakes the actor after each. */
  refresh(): void {
    const wakes = this.#ledger.wakeCount()
    if (wakes === this.#seenWakes) return
    this.#seenWakes = wakes
    this.#pump.drain()
  }

  /** Sends answers that nobody waits for any more on their way to the dead letters. */
  sweepInbox(): void {
    this.#requests?.sweep()
  }

  #makePowers({ ledger, park }: GuestMessagesPowers): MessagePowers {
    const requests = this.#requests
    return {
      prepare: (message, pause) => this.#sender.prepare(message, pause),
      replyState: (subject) => this.replies.state(subject),
      takeReply: () => requests?.takeReply(),
      endRequest: (outcome) => requests?.end(outcome),
      wakeCount: () => (requests === undefined ? ledger.wakeCount() : requests.wakeCount()),
      park: (seen, untilNs) => (requests === undefined ? park(seen, untilNs) : requests.park(seen, untilNs)),
    }
  }

  #take(message: MessagesToWorker): void {
    if (message.kind === 'routing') this.#sender.replaceRouting(message.routing)
    else if (message.kind === 'outlet' || message.kind === 'outlet-arena') this.#outlets.take(message)
    else this.#takeInlet(message, this.#readers.get(message.mailbox))
  }

  #takeInlet(message: InletNews, reader: MailboxReader | undefined): void {
    if (message.kind === 'inlet') reader?.addLane(message.inlet)
    else if (message.kind === 'inlet-rules') reader?.replaceRules(message.lane, message.rules)
    else if (message.kind === 'inlet-arena') reader?.attachArena(message.lane, message.arena)
    else reader?.removeLane(message.lane)
  }
}

function readersOf(
  { mailbox, inbox }: MessagesBegin,
  mailboxReader: MailboxReader | undefined,
  inboxReader: MailboxReader | undefined,
): ReadonlyMap<MailboxId, MailboxReader> {
  const readers = new Map<MailboxId, MailboxReader>()
  if (mailbox !== undefined && mailboxReader !== undefined) readers.set(mailbox.id, mailboxReader)
  if (inbox !== undefined && inboxReader !== undefined) readers.set(inbox.id, inboxReader)
  return readers
}
