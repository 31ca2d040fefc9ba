// Members without threads: what a worker does with its mailbox, its lanes and its routing table, done here at once. Mailboxes,
// lanes and filters are the real ones.

import type { HostAct, MessageCounters, MessageEvent, MessagesBegin, MessagesToWorker } from '@bulkhead/actor'
import {
  type Delivery,
  MailboxReader,
  MessageEncoder,
  Outlet,
  type OutletMemory,
  type Receiver,
  Router,
  type SendOutcome,
  type TopicAuthority,
} from '@bulkhead/mailbox'
import { type HealthEventDraft, SimulatedClock } from '@bulkhead/vocabulary'
import { Exchange } from './exchange.js'
import type { ExchangedChild, ExchangePowers, HandlerFailure } from './exchange-types.js'
import { type MessageActor, noMessages } from './message-member.js'

export const topics = (...patterns: string[]): TopicAuthority => ({ layers: [patterns], operator: [], deny: [] })

type ChildDraft = Partial<Omit<ExchangedChild, 'topics'>> & {
  readonly id: string
  readonly publish?: readonly string[]
  readonly request?: readonly string[]
  readonly subscribe?: readonly string[]
}

export class TestExchange {
  readonly clock = new SimulatedClock()
  readonly events: HealthEventDraft[] = []
  readonly failures: HandlerFailure[] = []
  readonly exchange: Exchange
  readonly #incarnations = new Map<string, number>()

  constructor(powers: Partial<ExchangePowers> = {}) {
    this.exchange = new Exchange({
      clock: this.clock,
      originNs: 0n,
      raise: (draft) => this.events.push(draft),
      onHandlerFailed: (failure) => this.failures.push(failure),
      supervisors: [],
      ...powers,
    })
  }

  add(draft: ChildDraft): void {
    const { publish = [], request = [], subscribe = [], ...child } = draft
    this.exchange.add({
      supervisor: 'root',
      memberIds: [child.id],
      role: { handles: subscribe.length > 0, sends: true },
      delivery: 'once',
      quota: { rate: { amount: 1_000, perMs: 1_000 }, written: false },
      topics: { publish: topics(...publish), request: topics(...request), subscribe: topics(...subscribe) },
      ...child,
    })
  }

  /** Starts a member's next incarnation. */
  start(member: string): TestActor {
    const incarnation = (this.#incarnations.get(member) ?? 0) + 1
    this.#incarnations.set(member, incarnation)
    const begin = this.exchange.begin(member, incarnation)
    if (begin === undefined) throw new Error(`${member} has nothing to do with messages`)
    const actor = new TestActor(begin, () => this.exchange.now())
    this.exchange.attach(member, actor)
    return actor
  }

  letters(): readonly string[] {
    return this.exchange.letters.letters
      .list()
      .map(({ reason, receiver, message }) => `${reason} ${receiver ?? '-'} ${message.subject} ${textOf(message.body)}`)
  }
}

export class TestActor implements MessageActor {
  readonly begin: MessagesBegin
  readonly posted: MessagesToWorker[] = []
  readonly killed: HostAct[] = []
  counters: MessageCounters = noMessages
  awaited: number | undefined
  readonly #now: () => bigint
  readonly #readers = new Map<number, MailboxReader>()
  readonly #outlets = new Map<number, Outlet | 'full' | undefined>()
  readonly #encoder = new MessageEncoder()
  readonly awaits = new Set<string>()
  #router: Router
  #tell: (event: MessageEvent) => void = () => {}

  constructor(begin: MessagesBegin, now: () => bigint) {
    this.begin = begin
    this.#now = now
    this.#router = new Router(begin.routing)
    for (const box of [begin.mailbox, begin.inbox]) {
      if (box === undefined) continue
      const reader = new MailboxReader(box.reader, {
        now,
        awaitsReply: (subject) => this.awaits.has(subject),
        onRefused: (refused) => this.#tell({ kind: 'refused-message', mailbox: box.id, refused }),
        onBreach: ({ lane, sender, error }) =>
          this.#tell({ kind: 'breach', mailbox: box.id, breach: { lane, sender, error: wire(error) } }),
      })
      this.#readers.set(box.id, reader)
    }
  }

