import { isTopic } from '@bulkhead/capability'
import { BulkheadError } from '@bulkhead/vocabulary'
import { cachedRoutesMax, subscriptionsMax } from './limits.js'
import { authorityAllows, type CompiledAuthority, compileAuthority, type TopicAuthority } from './topic-authority.js'
import { buildTopicTrie, eachMatch, type TopicTrie } from './topic-trie.js'

/** One receiver: a child, with the mailbox of each of its instances. */
export type Receiver = {
  readonly id: string
  /** The mailboxes of its members: one, or those of a pool, of which each message goes to one. */
  readonly mailboxes: readonly number[]
}

/** A receiver with all that its subscriptions have to get past. */
export type ReceiverSpec = Receiver & {
  /** What it may subscribe. Absent: its subscriptions alone decide. */
  readonly authority?: TopicAuthority
}

/** A receiver as tables have it. */
export type Routed = Receiver & { readonly authority: CompiledAuthority | undefined }

export type Subscription = { readonly pattern: string; readonly receiver: string }

/**
 * Who gets what: plain data, cloned to each sender's thread together with the rules of the same version.
 *
 * INVARIANT (exact routing): what a table routes to a receiver, that receiver may have: its patterns are those of one layer
 * only, so its whole authority is asked as well. Else an honest sender would commit what the reader's filter refuses.
 */
export type RoutingTable = {
  readonly version: number
  readonly receivers: readonly Routed[]
  /** Indices into `receivers`. */
  readonly subscriptions: TopicTrie<number>
}

/**
 * @throws {PatternError} when a pattern is none (SPEC 3.4).
 * @throws {BulkheadError} `resource-limit-exceeded` when there are too many subscriptions; `usage` when one names a
 * receiver that is not in the list, or a receiver has no mailbox.
 */
export function buildRoutingTable(spec: {
  readonly version: number
  readonly receivers: readonly ReceiverSpec[]
  readonly subscriptions: readonly Subscription[]
}): RoutingTable {
  if (spec.subscriptions.length > subscriptionsMax) {
    throw new BulkheadError('resource-limit-exceeded', `there are ${spec.subscriptions.length} subscriptions`, {
      details: { resource: 'subscriptions', limit: subscriptionsMax },
      hint: `at most ${subscriptionsMax}`,
    })
  }
  const indices = new Map(spec.receivers.map(({ id }, index) => [id, index]))
  for (const { id, mailboxes } of spec.receivers) {
    if (mailboxes.length === 0) throw new BulkheadError('usage', `the receiver \`${id}\` has no mailbox`)
  }
  const subscriptions = buildTopicTrie(
    spec.subscriptions.map(({ pattern, receiver }) => {
      const index = indices.get(receiver)
      if (index === undefined) throw new BulkheadError('usage', `nobody of the name \`${receiver}\` can subscribe`)
      return [pattern, index] as const
    }),
  )
  const receivers = spec.receivers.map(({ id, mailboxes, authority }) => {
    return { id, mailboxes, authority: authority && compileAuthority(authority) }
  })
  return { version: spec.version, receivers, subscriptions }
}

/**
 * Finds the receivers of topics in one table, and remembers what it found. One per table: a newer table, a new router.
 *
 * @example
 * ```ts
 * for (const receiver of router.receiversOf('orders.new')) sendTo(chooseMember(receiver.mailboxes, depthOf, random))
 * ```
 */
export class Router {
  readonly version: number
  readonly #table: RoutingTable
  readonly #known = new Map<string, readonly Receiver[]>()

  constructor(table: RoutingTable) {
    this.version = table.version
    this.#table = table
  }

  /** Each receiver of a topic once, however many of its subscriptions match; what is no topic has none. */
  receiversOf(topic: string): readonly Receiver[] {
    const known = this.#known.get(topic)
    if (known !== undefined) return known
    const found = this.#find(topic)
    if (this.#known.size >= cachedRoutesMax) this.#known.clear()
    this.#known.set(topic, found)
    return found
  }

  #find(topic: string): readonly Receiver[] {
    if (!isTopic(topic)) return []
    const { receivers, subscriptions } = this.#table
    const found = new Set<number>()
    eachMatch(subscriptions, topic, (index) => found.add(index))
    const matched = [...found].sort((one, other) => one - other).flatMap((index) => receivers[index] ?? [])
    return matched.filter(({ authority }) => authority === undefined || authorityAllows(authority, topic))
  }
}
