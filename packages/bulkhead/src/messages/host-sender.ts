import { isTopic } from '@bulkhead/capability'
import { chooseMember, type Message, MessageEncoder, type Receiver, type Sender } from '@bulkhead/mailbox'
import { BulkheadError } from '@bulkhead/vocabulary'
import { hostMessageBytesMax } from '../limits.js'
import type { Exchange } from './exchange.js'
import type { Published } from './message-desk.js'
import type { PostBox } from './post-box.js'

/** What is sent by the host, for itself or for another. */
export type HostMessage = Omit<Message, 'sentAtNs'>

/** Sends for the host, on its own lanes. Topic grants do not bind it; grammar and size do. */
export class HostSender {
  readonly #exchange: Exchange
  readonly #random: () => number
  readonly #encoder = new MessageEncoder()

  /** @param random uniform in [0, 1). */
  constructor(exchange: Exchange, random: () => number) {
    this.#exchange = exchange
    this.#random = random
  }

  /** Who would get a message of this topic. */
  receiversOf(topic: string): readonly Receiver[] {
    return this.#exchange.router.receiversOf(topic)
  }

  /**
   * Sends to some receivers; the others have it where one has no room.
   *
   * @throws {BulkheadError} as `checkBody`.
   */
  send(message: HostMessage, receivers: readonly Receiver[]): Published {
    checkBody(message.body)
    const now = this.#exchange.now()
    const encoded = this.#encoder.encode({ ...message, sentAtNs: now })
    let accepted = 0
    for (const { mailboxes } of receivers) {
      const box = this.#choose(mailboxes, now)
      if (box?.send(encoded, now) === 'sent') accepted++
    }
    return { receivers: accepted, overloaded: receivers.length - accepted }
  }

  /**
   * Answers a request; `overloaded` when whoever asked has no room, `nobody` when it is gone.
   *
   * INVARIANT (an answer goes to who asked): the reply-to is a claim of the asker's thread, and the host's own lane is judged
   * by no filter. So it leads to an inbox of the asker's and to no other.
   */
  answer(message: HostMessage, asker: Sender): 'sent' | 'overloaded' | 'nobody' {
    checkBody(message.body)
    const inbox = /^_inbox\.(\d{1,15})\./.exec(message.subject)?.[1]
    const box = inbox === undefined ? undefined : this.#exchange.boxOf(Number(inbox))
    if (box === undefined || !belongsTo(box, asker)) return 'nobody'
    const now = this.#exchange.now()
    return box.send(this.#encoder.encode({ ...message, sentAtNs: now }), now)
  }

  #choose(mailboxes: readonly number[], now: bigint): PostBox | undefined {
    const depthOf = (id: number): number => this.#exchange.boxOf(id)?.hostDepth(now) ?? 0
    const chosen = chooseMember(mailboxes, depthOf, this.#random)
    return chosen === undefined ? undefined : this.#exchange.boxOf(chosen)
  }
}

/** @throws {BulkheadError} `usage` for what is no topic that may be used. */
export function checkTopic(topic: string): void {
  if (isTopic(topic)) return
  throw new BulkheadError('usage', `\`${topic.slice(0, 100)}\` is no topic`, {
    details: { topic: topic.slice(0, 256) },
    hint: '1 to 16 tokens separated by `.`, without white space, `*` and `>`; `$sys` and `_inbox` belong to the host',
  })
}

function belongsTo({ purpose }: PostBox, { id, incarnation }: Sender): boolean {
  if (purpose.kind === 'host-inbox') return id === 'host'
  return purpose.kind === 'inbox' && purpose.run.sender.id === id && purpose.run.sender.incarnation === incarnation
}

/** @throws {BulkheadError} `usage` for what is no bytes; `resource-limit-exceeded` when they are too many. */
export function checkBody(body: unknown): asserts body is Uint8Array {
  if (!(body instanceof Uint8Array)) {
    throw new BulkheadError('usage', `the body of a message is bytes, and not \`${typeof body}\``, {
      hint: 'new TextEncoder().encode(text)',
    })
  }
  if (body.length <= hostMessageBytesMax) return
  throw new BulkheadError('resource-limit-exceeded', `a body of ${body.length} bytes is too large for a message`, {
    details: { resource: 'message', limit: hostMessageBytesMax },
    hint: `at most ${hostMessageBytesMax} bytes: send it in pieces`,
  })
}
