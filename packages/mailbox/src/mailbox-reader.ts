import { laneCapacityBytes, largestRecordBytes, WakeSlices } from '@bulkhead/lane'
import { BulkheadError } from '@bulkhead/vocabulary'
import { Bell } from './bell.js'
import { Inlet, type InletMemory, type InletOptions, type InletRules, type RefusalReason } from './inlet.js'
import { looksPerTake, sweepSliceMs, takesPerSweep } from './limits.js'
import type { Delivery, Sender } from './message.js'
import { ProcessingMark } from './processing-mark.js'
import { RecordBuffer } from './record-buffer.js'

/** All that a receiver holds of its mailbox. Plain: it is cloned to the receiver's thread. */
export type ReaderMemory = {
  readonly bell: SharedArrayBuffer
  readonly mark: SharedArrayBuffer
  readonly inlets: readonly InletMemory[]
}

/** A message that was accepted and is not handed on: a dead letter. */
export type Refused = { readonly reason: RefusalReason; readonly delivery: Delivery }

/** A sender that wrote what it cannot have written by the rules. */
export type Breach = { readonly lane: number; readonly sender: Sender; readonly error: BulkheadError }

export type ReaderOptions = Pick<InletOptions, 'awaitsReply'> & {
  /** Monotonic nanoseconds since the runtime's start. */
  readonly now: () => bigint
  /**
   * Called before the message leaves its lane, so that it is nowhere lost; twice for one message when the thread is
   * killed in between (`lane` and `position` tell).
   */
  readonly onRefused: (refused: Refused) => void
  /** The lane is not read any more; the others are. */
  readonly onBreach: (breach: Breach) => void
  /** Takes in what the host has posted: called when a lane rings or names an arena that is not known yet. */
  readonly refresh?: () => void
  /** Other ways to the memory: for tests. */
  readonly bell?: Bell
  readonly mark?: ProcessingMark
  readonly openInlet?: (memory: InletMemory, options: InletOptions) => Inlet
}

/** How a reader waits. */
export type WaitOptions = {
  /** Asked after each wake-up: whether to give up waiting. */
  readonly interrupted?: () => boolean
}

/**
 * The receiving end of a mailbox: visits the lanes in turn, one message a visit, so that whoever sends much is only ever
 * one among those who send. One thread, one reader, one message at a time: after `take` comes `finish`.
 *
 * @example
 * ```ts
 * for (;;) {
 *   const delivery = reader.waitTake(1_000, { interrupted: () => ledger.stopping })
 *   if (delivery === undefined) continue
 *   handle(delivery)
 *   reader.finish()
 * }
 * ```
 */
export class MailboxReader {
  readonly #options: ReaderOptions
  readonly #bell: Bell
  readonly #mark: ProcessingMark
  #buffer: RecordBuffer | undefined
  /** By slot: the order of the round. */
  readonly #inlets: (Inlet | undefined)[] = []
  /** The slots that are worth a look, as bits of two words; only ever hints. */
  readonly #ready: [number, number] = [0, 0]
  #cursor = 0
  #takesUntilSweep = 0
  #current: Inlet | undefined
  readonly #slices = new WakeSlices(sweepSliceMs)

  constructor(memory: ReaderMemory, options: ReaderOptions) {
    this.#options = options
    this.#bell = options.bell ?? new Bell(memory.bell)
    this.#mark = options.mark ?? new ProcessingMark(memory.mark)
    for (const inlet of memory.inlets) this.addLane(inlet)
  }

  /** The host has made a lane; a lane that had its slot before has ended. */
  addLane(memory: InletMemory): void {
    const { awaitsReply, refresh, openInlet } = this.#options
    const options = {
      buffer: this.#bufferFor(memory),
      ...(awaitsReply === undefined ? {} : { awaitsReply }),
      ...(refresh === undefined ? {} : { refresh }),
    }
    const inlet = openInlet?.(memory, options) ?? new Inlet(memory, options)
    this.#inlets[inlet.slot] = inlet
    this.#takesUntilSweep = 0
  }

  /** The host has ended a lane. */
  removeLane(lane: number): void {
    const inlet = this.#find(lane)
    if (inlet !== undefined) this.#inlets[inlet.slot] = undefined
  }

  /** The host has made an arena for a lane. */
  attachArena(lane: number, arena: SharedArrayBuffer): void {
    this.#find(lane)?.attachArena(arena)
  }

  /** Newer rules are in force for a lane. */
  replaceRules(lane: number, rules: InletRules): void {
    this.#find(lane)?.replaceRules(rules)
  }

