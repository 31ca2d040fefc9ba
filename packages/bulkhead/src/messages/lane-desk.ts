// Lanes on demand (DESIGN D7): a sender asks for one when it first has something for a receiver.

import type { MailboxId } from '@bulkhead/actor'
import {
  compileLaneFilter,
  filterAllows,
  type InletRules,
  type LaneFilter,
  mayShareTopic,
  type OutletMemory,
} from '@bulkhead/mailbox'
import { forwardersMax, lanesOfSenderMax } from '../limits.js'
import type { MessageChild, MessageRun } from './message-member.js'
import type { BoxPurpose, LaneUser, PostBox } from './post-box.js'
import { everyTopic, noTopic } from './topic-authority.js'

/** What giving out lanes needs of the exchange. */
export type LaneWorld = {
  readonly boxOf: (id: MailboxId) => PostBox | undefined
  /** Makes one more forwarder before a mailbox. */
  readonly openForwarder: (target: PostBox) => PostBox
  readonly forwardersOf: (target: PostBox) => readonly PostBox[]
  /** Of the rules. */
  readonly version: () => number
  readonly now: () => bigint
}

/** A lane whose rules have changed, and are to be settled and enforced. */
export type ChangedLane = { readonly box: PostBox; readonly lane: number; readonly filter: LaneFilter }

export class LaneDesk {
  readonly #world: LaneWorld

  constructor(world: LaneWorld) {
    this.#world = world
  }

