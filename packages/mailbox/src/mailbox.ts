// The mailbox: a set of lanes, one for each sender, and a bell.
//
//   sender A ──lane──┐            The host makes every piece and hands each to the two who use it: a lane to its sender
//   sender B ──lane──┼─► reader   and this receiver, the bell to all. It owns the memory, so it outlives both: a worker
//   host ──────lane──┘            that is killed leaves its lanes as they are, and the next one goes on at `head`.
//
// INVARIANT (one store each): a message is accepted by the sender's one store of `tail` and ended by the receiver's one
// store of `head`. Whatever else there is (the bell, the arena, the count of messages, the mark) is a hint, or follows
// from those two, or says what the receiver was doing between them. So there is no instant at which a kill of either
// side loses a message that was accepted, or leaves something that has to be repaired.
//
// INVARIANT (one fate): an accepted message stays in its lane until its fate is settled: processed, or handed to the dead
// letters, or moved to another member of a pool. Only then does `head` move.
//
// INVARIANT (identity): what comes out of a lane was written by the one to whom the host gave it. Nobody names himself;
// only the host's own lane names others, for whom the host's router forwards.
//
// Simpler designs that fail:
// - one ring with many writers: a writer that is killed between taking its place and filling it leaves a hole that
//   nobody may skip and nobody can fill; a flooder fills the ring for all; one sender's bytes lie open to the others.
// - a lock around it: a killed owner keeps it.
// - `MessagePort`: unbounded, so a slow receiver takes the host's memory; what was posted dies with the receiver.
// - a hop through the host's main thread: its event loop becomes everybody's, and it has to copy twice.
// - one shared count of messages or bytes: see `message-shares.ts`. A free list for large bodies: see `arena.ts`.
// - ready bits that decide: a sender killed between its commit and its bit has sent a message that nobody ever sees.
//   Here they only say where to look first, and every lane is looked at by itself at each sweep.
// - `head` moved before the handler: a crash loses the message and nobody knows; a mark that names the lane alone: a
//   crash right after `head` moved takes the next message for the one that was lost.
//
// Bounds: what rings and arenas have together is decided when they are made (`bytesMax`), so what lies in them needs no
// count. Place for the host's lane is kept, since all senders for whom there is none of their own share it. How many
// messages may wait is divided among the lanes (`message-shares.ts`).
import { cell, createLane, LaneReader, LaneWriter, largestRecordBytes, SharedCells } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import { arenaBytesFor } from './arena.js'
import { Bell, createBell } from './bell.js'
import { Inlet, type InletMemory, type InletRules } from './inlet.js'
import type { LaneFilter } from './lane-filter.js'
import { isTorn, oldestRecord, oldestSentAtNs, usedBytes } from './lane-survey.js'
import {
  laneBytesDefault,
  laneBytesMin,
  laneIdleMs,
  laneMessagesMin,
  mailboxBytesDefault,
  mailboxLanesMax,
  mailboxMessagesDefault,
  messageBytesCeiling,
  messageBytesDefault,
  ringsBesideHostMin,
  smallRecordBytes,
} from './limits.js'
import { forgetPassed, type Lane, rulesOf, setRules, shareOut, unreadOf } from './mailbox-lane.js'
import { checkBound, type MailboxOptions } from './mailbox-options.js'
import type { Breach, ReaderMemory } from './mailbox-reader.js'
import { type Delivery, hostSubjects, type Sender } from './message.js'
import { leastShare } from './message-shares.js'
import type { OutletMemory } from './outlet.js'
import { createProcessingMark, ProcessingMark } from './processing-mark.js'
import { prefixBytesMax } from './record-layout.js'
import { type DeliveryMode, planRecovery } from './recovery.js'

/** Both ends of a new lane. The reader's thread is given its end first: it may be asked for it by the first message. */
export type OpenedLane = { readonly inlet: InletMemory; readonly outlet: OutletMemory }

