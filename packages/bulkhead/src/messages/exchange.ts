// The host's side of messages. It makes mailboxes and lanes and says who may have them; the messages themselves go from
// thread to thread, and it is asked again only when somebody new is to be reached, when rules change, and when one ends.

import { callSubject, type MailboxId, type MessagesBegin } from '@bulkhead/actor'
import type { DeadLetterReason, Router } from '@bulkhead/mailbox'
import type { DormancyPort } from '@bulkhead/supervisors'
import { rulesEnforcedMs, rulesGraceMs, sweepMs } from '../limits.js'
import { BreachDesk } from './breach-desk.js'
import type { CallWatcher, ChildRules, ExchangedChild, ExchangePowers } from './exchange-types.js'
import { Forwarder } from './forwarding.js'
import { type ChangedLane, LaneDesk } from './lane-desk.js'
import { LetterBook } from './letter-book.js'
import { type Ears, heardOf } from './member-events.js'
import {
  hasMailbox,
  type MessageActor,
  MessageChild,
  type MessageMember,
  type MessageRole,
  MessageRun,
} from './message-member.js'
import { MessageRates } from './message-rates.js'
import { type BoxPurpose, PostBox } from './post-box.js'
import { type RecoveryWorld, recoverMessage } from './recovery.js'
import { Retirement } from './retirement.js'
import type { HostSubscriptions } from './routing.js'
import { RoutingDesk } from './routing-desk.js'

export class Exchange {
  readonly letters: LetterBook
  readonly rates: MessageRates
  readonly #powers: ExchangePowers
  readonly #boxes = new Map<MailboxId, PostBox>()
  readonly #forwarders = new Map<PostBox, Forwarder[]>()
  /** Forwarders of mailboxes that were given up, until they have settled what they had in hand. */
  readonly #closing = new Set<Promise<void>>()
  readonly #children = new Map<string, MessageChild>()
  readonly #members = new Map<string, MessageMember>()
  readonly #lanes: LaneDesk
  readonly #breaches: BreachDesk
  readonly #recovery: RecoveryWorld
  readonly #retirement: Retirement
  readonly #routing: RoutingDesk
  readonly #ears: Ears
  #nextBox: MailboxId = 1
  #cancelSweep: () => void = () => {}
  #onTimedOut: (member: MessageMember) => void = () => {}
  #calls: CallWatcher = { answered: () => {}, lost: () => {} }

