// The host's part in the messages of an actor in a process of its own: it reads the actor's mailbox and writes its lanes,
// as a worker would, and hands over one message at a time.
//
// ORDER: a message is marked as in processing when it is taken, and leaves its lane when the process says that the handler
// has returned. Whatever ends the process in between, the host finds the mark and settles the message's fate. What the
// process wants to send is decided here again, by the host's copy of its rules, and charged here alone.

import { type CapabilityTable, Decider, isTopic } from '@bulkhead/capability'
import { Bell, type Delivery } from '@bulkhead/mailbox'
import { assertNever, type Request } from '@bulkhead/vocabulary'
import type { MessageRefusal, ReadyMessage } from '@bulkhead/wasi'
import { callSubject } from '../calls/call-record.js'
import type { Ledger } from '../ledger.js'
import type { LifecycleEvent, MessageEvent, MessagesBegin, MessagesToWorker } from '../message-protocol.js'
import { GuestMessages } from '../messages/guest-messages.js'
import { Stopping } from '../messages/stopping.js'
import { PortPump } from '../port-pump.js'
import { BadClaim } from './from-child.js'
import { mailboxSliceMs } from './limits.js'
import type { RemoteAnswer, RemoteWish } from './remote-protocol.js'

export type HostedPowers = {
  readonly ledger: Ledger
  readonly now: () => bigint
  readonly fillRandom: (bytes: Uint8Array) => void
  /** Tells the exchange something, as a worker does. It answers by `take`, before this returns or later. */
  readonly post: (event: MessageEvent | LifecycleEvent) => void
  readonly send: (answer: RemoteAnswer) => void
  /** Whether the process was told the newest rules and has said that they are in force there. */
  readonly isBound: () => boolean
}

type Wish<Kind extends RemoteWish['kind']> = Extract<RemoteWish, { readonly kind: Kind }>

export class HostedMessages {
  readonly #powers: HostedPowers
  readonly #messages: GuestMessages
  readonly #messagesMax: number
  readonly #news: MessagesToWorker[] = []
  readonly #mailboxBell: Bell | undefined
  readonly #inboxBell: Bell | undefined
  #decider: Decider
  #previous: Decider | undefined
  #prepared: { readonly ready: ReadyMessage; readonly isRequest: boolean } | undefined
  #request: number | undefined
  #inHand:
    | { readonly number: number; readonly delivery: Delivery; readonly sinceNs: bigint; readonly done: () => void }
    | undefined
  #handed = 0
  /** A message may be taken: its place in the inbound rate is paid. */
  #isAdmitted = false
  /** No more messages are handed over; `gone`: nothing of the mailbox is touched any more. */
  #state: 'open' | 'stopping' | 'gone' = 'open'