  post(message: MessagesToWorker): void {
    this.posted.push(message)
    const reader = 'mailbox' in message ? this.#readers.get(message.mailbox) : undefined
    if (message.kind === 'routing') this.#router = new Router(structuredClone(message.routing))
    else if (message.kind === 'inlet') reader?.addLane(message.inlet)
    else if (message.kind === 'inlet-rules') reader?.replaceRules(message.lane, message.rules)
    else if (message.kind === 'inlet-arena') reader?.attachArena(message.lane, message.arena)
    else if (message.kind === 'inlet-ended') reader?.removeLane(message.lane)
    else if (message.kind === 'outlet') this.#take(message.mailbox, message.outlet)
    else if (message.arena === undefined) this.giveUp(message.mailbox)
    else this.#open(message.mailbox)?.attachArena(message.arena)
  }

  onMessageEvent(listener: (event: MessageEvent) => void): void {
    this.#tell = listener
  }

  messageCounters(): MessageCounters {
    return this.counters
  }

  awaitedMailbox(): number | undefined {
    return this.awaited
  }

  async killBecause(act: HostAct): Promise<void> {
    this.killed.push(act)
  }

  /** Tells the host something. */
  tell(event: MessageEvent): void {
    this.#tell(event)
  }

  receiversOf(topic: string): readonly Receiver[] {
    return this.#router.receiversOf(topic)
  }

  /** Sends as a worker does: asks for lanes and arenas when it needs them. One outcome for each receiver. */
  send(topic: string, text: string, more: { readonly replyTo?: string; readonly expiresAtNs?: bigint } = {}) {
    return this.receiversOf(topic).map(({ mailboxes }) => this.sendTo(mailboxes[0] ?? 0, topic, text, more))
  }

  /** Sends past all checks of its own. */
  sendTo(
    mailbox: number,
    topic: string,
    text: string,
    more: { readonly replyTo?: string; readonly expiresAtNs?: bigint } = {},
  ): SendOutcome | 'refused' | 'full' {
    if (this.#outlets.get(mailbox) === undefined) this.#tell({ kind: 'outlet-wanted', mailbox })
    const body = new TextEncoder().encode(text)
    this.#encoder.encode({ subject: topic, body, sentAtNs: this.#now(), ...more })
    const outlet = this.#outlets.get(mailbox)
    if (outlet === 'full') {
      this.#outlets.delete(mailbox)
      return 'full'
    }
    const outcome = outlet?.send(this.#encoder)
    if (outcome === 'arena-missing') {
      this.#tell({ kind: 'arena-wanted', mailbox })
      return this.sendTo(mailbox, topic, text, more)
    }
    if (outcome === 'closed') {
      this.giveUp(mailbox)
      return this.sendTo(mailbox, topic, text, more)
    }
    return outcome ?? 'refused'
  }

  giveUp(mailbox: number): void {
    this.#open(mailbox)?.close()
    this.#outlets.delete(mailbox)
    this.#tell({ kind: 'outlet-closed', mailbox })
  }

  /** Closes its end as when it is killed right after that. */
  closeUntold(mailbox: number): void {
    this.#open(mailbox)?.close()
  }

  holds(mailbox: number): boolean {
    return this.#open(mailbox) !== undefined
  }

  #open(mailbox: number): Outlet | undefined {
    const outlet = this.#outlets.get(mailbox)
    return outlet === 'full' ? undefined : outlet
  }

  /** The next message for the handler; it stays in processing until `finish`. */
  take(box = this.begin.mailbox): Delivery | undefined {
    return box === undefined ? undefined : this.#readers.get(box.id)?.take()
  }

  finish(box = this.begin.mailbox): void {
    if (box !== undefined) this.#readers.get(box.id)?.finish()
  }

  /** All that waits, as `topic text from`. */
  takeAll(box = this.begin.mailbox): readonly string[] {
    const taken: string[] = []
    for (let one = this.take(box); one !== undefined; one = this.take(box)) {
      taken.push(`${one.subject} ${textOf(one.body)} ${one.sender.id}`)
      this.finish(box)
    }
    return taken
  }

  #take(mailbox: number, outlet: OutletMemory | 'full' | undefined): void {
    if (outlet === undefined && this.holds(mailbox)) this.giveUp(mailbox)
    else this.#outlets.set(mailbox, typeof outlet === 'object' ? new Outlet(outlet) : outlet)
  }
}

export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}

function wire(error: Error) {
  return { family: 'error', code: 'internal', message: error.message, details: {} } as const
}