  /**
   * Answers a sender that asks for a lane to a mailbox. What it was given is its only one: who asks again while it has it
   * has asked before our answer came, and gets no other.
   */
  give(run: MessageRun, target: MailboxId): void {
    if (run.outlets.has(target)) return
    const box = this.#world.boxOf(target)
    run.post({ kind: 'outlet', mailbox: target, outlet: box && this.#open(run, box) })
  }

  /** Answers a sender that needs place for large messages. Where there is none it gives its lane up and asks for another. */
  giveArena(run: MessageRun, target: MailboxId): void {
    const held = run.outlets.get(target)
    if (held === undefined) return
    const arena = held.box.arenaOf(held.lane)
    if (arena === undefined) run.tiers.set(target, (run.tiers.get(target) ?? 0) + 1)
    run.post({ kind: 'outlet-arena', mailbox: target, arena })
  }

  /** A sender has closed its end of a lane; the lane ends when it is read empty. */
  takeBack(run: MessageRun, target: MailboxId): void {
    const held = run.outlets.get(target)
    run.outlets.delete(target)
    held?.box.mailbox.endSender(held.lane)
    if (held !== undefined) this.sweep(held.box)
  }

  /** The end of an incarnation was seen: its lanes end when they are read empty. */
  takeBackAll(run: MessageRun): void {
    for (const target of [...run.outlets.keys()]) this.takeBack(run, target)
  }

  /** Ends what is closed and empty, and asks for what lies idle. */
  sweep(box: PostBox): void {
    for (const { run, target } of box.sweep(this.#world.now())) {
      if (run.outlets.get(target)?.box === box) run.post({ kind: 'outlet', mailbox: target, outlet: undefined })
    }
  }

  /** Takes all lanes of a mailbox away, which nobody will name again: who holds an end is told to let it go. */
  closeAll(box: PostBox): void {
    for (const [lane, user] of [...box.users]) {
      box.condemn(lane)
      const { run, target } = user
      const isHeld = run.outlets.get(target)?.box === box
      // ORDER: forgotten first. The answer may come before `post` returns.
      this.forget(box, user)
      if (isHeld) run.post({ kind: 'outlet', mailbox: target, outlet: undefined })
    }
  }

  /** A lane was taken away from its sender. */
  forget(box: PostBox, { run, target }: LaneUser): void {
    if (run.outlets.get(target)?.box === box) run.outlets.delete(target)
  }

  /**
   * Puts newer rules in force at the readers of all lanes that one of these children sends or receives on.
   *
   * ORDER: before any sender is told (DESIGN D3); the filter before still counts until it is settled.
   */
  replaceFilters(boxes: Iterable<PostBox>, changed: ReadonlySet<MessageChild>): readonly ChangedLane[] {
    const lanes: ChangedLane[] = []
    for (const box of boxes) {
      const received = box.purpose.kind === 'mailbox' && changed.has(box.purpose.member.child)
      for (const [lane, { run }] of box.users) {
        if (!received && !changed.has(run.member.child)) continue
        const filter = this.#filterBetween(run, box.purpose)
        const rules = box.mailbox.replaceFilter(lane, filter)
        box.reader?.post({ kind: 'inlet-rules', mailbox: box.id, lane, rules })
        lanes.push({ box, lane, filter })
      }
    }
    return lanes
  }

  /** Their senders are thought to obey the newest rules: what they send from now on is judged by those alone. */
  settle(lanes: readonly ChangedLane[]): void {
    for (const { box, lane, filter } of lanes) tellRules(box, lane, box.mailbox.settleFilter(lane, filter))
  }

  /** Nobody has an excuse any more for what these rules refuse. */
  enforce(lanes: readonly ChangedLane[]): void {
    for (const { box, lane, filter } of lanes) tellRules(box, lane, box.mailbox.enforceFilter(lane, filter))
  }

  #open(run: MessageRun, box: PostBox): OutletMemory | 'full' | undefined {
    if (!mayReach(run, box.purpose)) return undefined
    // Who closes its lane with what lies in it, and asks for another, would take all places.
    if (this.#lanesOf(run, box) >= lanesOfSenderMax) return 'full'
    const filter = this.#filterBetween(run, box.purpose)
    for (let tier = run.tiers.get(box.id) ?? 0; tier <= forwardersMax; tier++) {
      const place = this.#placeAt(box, tier)
      const lane = place.mailbox.openLane(run.sender, filter, this.#world.now())
      if (lane === undefined) continue
      run.outlets.set(box.id, { box: place, lane: lane.inlet.lane })
      const receiver = childOf(box.purpose)
      if (receiver !== undefined) run.asked.add(receiver)
      place.welcome(lane, { run, target: box.id })
      return lane.outlet
    }
    // There may be place again when it asks the next time.
    run.tiers.delete(box.id)
    return 'full'
  }

  /** How many lanes a member has on the way to a mailbox, of all its incarnations: those that are not read empty yet. */
  #lanesOf({ member }: MessageRun, box: PostBox): number {
    const places = [box, ...this.#world.forwardersOf(box)]
    return places.reduce((sum, { users }) => {
      for (const { run, target } of users.values()) if (run.member === member && target === box.id) sum++
      return sum
    }, 0)
  }

  #placeAt(box: PostBox, tier: number): PostBox {
    if (tier === 0) return box
    return this.#world.forwardersOf(box)[tier - 1] ?? this.#world.openForwarder(box)
  }

  /** What may pass. Answers pass by being awaited, and nothing else does to an inbox. */
  #filterBetween({ member }: MessageRun, purpose: BoxPurpose): LaneFilter {
    const version = this.#world.version()
    if (purpose.kind === 'inbox' || purpose.kind === 'host-inbox') {
      return compileLaneFilter({ version, publish: noTopic, subscribe: noTopic })
    }
    const subscribe = purpose.kind === 'mailbox' ? purpose.member.child.topics.subscribe : everyTopic
    const { publish, request } = member.child.topics
    return compileLaneFilter({ version, publish: [publish, request], subscribe })
  }
}

/** `rules`: `undefined` when newer ones have come since. */
function tellRules(box: PostBox, lane: number, rules: InletRules | undefined): void {
  if (rules !== undefined) box.reader?.post({ kind: 'inlet-rules', mailbox: box.id, lane, rules })
}

/** Whether the rules of today let this one publish or ask a topic. */
export function maySend({ member }: MessageRun, topic: string): boolean {
  const { publish, request } = member.child.topics
  return filterAllows(compileLaneFilter({ version: 0, publish: [publish, request], subscribe: everyTopic }), topic)
}

/** Whether there may be something that this one can send there. */
function mayReach({ member }: MessageRun, purpose: BoxPurpose): boolean {
  const { id, topics } = member.child
  switch (purpose.kind) {
    case 'inbox':
      return purpose.run.asked.has(id)
    case 'host-inbox':
      return purpose.asked.has(id)
    default: {
      const subscribe = purpose.kind === 'mailbox' ? purpose.member.child.topics.subscribe : everyTopic
      return [topics.publish, topics.request].some((authority) => mayShareTopic(authority, subscribe))
    }
  }
}

function childOf(purpose: BoxPurpose): string | undefined {
  if (purpose.kind === 'mailbox') return purpose.member.child.id
  return purpose.kind === 'host-mailbox' ? 'host' : undefined
}