  constructor(begin: MessagesBegin, table: CapabilityTable, powers: HostedPowers) {
    const { ledger, now, fillRandom, post } = powers
    this.#powers = powers
    this.#decider = new Decider(table)
    this.#messagesMax = begin.messagesMax ?? Number.POSITIVE_INFINITY
    this.#messages = new GuestMessages(begin, {
      ...{ ledger, now, fillRandom, post },
      pump: new PortPump(() => this.#news.shift()),
      stopping: new Stopping(ledger, now),
      // The guest's thread sleeps in its own process.
      park: () => {},
    })
    this.#mailboxBell = begin.mailbox && new Bell(begin.mailbox.reader.bell)
    this.#inboxBell = begin.inbox && new Bell(begin.inbox.reader.bell)
  }

  /** What the exchange has to say. */
  take(news: MessagesToWorker): void {
    this.#news.push(news)
    this.#powers.ledger.wake()
    this.#messages.refresh()
    this.#mailboxBell?.wake()
  }

  /** Newer rules: for a while, what the older ones allowed is no attack. */
  replaceTable(table: CapabilityTable): void {
    this.#previous = this.#decider
    this.#decider = new Decider(table)
  }

  /** Begins to hand messages over; ends with `stop` or `leave`. */
  async serve(): Promise<void> {
    const reader = this.#messages.mailbox
    const bell = this.#mailboxBell
    if (reader === undefined || bell === undefined) return
    while (this.#state === 'open' && this.#handed < this.#messagesMax) {
      const seen = bell.count()
      const waitMs = this.#admitted()
      const delivery = waitMs === 0 ? reader.take() : undefined
      if (delivery === undefined) await this.#pause(bell, seen, waitMs === 0 ? mailboxSliceMs : waitMs)
      else await this.#hand(delivery)
    }
  }

  /** Hands no more messages over. */
  stop(): void {
    if (this.#state === 'open') this.#state = 'stopping'
    this.#mailboxBell?.wake()
  }

  /** The process is gone: a message that it had in hand keeps its mark. */
  leave(): void {
    this.#state = 'gone'
    this.#request = undefined
    this.#inHand?.done()
    this.#mailboxBell?.wake()
  }

  /** @throws {BadClaim} for what no honest process wants. */
  hear(wish: RemoteWish): void {
    if (this.#state === 'gone') return
    switch (wish.kind) {
      case 'prepare':
        this.#prepare(wish)
        break
      case 'commit':
        this.#commit(wish)
        break
      case 'request-over':
        this.#request = undefined
        this.#messages.powers.endRequest(wish.outcome)
        break
      case 'handled':
        this.#handled(wish)
        break
      case 'call-answered':
        if (this.#inHand?.delivery.subject !== callSubject) throw new BadClaim('an answer to no call')
        this.#powers.post({ kind: 'call-answered', answer: wish.answer })
        break
      case 'lifecycle':
        this.#powers.post(wish)
        break
      case 'unbegun':
        this.#settle(wish.number, () => this.#messages.mailbox?.putBack())
        break
      case 'handler-failed':
        this.#failed(wish)
        break
      default:
        assertNever(wish)
    }
  }

  #prepare(wish: Wish<'prepare'>): void {
    this.#prepared = undefined
    const outcome = this.#prepareFor(wish)
    if (typeof outcome === 'object') this.#prepared = { ready: outcome, isRequest: wish.how === 'request' }
    const answer = typeof outcome === 'object' ? 'ready' : outcome
    this.#powers.send({ kind: 'prepared', number: wish.number, outcome: answer })
  }

  #prepareFor({ how, subject, waitMs, body }: Wish<'prepare'>): ReadyMessage | MessageRefusal | 'over-rate' {
    if (!this.#isAllowed(how, subject)) return 'overloaded'
    const dueNs = this.#powers.now() + BigInt(waitMs) * 1_000_000n
    const message = how === 'request' ? { kind: how, subject, body, dueNs } : { kind: how, subject, body }
    const ready = this.#messages.powers.prepare(message, glance)
    if (typeof ready === 'string') return ready
    return ready.charge() ? ready : 'over-rate'
  }

  #commit({ number }: Wish<'commit'>): void {
    if (this.#prepared === undefined) throw new BadClaim('a message was sent that was not prepared')
    const { ready, isRequest } = this.#prepared
    this.#prepared = undefined
    const outcome = ready.commit(glance)
    this.#powers.send({ kind: 'committed', number, outcome })
    if (!isRequest || outcome !== 'sent') return
    this.#request = number
    void this.#awaitReply(number)
  }

  /**
   * Whether it may be sent by today's rules, or else may have been meant by those before. A process that has said that
   * today's are in force has no excuse.
   *
   * @throws {BadClaim} for what it cannot have been allowed.
   */
  #isAllowed(how: Wish<'prepare'>['how'], subject: string): boolean {
    if (how === 'reply') {
      const state = this.#messages.powers.replyState(subject)
      if (state === 'unknown') throw new BadClaim('an answer to a message that it was not handed')
      return state === 'open'
    }
    const request: Request = { kind: 'messaging', action: how, resource: subject }
    if (!isTopic(subject)) throw new BadClaim('a message on what is no topic')
    if (this.#decider.decide(request).verdict === 'granted') return true
    if (!this.#powers.isBound() && this.#previous?.decide(request).verdict === 'granted') return false
    throw new BadClaim('a message that it may not send')
  }

  async #awaitReply(number: number): Promise<void> {
    const bell = this.#inboxBell
    while (bell !== undefined && this.#request === number) {
      const seen = bell.count()
      const reply = this.#messages.powers.takeReply()
      if (reply !== undefined) {
        this.#powers.send({ kind: 'reply', number, subject: reply.subject, body: reply.body })
        return
      }
      await this.#pause(bell, seen, mailboxSliceMs)
    }
  }

  async #hand(delivery: Delivery): Promise<void> {
    const { ledger, now, send } = this.#powers
    const number = ++this.#handed
    this.#isAdmitted = false
    const { subject, body, expiresAtNs } = delivery
    const replyTo = this.#messages.replies.grant(delivery.replyTo, expiresAtNs)
    this.#messages.traces.follow(delivery.trace)
    const sinceNs = now()
    ledger.messageSinceNs = sinceNs
    ledger.countMessage('received')
    const done = new Promise<void>((resolve) => {
      this.#inHand = { number, delivery, sinceNs, done: resolve }
    })
    send({ kind: 'message', number, subject, body, replyTo, expiresAtNs })
    await done
  }

  #handled({ number, failed }: Wish<'handled'>): void {
    const { ledger } = this.#powers
    this.#settle(number, ({ delivery, sinceNs }) => {
      // Its message is still in its lane: what is told of it is read from there.
      this.#messages.handlings?.tell(delivery, sinceNs, failed)
      this.#messages.mailbox?.finish()
      ledger.countMessage('handled')
      if (failed) ledger.countMessage('handlerErrors')
    })
  }

  #settle(number: number, act: (inHand: { readonly delivery: Delivery; readonly sinceNs: bigint }) => void): void {
    const inHand = this.#inHand
    if (inHand?.number !== number) throw new BadClaim('a message that it was not handed')
    this.#inHand = undefined
    act(inHand)
    this.#powers.ledger.messageSinceNs = undefined
    this.#messages.traces.follow(undefined)
    inHand.done()
  }

  #failed({ error, unreported }: Wish<'handler-failed'>): void {
    const delivery = this.#inHand?.delivery
    if (delivery === undefined) throw new BadClaim('a handler that failed without a message')
    const { subject, sender: from } = delivery
    this.#powers.post({ kind: 'handler-failed', subject, from, error, unreported })
  }

  /** In how many milliseconds a message may be handed over by the actor's rate; 0: now. */
  #admitted(): number {
    if (this.#request === undefined) this.#messages.sweepInbox()
    const answer = this.#isAdmitted ? 'taken' : (this.#messages.inboundRate?.() ?? 'taken')
    this.#isAdmitted = answer === 'taken'
    return answer === 'taken' ? 0 : Math.min(Math.max(1, Math.ceil(answer.retryInNs / 1e6)), mailboxSliceMs)
  }

  /** Sleeps until the bell is rung, or a while. What ended meanwhile touches nothing that a next reader may have. */
  async #pause(bell: Bell, seen: number, waitMs: number): Promise<void> {
    bell.announce(true)
    if (!bell.hasRung())
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        timer.unref()
        void bell.parkAsync(seen)?.then(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    if (this.#state !== 'gone') bell.announce(false)
  }
}

/** What the exchange is asked it answers before it returns: nothing has to be waited for. */
function glance(isReady: () => boolean): void {
  isReady()
}