export type MailboxStats = {
  readonly lanes: number
  readonly messages: number
  /** Of the rings, what waits to be read; bodies that lie in arenas are not in it. */
  readonly bytes: number
  /** What rings and arenas have together. */
  readonly memoryBytes: number
  readonly oldestSentAtNs: bigint | undefined
  /** Lanes whose sender is told `overloaded` now: their share is used up, or the ring has no room for a small message. */
  readonly fullLanes: number
}

/** A message that waits: never its body. */
export type MessageHead = { readonly subject: string; readonly bytes: number; readonly sender: string }

/** What was in processing when the receiver ended. A redelivered one is still in its lane; a dead letter is not. */
export type Recovered =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'dead-letter'; readonly reason: 'lost-in-crash' | 'poison'; readonly delivery: Delivery }
  | { readonly kind: 'redeliver'; readonly delivery: Delivery }
  | { readonly kind: 'breach'; readonly breach: Breach }

const hostSender: Sender = { id: 'host', incarnation: 0 }

/**
 * The host's side of one receiver's mailbox. Made at the first publish; belongs to the child, not to its incarnation.
 *
 * @example
 * ```ts
 * const mailbox = new Mailbox({ messageBytesMax: 256 * 1024 })
 * const lane = mailbox.openLane(sender, filter, now())
 * if (lane === undefined) return shareHostLane()
 * receiver.postMessage({ inlet: lane.inlet }) // first
 * sender.postMessage({ outlet: lane.outlet })
 * ```
 */
export class Mailbox {
  readonly messageBytesMax: number
  readonly bytesMax: number
  readonly messagesMax: number
  readonly #bounds: { readonly messagesMax: number; readonly lanesMax: number }
  readonly #laneBytes: number
  /** 0 where every message fits into a ring. */
  readonly #arenaBytes: number
  readonly #bell = createBell()
  readonly #mark = createProcessingMark()
  readonly #lanes = new Map<number, Lane>()
  #nextLane = 1

