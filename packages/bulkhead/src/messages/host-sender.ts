import { isTopic } from '@bulkhead/capability'
import { chooseMember, type Message, MessageEncoder, type Receiver } from '@bulkhead/mailbox'
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
   * @throws {BulkheadError} `resource-limit-exceeded` when the body is too large.
   */
  send(message: HostMessage, receivers: readonly Receiver[]): Published {
    checkSize(message.body)
    const now = this.#exchange.now()
    const encoded = this.#encoder.encode({ ...message, sentAtNs: now })
    let accepted = 0
    for (const { mailboxes } of receivers) {
      const box = this.#choose(mailboxes, now)
      if (box?.send(encoded, now) === 'sent') accepted++
    }
    return { receivers: accepted, overloaded: receivers.length - accepted }
  }

  /** Answers a request; `overloaded` when whoever asked has no room, `nobody` when it is gone. */
  answer(message: HostMessage): 'sent' | 'overloaded' | 'nobody' {
    checkSize(message.body)
    const box = this.#exchange.boxOf(Number(message.subject.split('.')[1]))
    if (box?.purpose.kind !== 'inbox' && box?.purpose.kind !== 'host-inbox') return 'nobody'
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

function checkSize(body: Uint8Array): void {
  if (body.length <= hostMessageBytesMax) return
  throw new BulkheadError('resource-limit-exceeded', `a body of ${body.length} bytes is too large for a message`, {
    details: { resource: 'message', limit: hostMessageBytesMax },
    hint: `at most ${hostMessageBytesMax} bytes: send it in pieces`,
  })
}
