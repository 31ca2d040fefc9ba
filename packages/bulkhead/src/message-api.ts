// What a host application does with messages.

import { BulkheadError } from '@bulkhead/vocabulary'
import type { MessageHandler } from './messages/host-subscriptions.js'
import type {
  DeadLetterDesk,
  MessageReport,
  Published,
  PublishOptions,
  Reply,
  RequestOptions,
} from './messages/message-desk.js'
import { checkPublishOptions, checkRequestOptions } from './options/check-options.js'
import type { Messages } from './tracing/traced-messages.js'

export type MessageApi = {
  /**
   * Sends a message to every child that is subscribed to its topic. Topic grants do not bind the host; the grammar of topics
   * and the size of messages do.
   *
   * @param body at most 256 KiB; it may be used again when the call has returned
   * @returns how many have it, and how many had no room: nobody is waited for
   * @throws {BulkheadError} `usage` for what is no topic; `resource-limit-exceeded` for a body that is too large
   * @example
   * ```ts
   * await runtime.publish('orders.new', new TextEncoder().encode('{"id":1}')) // { receivers: 1, overloaded: 0 }
   * ```
   */
  readonly publish: (topic: string, body: Uint8Array, options?: PublishOptions) => Promise<Published>
  /**
   * Asks whoever is subscribed to a topic; the first answer counts.
   *
   * @throws {BulkheadError} `no-subscriber` when nobody is there; `mailbox-overloaded` when there is no room; `call-timeout`
   *   after `timeoutMs` (30 s unless said), with the cycle in `details` where requests wait for each other
   * @example
   * ```ts
   * const { body, from } = await runtime.request('catalogue.price', id, { timeoutMs: 1_000 })
   * ```
   */
  readonly request: (topic: string, body: Uint8Array, options?: RequestOptions) => Promise<Reply>
  /**
   * Hands each message of a pattern of topics to a function, one at a time; what it returns as bytes answers a request.
   * Ends when the returned function is called.
   *
   * @throws {PatternError} when the pattern is none
   * @example
   * ```ts
   * const unsubscribe = runtime.subscribe('orders.>', ({ topic, from, body }) => console.log(topic, from, body.length))
   * ```
   */
  readonly subscribe: (pattern: string, handler: MessageHandler) => () => void
  /** Messages that were accepted, or asked for, and yet not processed: list, send again, forget. */
  readonly deadLetters: DeadLetterDesk
  /** Depth, age, rates, refusals and dead letters, by child and by tenant. */
  readonly messages: () => MessageReport
}

/** @param center `undefined` where no tree runs: then nobody sends or receives */
export function messageApi(center: Messages | undefined): MessageApi {
  const running = (): Messages => {
    if (center !== undefined) return center
    throw new BulkheadError('actor-not-running', 'this runtime has no tree, so nobody sends or receives messages', {
      hint: "name one: createRuntime({ tree: 'bulkhead.toml' })",
    })
  }
  return {
    publish: async (topic, body, options) => {
      checkPublishOptions(options)
      return running().desk.publish(topic, body, options)
    },
    request: async (topic, body, options) => {
      checkRequestOptions(options)
      return await running().desk.request(topic, body, options)
    },
    subscribe: (pattern, handler) => running().subscribe(pattern, handler),
    deadLetters: {
      list: (filter) => running().desk.deadLetters.list(filter),
      replay: (ids) => running().desk.deadLetters.replay(ids),
      discard: (ids) => running().desk.deadLetters.discard(ids),
    },
    messages: () => running().desk.stats(),
  }
}
