import type { Delivery } from '@bulkhead/mailbox'
import { BulkheadError, type Clock, formatDuration } from '@bulkhead/vocabulary'
import { hostRequestsMax, requestMsDefault, requestMsMax } from '../limits.js'
import type { Exchange } from './exchange.js'
import { HostReader } from './host-reader.js'
import { checkBody, checkTopic, type HostSender } from './host-sender.js'
import type { Reply, RequestOptions } from './message-desk.js'
import type { PostBox } from './post-box.js'
import { newToken, traceOf } from './traces.js'

export type RequestPowers = {
  readonly exchange: Exchange
  readonly sender: HostSender
  readonly clock: Clock
  /** The cycle that a child waits in, in words; `undefined` when it waits in none. */
  readonly cycleOf: (child: string) => string | undefined
}

type Waiting = {
  readonly asked: ReadonlySet<string>
  readonly answered: (delivery: Delivery) => void
  readonly closed: () => void
}

/** Requests of the host, and the inbox that their answers come to. */
export class HostRequests {
  readonly #powers: RequestPowers
  readonly #waiting = new Map<string, Waiting>()
  /** Children that were asked once: they may have a lane to the inbox. */
  readonly #asked = new Set<string>()
  #inbox: { readonly box: PostBox; readonly reader: HostReader } | undefined
  #isClosed = false

  constructor(powers: RequestPowers) {
    this.#powers = powers
  }

  /**
   * Asks whoever receives a topic; the first answer counts, later ones are dead letters.
   *
   * @throws {BulkheadError} `no-subscriber`, `mailbox-overloaded`, `call-timeout`; `usage` for what is no topic, body or time;
   *   `resource-limit-exceeded` for a body that is too large;
   *   `actor-not-running` when the runtime stops meanwhile; the signal's reason when it aborts.
   */
  async request(topic: string, body: Uint8Array, options: RequestOptions = {}): Promise<Reply> {
    const { signal, timeoutMs = requestMsDefault } = options
    checkTopic(topic)
    checkBody(body)
    checkTimeout(timeoutMs)
    signal?.throwIfAborted()
    if (this.#isClosed) throw stopped()
    if (this.#waiting.size >= hostRequestsMax) throw tooMany()
    const { exchange, sender } = this.#powers
    const receivers = sender.receiversOf(topic)
    const trace = traceOf(options.traceparent)
    const replyTo = `_inbox.${this.#openInbox().id}.${newToken()}`
    const expiresAtNs = exchange.now() + BigInt(Math.ceil(timeoutMs)) * 1_000_000n
    const message = { subject: topic, body, replyTo, trace, expiresAtNs }
    if (receivers.length === 0) {
      exchange.letters.add({ reason: 'no-subscriber', message: { ...message, sentAtNs: exchange.now() } })
      throw new BulkheadError('no-subscriber', `nobody answers requests of \`${topic}\``, {
        details: { topic },
        hint: 'start a child that is granted messaging.subscribe of it: bulkhead explain CHILD messaging.subscribe=TOPIC',
      })
    }
    const asked = new Set(receivers.map(({ id }) => id))
    // ORDER: known before they are asked, so that the fastest answer is awaited.
    for (const child of asked) this.#asked.add(child)
    const answer = this.#await(replyTo, { topic, timeoutMs, asked, signal })
    if (sender.send(message, receivers).receivers === 0) {
      this.#waiting.delete(replyTo)
      throw overloaded(topic)
    }
    return answer.start()
  }

  /** No answer is awaited any more; resolves when the inbox is not read any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiting of [...this.#waiting.values()]) waiting.closed()
    await this.#inbox?.reader.close()
  }

  #await(
    replyTo: string,
    about: {
      readonly topic: string
      readonly timeoutMs: number
      readonly asked: ReadonlySet<string>
      readonly signal: AbortSignal | undefined
    },
  ): { readonly start: () => Promise<Reply> } {
    const { topic, timeoutMs, asked, signal } = about
    let settle: (outcome: { readonly reply: Reply } | { readonly thrown: unknown }) => void = () => {}
    const settled = new Promise<{ readonly reply: Reply } | { readonly thrown: unknown }>((resolve) => {
      settle = resolve
    })
    this.#waiting.set(replyTo, {
      asked,
      answered: ({ body, sender }) => settle({ reply: { body: body.slice(), from: sender.id, topic } }),
      closed: () => settle({ thrown: stopped() }),
    })
    const aborted = (): void => settle({ thrown: signal?.reason })
    return {
      start: async () => {
        const cancel = this.#powers.clock.after(timeoutMs, () =>
          settle({ thrown: this.#timedOut(topic, timeoutMs, asked) }),
        )
        signal?.addEventListener('abort', aborted)
        // A timer that does not keep the process alive would let it end in the middle of a request.
        const alive = setInterval(() => {}, keepAliveMs)
        const outcome = await settled
        clearInterval(alive)
        cancel()
        signal?.removeEventListener('abort', aborted)
        this.#waiting.delete(replyTo)
        if ('thrown' in outcome) throw outcome.thrown
        return outcome.reply
      },
    }
  }

  #timedOut(topic: string, timeoutMs: number, asked: ReadonlySet<string>): BulkheadError {
    const cycle = [...asked].map((child) => this.#powers.cycleOf(child)).find((found) => found !== undefined)
    const because = cycle === undefined ? '' : `: requests form a cycle: ${cycle}`
    return new BulkheadError(
      'call-timeout',
      `nobody answered \`${topic}\` within ${formatDuration(timeoutMs)}${because}`,
      {
        details: { topic, timeoutMs, asked: [...asked], ...(cycle === undefined ? {} : { cycle }) },
        hint:
          cycle === undefined
            ? 'bulkhead messages shows what waits where'
            : 'let one of them publish instead of asking',
      },
    )
  }

  #openInbox(): PostBox {
    if (this.#inbox !== undefined) return this.#inbox.box
    const { exchange } = this.#powers
    const box = exchange.openBox({ kind: 'host-inbox', asked: this.#asked })
    const reader = new HostReader(box, {
      now: () => exchange.now(),
      awaitsReply: (subject, from) => this.#waiting.get(subject)?.asked.has(from.id) ?? false,
      onRefused: ({ reason, delivery }) => void exchange.letters.add({ reason, box, message: delivery }),
      onBreach: ({ lane, error }) => exchange.breached(box, lane, error.message),
    })
    reader.start((delivery) => {
      this.#waiting.get(delivery.subject)?.answered(delivery)
      return 'handled'
    })
    this.#inbox = { box, reader }
    return box
  }
}

const keepAliveMs = 1_000

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs > 0 && timeoutMs <= requestMsMax) return
  throw new BulkheadError('usage', `\`${timeoutMs}\` is no time to wait for an answer`, {
    hint: `more than 0 and at most ${requestMsMax} milliseconds`,
  })
}

function overloaded(topic: string): BulkheadError {
  return new BulkheadError('mailbox-overloaded', `whoever answers \`${topic}\` has no room for another message`, {
    details: { topic },
    hint: 'ask again later; bulkhead messages shows what waits where',
  })
}

function tooMany(): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `${hostRequestsMax} requests of the host wait already`, {
    details: { resource: 'requests', limit: hostRequestsMax },
  })
}

function stopped(): BulkheadError {
  return new BulkheadError('actor-not-running', 'the runtime was stopped')
}