  /** @throws {BulkheadError} `usage` when a bound is none. */
  constructor(options: MailboxOptions = {}) {
    this.messageBytesMax = options.messageBytesMax ?? messageBytesDefault
    const lanesMax = options.lanesMax ?? mailboxLanesMax
    const messagesMax = options.messagesMax ?? mailboxMessagesDefault
    checkBound('messageBytesMax', this.messageBytesMax, 1, messageBytesCeiling)
    checkBound('lanesMax', lanesMax, 1, mailboxLanesMax)
    checkBound('messagesMax', messagesMax, lanesMax * laneMessagesMin, 2 ** 31)
    this.#bounds = { messagesMax, lanesMax }
    this.messagesMax = messagesMax
    this.#laneBytes = options.laneBytes ?? laneBytesDefault
    checkBound('laneBytes', this.#laneBytes, laneBytesMin, 2 ** 24)
    const fitsRing = prefixBytesMax + this.messageBytesMax <= largestRecordBytes(this.#laneBytes)
    this.#arenaBytes = fitsRing ? 0 : arenaBytesFor(this.messageBytesMax)
    const neededBytes = this.#hostPlaceBytes() + Math.min(lanesMax - 1, ringsBesideHostMin) * this.#laneBytes
    this.bytesMax = Math.max(options.bytesMax ?? mailboxBytesDefault, neededBytes)
  }

  /**
   * Makes a lane for one sender; `undefined` when there is no place for one: then the sender shares the host's lane.
   * One (sender, incarnation) has one lane at a time; the caller keeps to that.
   *
   * @param filter what may pass it. Where sender and receiver share no topic, no lane is asked for.
   */
  openLane(sender: Sender, filter: LaneFilter, nowNs: bigint): OpenedLane | undefined {
    const direct = [...this.#lanes.values()].filter(({ isHost }) => !isHost)
    if (direct.length >= this.#bounds.lanesMax - 1 || !this.#hasPlaceFor(this.#laneBytes)) return undefined
    return this.#open(sender, { filter, previous: undefined, previousUntil: undefined, enforcedFrom: 0 }, nowNs)
  }

  /** Makes the host's own lane; there is always place for it. Asked for once. */
  openHostLane(nowNs: bigint): OpenedLane {
    if ([...this.#lanes.values()].some(({ isHost }) => isHost)) {
      throw new BulkheadError('usage', 'the mailbox has a lane of the host already')
    }
    return this.#open(hostSender, undefined, nowNs)
  }

  /**
   * Makes the arena of a lane, for a sender whose message does not fit its ring; `undefined` when there is no place for
   * it: then the sender closes its lane and shares the host's, whose place is kept. The reader's thread is given it first.
   * A lane that has ended has none.
   */
  openArena(id: number): SharedArrayBuffer | undefined {
    const lane = this.#lanes.get(id)
    if (lane === undefined) return undefined
    if (lane.inlet.arena !== undefined) return lane.inlet.arena
    if (!lane.isHost && !this.#hasPlaceFor(this.#arenaBytes)) return undefined
    const arena = new SharedArrayBuffer(this.#arenaBytes)
    lane.inlet = { ...lane.inlet, arena }
    return arena
  }

  /**
   * Puts a newer filter into force for a lane: the rules to post to the reader. The filter before it counts on until
   * `settleFilter`, since the sender may be inside a call that was allowed by it; older ones do not. Until `enforceFilter`
   * it is nobody's fault to send what both refuse: rules may change twice while a sender's thread does not get its turn.
   */
  replaceFilter(id: number, filter: LaneFilter): InletRules {
    const lane = this.#lane(id)
    const previous = rulesOf(lane).filter
    return setRules(lane, { filter, previous, previousUntil: undefined, enforcedFrom: undefined })
  }

  /**
   * The sender is thought to obey this filter: what it sends from now on is judged by it alone.
   *
   * @returns the rules to post to the reader; `undefined` when a newer filter has come since, or the lane has ended.
   */
  settleFilter(id: number, filter: LaneFilter): InletRules | undefined {
    return this.#changeRules(id, filter, (tail) => ({ previousUntil: tail }))
  }

  /**
   * No honest sender can still be at work under rules before this filter: what it refuses from now on is the sender's fault.
   *
   * @returns as `settleFilter`, which comes before.
   */
  enforceFilter(id: number, filter: LaneFilter): InletRules | undefined {
    return this.#changeRules(id, filter, (tail) => ({ enforcedFrom: tail }))
  }

  /** All that a thread needs to receive: for a new reader, when the end of the last one was seen. */
  readerMemory(): ReaderMemory {
    return { bell: this.#bell, mark: this.#mark, inlets: [...this.#lanes.values()].map(({ inlet }) => inlet) }
  }

  /** Whether something was accepted that has not left its lane. */
  get hasMail(): boolean {
    for (const { cells } of this.#lanes.values()) if (cells.load(cell.tail) !== cells.load(cell.head)) return true
    return false
  }

  /**
   * Where nobody reads: resolves when a sender has sent something, or the receiver was woken; `undefined` when there is mail
   * already, or the engine cannot wait so. It keeps no process alive.
   */
  awaitMail(): Promise<unknown> | undefined {
    const bell = new Bell(this.#bell)
    // Counted, then the flag put up, then looked: a sender that commits after the look sees the flag, and its call is new.
    const seen = bell.count()
    bell.announce(true)
    return this.hasMail ? undefined : bell.parkAsync(seen)
  }

  /** Wakes the receiver, for whatever reason. */
  wake(): void {
    new Bell(this.#bell).wake()
  }

  /**
   * The sender has ended, as was seen: its lane ends when it is read empty. It may have ended before that was seen, since its
   * sender can close it by itself at any time.
   */
  endSender(id: number): void {
    const lane = this.#lanes.get(id)
    if (lane !== undefined) new LaneWriter(lane.inlet.ring).close()
  }

  /** Takes a lane away at once, with all that is in it, and tells its writer: that one has proven itself hostile. */
  condemn(id: number): void {
    const lane = this.#lanes.get(id)
    if (lane === undefined) return
    new LaneReader(lane.inlet.ring).close()
    this.#lanes.delete(id)
    shareOut([...this.#lanes.values()], this.#bounds)
  }

  /**
   * What the host itself finds wrong with what stands at the head of a lane, by what a reader told of it: `undefined` when
   * nothing is, or the lane is gone. A record that is well made and merely out of turn is not found.
   */
  breachOf(id: number, nowNs: bigint): BulkheadError | undefined {
    const lane = this.#lanes.get(id)
    if (lane === undefined) return undefined
    const judged = new Inlet(lane.inlet, { awaitsReply: () => true }).look(nowNs)
    return judged?.kind === 'breach' ? judged.error : undefined
  }

  /** Whether the two words of a lane are as no reader and writer leave them who keep to their own. */
  isTorn(id: number): boolean {
    const lane = this.#lanes.get(id)
    return lane !== undefined && isTorn(lane.cells)
  }

  /**
   * To be called every few seconds: ends lanes that are closed and empty, and divides what they had.
   *
   * @returns `ended`, which the reader is to be told; `idle`, whose senders may be asked to close them.
   */
  sweep(nowNs: bigint): { readonly ended: readonly number[]; readonly idle: readonly number[] } {
    const ended: number[] = []
    const idle: number[] = []
    for (const [id, lane] of this.#lanes) {
      // Closed is looked at before empty: a sender writes nothing after it has closed.
      const closed = lane.cells.load(cell.writerClosed) !== 0
      const tail = lane.cells.load(cell.tail)
      const head = lane.cells.load(cell.head)
      forgetPassed(lane, head)
      if (tail !== head || tail !== lane.seenTail) {
        lane.seenTail = tail
        lane.quietSinceNs = nowNs
      }
      if (tail === head && closed) ended.push(id)
      else if (tail === head && nowNs - lane.quietSinceNs >= BigInt(laneIdleMs) * 1_000_000n) idle.push(id)
    }
    for (const id of ended) this.#lanes.delete(id)
    shareOut([...this.#lanes.values()], this.#bounds)
    return { ended, idle }
  }

  /**
   * Settles the fate of the message that was in processing when the receiver ended. Only when that end was seen.
   *
   * @param mode what the child's `delivery` says.
   */
  recover(mode: DeliveryMode, nowNs: bigint): Recovered {
    const mark = new ProcessingMark(this.#mark)
    const claimed = mark.read()
    mark.end()
    const lane = claimed && this.#lanes.get(claimed.lane)
    if (claimed === undefined || lane === undefined) return { kind: 'nothing' }
    const inlet = new Inlet(lane.inlet, { awaitsReply: () => true })
    const judged = inlet.look(nowNs)
    if (judged?.kind === 'breach') {
      this.condemn(claimed.lane)
      return { kind: 'breach', breach: { lane: claimed.lane, sender: inlet.sender, error: judged.error } }
    }
    const delivery = judged?.delivery
    // What the host itself asks has somebody waiting for the one answer: it is never begun twice.
    const plan = planRecovery(claimed, delivery, delivery?.subject.startsWith(hostSubjects) ? 'once' : mode)
    if (delivery === undefined || plan.kind === 'nothing') return { kind: 'nothing' }
    if (plan.kind === 'redeliver') {
      lane.inlet = { ...lane.inlet, retry: { position: delivery.position, attempt: plan.attempt } }
      return { kind: 'redeliver', delivery }
    }
    inlet.advance()
    return { kind: 'dead-letter', reason: plan.reason, delivery }
  }

  /**
   * Takes a redelivered message out, because another member of the pool has accepted it. Only between two readers.
   *
   * @throws {BulkheadError} `usage` when it does not stand at the head of its lane.
   */
  withdraw(delivery: Delivery, nowNs: bigint): void {
    const inlet = new Inlet(this.#lane(delivery.lane).inlet)
    if (inlet.position() !== delivery.position || inlet.look(nowNs) === undefined) {
      throw new BulkheadError('usage', `the message at \`${delivery.position}\` is not the next one of its lane`)
    }
    inlet.advance()
  }

  /** The message at the head of each lane that has one, without its body: what waits, for people to look at. */
  heads(): readonly MessageHead[] {
    return [...this.#lanes.values()].flatMap(({ inlet }) => {
      const record = oldestRecord(inlet.ring)
      if (record === undefined) return []
      const { subject, bodyBytes, sender } = record
      return [{ subject, bytes: bodyBytes, sender: (sender ?? inlet.sender).id }]
    })
  }

  stats(): MailboxStats {
    const lanes = [...this.#lanes.values()]
    const sentAt = lanes.flatMap(({ inlet }) => oldestSentAtNs(inlet.ring) ?? [])
    return {
      lanes: lanes.length,
      messages: lanes.reduce((sum, lane) => sum + unreadOf(lane), 0),
      bytes: lanes.reduce((sum, lane) => sum + usedBytes(lane.cells), 0),
      memoryBytes: lanes.reduce((sum, lane) => sum + this.#bytesOf(lane), 0),
      oldestSentAtNs: sentAt.reduce<bigint | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined),
      fullLanes: lanes.filter((lane) => this.#isFull(lane)).length,
    }
  }

  #open(sender: Sender, rules: InletRules | undefined, nowNs: bigint): OpenedLane {
    const ring = createLane({ capacityBytes: this.#laneBytes })
    const shared = { lane: this.#nextLane++, slot: this.#freeSlot(), ring, messageBytesMax: this.messageBytesMax }
    const inlet: InletMemory = { ...shared, sender, arena: undefined, rules, retry: undefined }
    const cells = new SharedCells(ring)
    const isHost = rules === undefined
    this.#lanes.set(shared.lane, { inlet, isHost, cells, granted: leastShare, seenTail: 0, quietSinceNs: nowNs })
    shareOut([...this.#lanes.values()], this.#bounds)
    return { inlet, outlet: { ...shared, bell: this.#bell, arena: undefined } }
  }

  #changeRules(id: number, filter: LaneFilter, change: (tail: number) => Partial<InletRules>): InletRules | undefined {
    const lane = this.#lanes.get(id)
    if (lane === undefined || rulesOf(lane).filter !== filter) return undefined
    return setRules(lane, { ...rulesOf(lane), ...change(lane.cells.load(cell.tail)) })
  }

  #freeSlot(): number {
    const taken = new Set([...this.#lanes.values()].map(({ inlet }) => inlet.slot))
    let slot = 0
    while (taken.has(slot)) slot++
    return slot
  }

  #hasPlaceFor(bytes: number): boolean {
    let used = this.#hostPlaceBytes()
    for (const lane of this.#lanes.values()) used += lane.isHost ? 0 : this.#bytesOf(lane)
    return used + bytes <= this.bytesMax
  }

  #hostPlaceBytes(): number {
    return this.#laneBytes + this.#arenaBytes
  }

  #isFull(lane: Lane): boolean {
    return unreadOf(lane) >= lane.granted.share || usedBytes(lane.cells) > this.#laneBytes - smallRecordBytes
  }

  #bytesOf(lane: Lane): number {
    return this.#laneBytes + (lane.inlet.arena?.byteLength ?? 0)
  }

  #lane(id: number): Lane {
    const lane = this.#lanes.get(id)
    if (lane === undefined) throw new BulkheadError('usage', `the mailbox has no lane \`${id}\``)
    return lane
  }
}