  /**
   * The next message, marked as in processing; `undefined` when there is none. It stays in its lane until `finish`.
   *
   * @throws {BulkheadError} `usage` while another is in processing.
   */
  take(): Delivery | undefined {
    if (this.#current !== undefined) throw new BulkheadError('usage', 'a message is in processing: finish it first')
    if (--this.#takesUntilSweep < 0) this.#sweep()
    // Bounded, so that a sender of nothing but refused messages does not keep the thread in here.
    for (let looks = 0; looks < looksPerTake; looks++) {
      const inlet = this.#nextReady() ?? (this.#sweep() ? this.#nextReady() : undefined)
      if (inlet === undefined) return undefined
      const delivery = this.#takeFrom(inlet)
      if (delivery !== undefined) return delivery
    }
    return undefined
  }

  /** The message of the last `take` is processed: it leaves its lane. Does nothing when there is none. */
  finish(): void {
    const inlet = this.#current
    if (inlet === undefined) return
    inlet.advance()
    this.#mark.end()
    this.#current = undefined
  }

  /** The message of the last `take` was not begun after all: it stays in its lane, unmarked, as the next one. */
  putBack(): void {
    this.#mark.end()
    this.#current = undefined
  }

  /** Blocks the thread until there is a message; `undefined` when `timeoutMs` passed or the wait was interrupted. */
  waitTake(timeoutMs: number, options: WaitOptions = {}): Delivery | undefined {
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      // Counted before the question, so that a wake-up in between is not slept over.
      const seen = this.#bell.count()
      const delivery = this.take()
      if (delivery !== undefined || options.interrupted?.() === true) return delivery
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) return undefined
      if (!this.#hasReady()) this.#park(seen, Math.min(leftMs, sweepSliceMs))
    }
  }

  /**
   * Resolves with the next message; with `undefined` only when the wait was interrupted. For the host's own mailboxes:
   * it keeps the process alive while it waits, unless told not to.
   */
  async taken(options: WaitOptions & { readonly keepAlive?: boolean } = {}): Promise<Delivery | undefined> {
    for (;;) {
      const seen = this.#bell.count()
      const delivery = this.take()
      if (delivery !== undefined || options.interrupted?.() === true) return delivery
      await (this.#hasReady() ? breathe() : this.#pause(seen, options.keepAlive ?? true))
    }
  }

  /** All lanes of a mailbox are of one size. */
  #bufferFor(memory: InletMemory): RecordBuffer {
    this.#buffer ??= new RecordBuffer(largestRecordBytes(laneCapacityBytes(memory.ring)))
    return this.#buffer
  }

  #takeFrom(inlet: Inlet): Delivery | undefined {
    const judged = inlet.look(this.#options.now())
    if (judged === undefined) {
      this.#clear(inlet.slot)
      return undefined
    }
    this.#cursor = inlet.slot + 1
    if (judged.kind === 'message') {
      const { lane, position, attempt } = judged.delivery
      this.#mark.begin({ lane, position, attempt })
      this.#current = inlet
      return judged.delivery
    }
    if (judged.kind === 'refused') {
      // It is kept or posted to another thread: not with the whole piece of memory that its body lies in.
      const delivery = { ...judged.delivery, body: judged.delivery.body.slice() }
      this.#options.onRefused({ reason: judged.reason, delivery })
      inlet.advance()
    } else {
      this.#inlets[inlet.slot] = undefined
      this.#options.onBreach({ lane: inlet.lane, sender: inlet.sender, error: judged.error })
    }
    return undefined
  }

  /** The next lane in the round that was rung, whether or not it still holds something. */
  #nextReady(): Inlet | undefined {
    const ready = this.#ready
    ready[0] |= this.#bell.takeReady(0)
    ready[1] |= this.#bell.takeReady(1)
    for (;;) {
      const slot = nextBit(ready, this.#cursor) ?? nextBit(ready, 0)
      if (slot === undefined) return undefined
      // Who rings for a lane that is not known may do so because the host's news of it waits to be taken in.
      if (this.#inlets[slot] === undefined) this.#options.refresh?.()
      const inlet = this.#inlets[slot]
      if (inlet !== undefined) return inlet
      this.#clear(slot)
    }
  }

  /** Looks at every lane itself, whatever the hints say; whether one holds something. */
  #sweep(): boolean {
    this.#takesUntilSweep = takesPerSweep
    for (const inlet of this.#inlets) {
      if (inlet?.hasUnread() === true) this.#ready[inlet.slot < 32 ? 0 : 1] |= 1 << (inlet.slot & 31)
    }
    return this.#hasReady()
  }

  #hasReady(): boolean {
    return (this.#ready[0] | this.#ready[1]) !== 0
  }

  #clear(slot: number): void {
    this.#ready[slot < 32 ? 0 : 1] &= ~(1 << (slot & 31))
  }

  #find(lane: number): Inlet | undefined {
    return this.#inlets.find((inlet) => inlet?.lane === lane)
  }

  // It does not look on for a while before it blocks: measured on busy cores, a thread that spins is scheduled later than
  // one that sleeps, and a round trip took four times as long.
  #park(seen: number, timeoutMs: number): void {
    // The flag goes up before the last look, and a sender looks at it after it has rung: one of them sees the other.
    this.#bell.announce(true)
    if (!this.#bell.hasRung()) this.#bell.park(seen, timeoutMs)
    this.#bell.announce(false)
  }

  /** The same for an event loop, which goes on meanwhile. */
  async #pause(seen: number, keepAlive: boolean): Promise<void> {
    this.#bell.announce(true)
    if (!this.#bell.hasRung()) await this.#slices.pause(() => this.#bell.parkAsync(seen), keepAlive)
    this.#bell.announce(false)
  }
}

/** The first slot at or after `from` whose bit is set. */
function nextBit(words: readonly [number, number], from: number): number | undefined {
  if (from >= 64) return undefined
  if (from < 32) {
    const low = words[0] & (-1 << from)
    if (low !== 0) return 31 - Math.clz32(low & -low)
  }
  const high = words[1] & (from <= 32 ? -1 : -1 << (from - 32))
  return high === 0 ? undefined : 63 - Math.clz32(high & -high)
}

/** Lets the event loop turn once. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