  constructor(powers: ExchangePowers) {
    this.#powers = powers
    this.letters = new LetterBook(powers.clock, powers.raise)
    this.rates = new MessageRates(powers.supervisors, () => this.now())
    this.#routing = new RoutingDesk({
      children: () => this.#children.values(),
      members: () => this.#members.values(),
      raise: powers.raise,
    })
    this.#lanes = new LaneDesk({
      boxOf: (id) => this.#boxes.get(id),
      openForwarder: (target) => this.#openForwarder(target),
      forwardersOf: (target) => (this.#forwarders.get(target) ?? []).map(({ box }) => box),
      version: () => this.#routing.version,
      now: () => this.now(),
    })
    this.#breaches = new BreachDesk(this.#lanes, () => this.now(), powers.raise)
    this.#recovery = {
      letters: this.letters,
      now: () => this.now(),
      onBreach: (box, lane, reason) => this.#breaches.punish(box, lane, reason),
      onLost: (member, { subject, body }) => {
        if (subject === callSubject) this.#calls.lost(member.id, body)
      },
    }
    this.#retirement = new Retirement(this.#recovery, (box) => this.#lanes.closeAll(box))
    this.#ears = {
      ...{ lanes: this.#lanes, breaches: this.#breaches, letters: this.letters },
      ...{ onHandlerFailed: powers.onHandlerFailed, onHandled: powers.onHandled, now: () => this.now() },
      onTimedOut: (member) => this.#onTimedOut(member),
      onCallAnswered: (member, answer) => this.#calls.answered(member.id, answer),
    }
    this.#sweepLater()
  }

  /** Monotonic nanoseconds since the runtime's start, as all threads count. */
  now(): bigint {
    return this.#powers.clock.monotonicNs() - this.#powers.originNs
  }

  /** Who gets what now. */
  get router(): Router {
    return this.#routing.router
  }

  get members(): Iterable<MessageMember> {
    return this.#members.values()
  }

  get children(): Iterable<MessageChild> {
    return this.#children.values()
  }

  boxOf(id: MailboxId): PostBox | undefined {
    return this.#boxes.get(id)
  }

  /** The host's mailboxes before a receiver's own. */
  forwardersOf(box: PostBox): readonly PostBox[] {
    return (this.#forwarders.get(box) ?? []).map((forwarder) => forwarder.box)
  }

  /** Called when a request of a child has timed out. */
  onTimedOut(listener: (member: MessageMember) => void): void {
    this.#onTimedOut = listener
  }

  /** Told of calls by name, which it carries as messages. */
  watchCalls(watcher: CallWatcher): void {
    this.#calls = watcher
  }

  /** Takes a child of the tree in, with a mailbox for each of its members where it handles messages. */
  add({ quota, supervisor, ...child }: ExchangedChild): void {
    const added = new MessageChild({ ...child, quota, rate: this.rates.ofChild(quota, supervisor) })
    this.#children.set(added.id, added)
    for (const member of added.members) this.#take(member)
    this.#routing.changed()
  }

  /** Takes a child in while others run, and tells them of it. */
  introduce(child: ExchangedChild): void {
    this.add(child)
    this.#routing.tell()
  }

  /** One more member of a pool. */
  join(childId: string, memberId: string): void {
    const child = this.#children.get(childId)
    if (child === undefined || this.#members.has(memberId)) return
    this.#take(child.join(memberId))
    this.#routing.tellSoon()
  }

  /** A member is gone, and its name may come back for another one: what waits for it waits in vain. */
  leave(memberId: string): void {
    const member = this.#members.get(memberId)
    if (member === undefined) return
    this.ended(memberId)
    member.child.leave(memberId)
    this.#members.delete(memberId)
    if (member.box === undefined) this.#routing.tellSoon()
    else this.#close(member, member.box)
  }

  /** A child is gone with all its members. */
  remove(childId: string): void {
    const child = this.#children.get(childId)
    for (const { id } of child?.members ?? []) this.leave(id)
    child?.rate.end()
    this.#children.delete(childId)
    this.#routing.tell()
  }

  /** What wakes a member that sleeps. */
  dormancy(memberId: string): DormancyPort | undefined {
    return this.#members.get(memberId)?.mail
  }

  /** Whether messages lie in a member's mailbox. */
  hasMail(memberId: string): boolean {
    return this.#members.get(memberId)?.box?.mailbox.hasMail === true
  }

  /** How many messages wait for a member, and of how many at most; `undefined` where it takes none. */
  depthOf(memberId: string): { readonly depth: number; readonly depthMax: number } | undefined {
    const mailbox = this.#members.get(memberId)?.box?.mailbox
    return mailbox && { depth: mailbox.stats().messages, depthMax: mailbox.messagesMax }
  }

  /** The component of a child does other things with messages than before; who runs is not concerned. */
  setRole(childId: string, role: MessageRole): void {
    const child = this.#children.get(childId)
    if (child !== undefined) child.role = role
  }

  /** The number of a mailbox that only one who is tried will know. */
  reserveNumber(): MailboxId {
    return this.#nextBox++
  }

  /** A member of a pool is quarantined, or runs again. */
  setOut(memberId: string, isOut: boolean): void {
    const member = this.#members.get(memberId)
    if (member === undefined || member.isOut === isOut) return
    member.isOut = isOut
    if (member.child.sleeps && member.child.isPool) this.#routing.tell()
  }

  #take(member: MessageMember): void {
    this.#members.set(member.id, member)
    if (hasMailbox(member.child.role)) this.#openMailbox(member)
  }

  #openMailbox(member: MessageMember): PostBox {
    const box = this.openBox({ kind: 'mailbox', member })
    box.onMail = () => member.mail.look()
    member.box = box
    return box
  }

  /** Makes a mailbox. */
  openBox(purpose: BoxPurpose): PostBox {
    const box = new PostBox(this.#nextBox++, purpose)
    this.#boxes.set(box.id, box)
    return box
  }

  /**
   * What an incarnation is told at its begin; `undefined` for a child that has nothing to do with messages.
   *
   * @param rateDivisor what its rung divides its rates by.
   */
  begin(memberId: string, incarnation: number, rateDivisor = 1): MessagesBegin | undefined {
    const member = this.#members.get(memberId)
    if (member === undefined || !(hasMailbox(member.child.role) || member.child.role.sends)) return undefined
    const { child } = member
    // One that was begun and never ran: the supervisor starts none beside another.
    this.ended(memberId)
    if (member.rateDivisor !== rateDivisor) {
      member.rateDivisor = rateDivisor
      child.slow()
    }
    const run = new MessageRun(member, incarnation, child.rate.take())
    member.run = run
    const isTaking = hasMailbox(child.role)
    const isRerouted = child.role.handles && (member.box === undefined || (child.isPool && !child.sleeps))
    if (isTaking) member.box ??= this.#openMailbox(member)
    if (child.role.sends) run.inbox = this.openBox({ kind: 'inbox', run })
    for (const box of [member.box, run.inbox]) if (box !== undefined) box.reader = run
    member.mail.rest()
    // In a pool it is routed to from now on.
    if (isRerouted) this.#routing.tell()
    return {
      mailbox: member.box && { id: member.box.id, reader: member.box.mailbox.readerMemory() },
      inbox: run.inbox && { id: run.inbox.id, reader: run.inbox.mailbox.readerMemory() },
      routing: this.#routing.table,
      outboundRate: run.rate,
      inboundRate: child.rate.inbound,
      messagesMax: child.messagesMax,
      functions: child.role.functions,
      isTraced: this.#powers.onHandled !== undefined,
    }
  }

  /** The actor of the incarnation that was begun last. */
  attach(memberId: string, actor: MessageActor): void {
    const run = this.#members.get(memberId)?.run
    if (run === undefined) return
    run.actor = actor
    actor.onMessageEvent((event) => heardOf(this.#ears, run, event))
  }

  /** The end of a member's incarnation was seen. To be called before anything else happens to it. */
  ended(memberId: string): void {
    const member = this.#members.get(memberId)
    const run = member?.run
    if (member === undefined || run === undefined) return
    member.end(run)
    member.child.rate.giveBack(run.rate)
    this.#lanes.takeBackAll(run)
    if (run.inbox !== undefined) this.#retire(run.inbox, 'stale-incarnation')
    const { box } = member
    if (box !== undefined) {
      box.reader = undefined
      recoverMessage(member, box, this.#recovery)
      this.#lanes.sweep(box)
    }
    if (member.child.isPool && !member.child.sleeps) this.#routing.tell()
  }

  /** A member will not come back: what waits for it waits in vain. It is made a new mailbox should it start after all. */
  bury(memberId: string): void {
    const member = this.#members.get(memberId)
    const box = member?.box
    if (member === undefined || box === undefined || member.run !== undefined) return
    this.#close(member, box)
  }

  #close(member: MessageMember, box: PostBox): void {
    member.box = undefined
    if (member.child.isPool) this.#routing.tellSoon()
    else this.#routing.tell()
    this.#retire(box, 'expired')
  }

  /**
   * Puts newer rules of children in force.
   *
   * ORDER (DESIGN D3): after they are persisted and on record; first the readers of lanes, then who sends, and only after
   * this the contexts and their versions.
   *
   * @returns `settle`, to be called when no call goes on under the older ones.
   */
  changeRules(rules: readonly ChildRules[]): { readonly settle: () => void } {
    const changed = new Set<MessageChild>()
    for (const { id, topics, quota } of rules) {
      const child = this.#children.get(id)
      if (child === undefined) continue
      child.limit(quota)
      child.topics = topics
      changed.add(child)
    }
    const lanes = this.#lanes.replaceFilters(this.#everyBox(), changed)
    this.#routing.tell()
    return { settle: () => this.#settleLater(lanes) }
  }

  /** The host receives other topics than before. */
  subscribeHost(host: HostSubscriptions | undefined): void {
    this.#routing.subscribeHost(host)
  }

  /** The host has read in one of its own mailboxes what a sender may not write. */
  breached(box: PostBox, lane: number, reason: string): void {
    this.#breaches.punish(box, lane, reason)
  }

  /** Looks at all lanes for those that ended or lie idle. */
  sweep(): void {
    for (const box of this.#everyBox()) this.#lanes.sweep(box)
    // The hint of a sender that was ended in the middle of it is lost.
    for (const { child, mail } of this.#members.values()) if (child.sleeps) mail.look()
    this.#retirement.sweep()
  }

  /** Forwards and looks after lanes no more. How many messages lie in mailboxes that nobody will read. */
  async close(): Promise<number> {
    this.#cancelSweep()
    await Promise.all([...this.#forwarders.values()].flat().map((forwarder) => forwarder.close()))
    await Promise.all(this.#closing)
    // Lanes closed and read, and read once more for who was about to commit.
    for (let sweeps = 0; sweeps < 2; sweeps++) this.#retirement.sweep()
    let undelivered = 0
    for (const { purpose, mailbox } of this.#everyBox()) {
      if (purpose.kind === 'mailbox' || purpose.kind === 'host-mailbox') undelivered += mailbox.stats().messages
    }
    return undelivered
  }

  #openForwarder(target: PostBox): PostBox {
    const box = new PostBox(this.#nextBox++, target.purpose)
    const forwarder = new Forwarder(box, target, {
      clock: this.#powers.clock,
      now: () => this.now(),
      onRefused: ({ reason, delivery }) => void this.letters.add({ reason, box, message: delivery }),
      onBreach: ({ lane, error }) => this.#breaches.punish(box, lane, error.message),
    })
    this.#forwarders.set(target, [...(this.#forwarders.get(target) ?? []), forwarder])
    return box
  }

  /** Gives a mailbox up, with those before it. */
  #retire(target: PostBox, reason: DeadLetterReason): void {
    const forwarders = this.#forwarders.get(target) ?? []
    this.#forwarders.delete(target)
    this.#boxes.delete(target.id)
    this.#retirement.add(target, reason)
    for (const forwarder of forwarders) {
      // ORDER: when it has settled what it has in hand, which may have been forwarded by now.
      const closing = forwarder.close().then(() => {
        this.#retirement.add(forwarder.box, reason)
        this.#closing.delete(closing)
      })
      this.#closing.add(closing)
    }
  }

  #settleLater(lanes: readonly ChangedLane[]): void {
    if (lanes.length === 0) return
    const { clock } = this.#powers
    clock.after(rulesGraceMs, () => this.#lanes.settle(lanes))
    clock.after(rulesEnforcedMs, () => this.#lanes.enforce(lanes))
  }

  #everyBox(): readonly PostBox[] {
    return [...this.#boxes.values(), ...[...this.#forwarders.values()].flat().map(({ box }) => box)]
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#powers.clock.after(sweepMs, () => {
      this.sweep()
      this.#sweepLater()
    })
  }
}
