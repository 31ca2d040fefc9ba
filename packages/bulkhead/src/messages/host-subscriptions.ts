import { compileTopicPattern } from '@bulkhead/capability'
import { type Delivery, formatTraceparent } from '@bulkhead/mailbox'
import { BulkheadError, type Clock } from '@bulkhead/vocabulary'
import { handlerErrorCharactersMax, hostHandlerMs, hostStopMs, hostSubscriptionsMax } from '../limits.js'
import type { Exchange } from './exchange.js'
import type { HandlerFailure } from './exchange-types.js'
import { type Handled, HostReader } from './host-reader.js'
import type { HostSender } from './host-sender.js'
import type { ReceivedMessage } from './message-desk.js'
import type { PostBox } from './post-box.js'

/**
 * Is handed each message of a subscription. Bytes that it returns answer the message, where that is a request. What it
 * throws, or what its promise rejects with, is reported and harms nobody.
 */
export type MessageHandler = (message: ReceivedMessage) => unknown

export type SubscriptionPowers = {
  readonly exchange: Exchange
  readonly sender: HostSender
  readonly clock: Clock
  readonly onHandlerFailed: (failure: HandlerFailure) => void
}

type Subscription = {
  readonly matches: (topic: string) => boolean
  readonly pattern: string
  readonly handler: MessageHandler
}

/** What the host application receives, in one mailbox for all of its subscriptions. */
export class HostSubscriptions {
  readonly #powers: SubscriptionPowers
  readonly #subscriptions = new Set<Subscription>()
  #mailbox: { readonly box: PostBox; readonly reader: HostReader } | undefined
  #isClosed = false
  /** Waits no longer for those who handle the message in hand. */
  #giveUp: () => void = () => {}

  constructor(powers: SubscriptionPowers) {
    this.#powers = powers
  }

  /**
   * Subscribes; the function that is returned ends it. One message is handled at a time: the next one waits until all that
   * handle it are done, and who sends too much is told so, as by any other receiver.
   *
   * @throws {PatternError} when the pattern is none.
   */
  subscribe(pattern: string, handler: MessageHandler): () => void {
    if (this.#isClosed) throw new BulkheadError('actor-not-running', 'the runtime was stopped')
    if (this.#subscriptions.size >= hostSubscriptionsMax) {
      throw new BulkheadError('resource-limit-exceeded', `the host has ${hostSubscriptionsMax} subscriptions already`, {
        details: { resource: 'subscriptions', limit: hostSubscriptionsMax },
      })
    }
    const subscription = { pattern, matches: compileTopicPattern(pattern).matches, handler }
    this.#subscriptions.add(subscription)
    this.#announce()
    return () => {
      if (this.#subscriptions.delete(subscription) && !this.#isClosed) this.#announce()
    }
  }

  /** Handles no more. A handler that is at work has a moment to end, and is left alone then. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#subscriptions.clear()
    const cancel = this.#powers.clock.after(hostStopMs, () => this.#giveUp())
    await this.#mailbox?.reader.close()
    cancel()
  }

  #announce(): void {
    const mailbox = this.#openMailbox().id
    const patterns = [...new Set([...this.#subscriptions].map(({ pattern }) => pattern))]
    this.#powers.exchange.subscribeHost(patterns.length === 0 ? undefined : { mailbox, patterns })
  }

  async #handle(delivery: Delivery, box: PostBox): Promise<Handled> {
    const concerned = [...this.#subscriptions].filter(({ matches }) => matches(delivery.subject))
    if (concerned.length === 0) {
      // Accepted while there was a subscription that has ended since.
      this.#powers.exchange.letters.add({ reason: 'no-subscriber', box, message: delivery })
      return 'handled'
    }
    const handled = Promise.all(concerned.map(({ handler }) => this.#handleBy(handler, delivery)))
    let cancel = (): void => {}
    const outcome = await new Promise<Handled>((resolve) => {
      cancel = this.#powers.clock.after(hostHandlerMs, () => resolve('handled'))
      this.#giveUp = () => resolve('cut-short')
      void handled.then(() => resolve('handled'))
    })
    this.#giveUp = () => {}
    cancel()
    return outcome
  }

  async #handleBy(handler: MessageHandler, delivery: Delivery): Promise<void> {
    const { replyTo, trace, subject, sender } = delivery
    try {
      const answer = await handler(this.#received(delivery))
      if (!(answer instanceof Uint8Array) || replyTo === undefined) return
      this.#powers.sender.answer({ subject: replyTo, body: answer, ...(trace === undefined ? {} : { trace }) }, sender)
    } catch (thrown) {
      const error = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, handlerErrorCharactersMax)
      this.#powers.onHandlerFailed({ child: 'host', topic: subject, from: sender.id, error, more: 0 })
    }
  }

  #received({ subject, body, sender, trace, replyTo, sentAtNs }: Delivery): ReceivedMessage {
    const ageMs = Number(this.#powers.exchange.now() - sentAtNs) / 1e6
    return {
      topic: subject,
      body: body.slice(),
      from: sender.id,
      incarnation: sender.incarnation,
      sentAtMs: Math.round(this.#powers.clock.wallMs() - ageMs),
      ...(trace === undefined ? {} : { traceparent: formatTraceparent(trace) }),
      ...(replyTo === undefined ? {} : { replyTo }),
    }
  }

  #openMailbox(): PostBox {
    if (this.#mailbox !== undefined) return this.#mailbox.box
    const { exchange } = this.#powers
    const box = exchange.openBox({ kind: 'host-mailbox' })
    const reader = new HostReader(box, {
      now: () => exchange.now(),
      onRefused: ({ reason, delivery }) => void exchange.letters.add({ reason, box, message: delivery }),
      onBreach: ({ lane, error }) => exchange.breached(box, lane, error.message),
    })
    reader.start((delivery) => this.#handle(delivery, box))
    this.#mailbox = { box, reader }
    return box
  }
}
