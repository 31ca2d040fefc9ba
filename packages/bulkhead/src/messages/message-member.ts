import type { HostAct, MailboxId, MessageCounters, MessageEvent, MessagesToWorker } from '@bulkhead/actor'
import type { ExportedFunction } from '@bulkhead/contracts'
import type { DeliveryMode, Sender } from '@bulkhead/mailbox'
import type { RateBucketMemory, RateSeat } from '@bulkhead/quota'
import { MailWatch } from '../lifetimes/mail-watch.js'
import type { ChildRate, MessageQuota } from './message-rates.js'
import type { BoxReader, PostBox } from './post-box.js'
import type { ChildTopics } from './topic-authority.js'

/** What the exchange needs of a running actor. */
export type MessageActor = {
  readonly post: (message: MessagesToWorker) => void
  readonly onMessageEvent: (listener: (event: MessageEvent) => void) => void
  readonly messageCounters: () => MessageCounters
  readonly awaitedMailbox: () => MailboxId | undefined
  readonly killBecause: (act: HostAct) => Promise<void>
}

/** What a child does with messages, by what its component imports and exports. */
export type MessageRole = {
  readonly handles: boolean
  readonly sends: boolean
  /** Whether it answers HTTP requests, which come by its mailbox too. */
  readonly servesHttp?: boolean | undefined
  /** What can be called by name, by its mailbox as well; left out where there is nothing. */
  readonly functions?: readonly ExportedFunction[] | undefined
}

/** Whether there is something that it takes out of a mailbox. */
export function hasMailbox({ handles, servesHttp, functions }: MessageRole): boolean {
  return handles || servesHttp === true || functions !== undefined
}

/** A child of the tree as far as messages go: one principal, one rate, and its members. */
export class MessageChild {
  readonly id: string
  role: MessageRole
  readonly delivery: DeliveryMode
  readonly rate: ChildRate
  /** Whether its members sleep while they have no work: then each of them is sent to, whether it runs or not. */
  readonly sleeps: boolean
  /** After how many messages an incarnation is over; `undefined`: when it is stopped. */
  readonly messagesMax: number | undefined
  topics: ChildTopics
  #quota: MessageQuota
  readonly #members = new Map<string, MessageMember>()

  constructor(spec: {
    readonly id: string
    readonly memberIds: readonly string[]
    readonly role: MessageRole
    readonly delivery: DeliveryMode
    readonly rate: ChildRate
    readonly quota: MessageQuota
    readonly topics: ChildTopics
    readonly sleeps?: boolean | undefined
    readonly messagesMax?: number | undefined
  }) {
    this.id = spec.id
    this.role = spec.role
    this.delivery = spec.delivery
    this.rate = spec.rate
    this.#quota = spec.quota
    this.topics = spec.topics
    this.sleeps = spec.sleeps ?? false
    this.messagesMax = spec.messagesMax
    for (const id of spec.memberIds) this.join(id)
  }

  get members(): readonly MessageMember[] {
    return [...this.#members.values()]
  }

  /** Whether messages are for one of several. */
  get isPool(): boolean {
    return this.#members.size > 1
  }

  join(id: string): MessageMember {
    const member = new MessageMember(id, this)
    this.#members.set(id, member)
    return member
  }

  leave(id: string): void {
    this.#members.delete(id)
  }

  /** Puts another quota into force. */
  limit(quota: MessageQuota): void {
    this.#quota = quota
    this.slow()
  }

  /** Its rate, which its members share, is cut for the one of them that is trusted least. */
  slow(): void {
    const divisor = Math.max(1, ...this.members.map(({ rateDivisor }) => rateDivisor))
    const { rate, written } = this.#quota
    this.rate.change({ rate: { amount: rate.amount, perMs: rate.perMs * divisor }, written })
  }

  get tenant(): string | undefined {
    const slash = this.id.indexOf('/')
    return slash === -1 ? undefined : this.id.slice(0, slash)
  }
}

/** One instance of a child. Its mailbox is its own and outlives its incarnations. */
export class MessageMember {
  readonly id: string
  readonly child: MessageChild
  /** `undefined` where messages are not handled, or when it is gone for good. */
  box: PostBox | undefined
  run: MessageRun | undefined
  deadLetters = 0
  /** It is quarantined: another member of its pool is sent to. */
  isOut = false
  /** Wakes it. */
  readonly mail = new MailWatch(() => this.box)
  /** What the rung of its last incarnation divides rates by. */
  rateDivisor = 1
  #ended = noMessages

  constructor(id: string, child: MessageChild) {
    this.id = id
    this.child = child
  }

  /** Of all incarnations. */
  counters(): MessageCounters {
    const running = this.run?.actor?.messageCounters()
    return running === undefined ? this.#ended : addCounters(this.#ended, running)
  }

  /** An incarnation has ended, as was seen. */
  end(run: MessageRun): void {
    if (run.actor !== undefined) this.#ended = addCounters(this.#ended, run.actor.messageCounters())
    if (this.run === run) this.run = undefined
  }
}

/** One incarnation: what it holds ends with it. */
export class MessageRun implements BoxReader {
  readonly member: MessageMember
  readonly sender: Sender
  readonly rate: RateBucketMemory | RateSeat
  inbox: PostBox | undefined
  actor: MessageActor | undefined
  /** By the mailbox as it names it: where its lane really leads. */
  readonly outlets = new Map<MailboxId, { readonly box: PostBox; readonly lane: number }>()
  /** How many places on the way to a mailbox had no room for its large messages. */
  readonly tiers = new Map<MailboxId, number>()
  /** Children that it may have asked: they may answer it. */
  readonly asked = new Set<string>()

  constructor(member: MessageMember, incarnation: number, rate: RateBucketMemory | RateSeat) {
    this.member = member
    this.sender = { id: member.child.id, incarnation }
    this.rate = rate
  }

  post(message: MessagesToWorker): void {
    this.actor?.post(message)
  }
}

export const noMessages: MessageCounters = {
  published: 0,
  requested: 0,
  received: 0,
  handled: 0,
  handlerErrors: 0,
  refusedRate: 0,
  refusedOverloaded: 0,
}

export function addCounters(one: MessageCounters, other: MessageCounters): MessageCounters {
  return {
    published: one.published + other.published,
    requested: one.requested + other.requested,
    received: one.received + other.received,
    handled: one.handled + other.handled,
    handlerErrors: one.handlerErrors + other.handlerErrors,
    refusedRate: one.refusedRate + other.refusedRate,
    refusedOverloaded: one.refusedOverloaded + other.refusedOverloaded,
  }
}
