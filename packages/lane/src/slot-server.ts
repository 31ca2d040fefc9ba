import { BulkheadError } from '@bulkhead/vocabulary'
import { LaneCorruption } from './lane-corruption.js'
import { slotAnswerPagesMax } from './limits.js'
import { callOf, type Phase, phase, phaseOf, type SlotMemory, slotInstant, slotWord, stateOf } from './slot.js'
import { SharedSlotCells, type SlotCells } from './slot-cells.js'

/** A call that the service has taken. */
export type SlotCall = {
  /** A copy: what the caller does to the memory later does not reach it. */
  readonly request: Uint8Array
  /** When it is of no use any more, in monotonic nanoseconds; absent: never. */
  readonly untilNs?: bigint
}

/**
 * The serving end of a slot. One thread, one `SlotServer`; after a service died its successor makes another on the same
 * memory, once the host has failed what was open.
 *
 * A call that was taken is answered or dropped before the next one is taken, also when its caller has given it up: so a
 * caller has at most one piece of work in a service at a time.
 *
 * @example
 * ```ts
 * const call = server.take(nowNs())
 * if (call !== undefined) server.answer(serve(call.request))
 * ```
 */
export class SlotServer {
  readonly #cells: SlotCells
  readonly #requestBytes: number
  readonly #pageBytes: number
  #taken: number | undefined
  #rest: { readonly call: number; readonly bytes: Uint8Array; from: number } | undefined

  constructor(memory: SlotMemory, options: { readonly cells?: SlotCells } = {}) {
    this.#cells = options.cells ?? new SharedSlotCells(memory)
    this.#requestBytes = memory.requestBytes
    this.#pageBytes = memory.pageBytes
  }

  /** The longest answer, in bytes. */
  get answerBytesMax(): number {
    return this.#pageBytes * slotAnswerPagesMax
  }

  /** Whether a call was taken and neither answered nor dropped. */
  get isBusy(): boolean {
    return this.#taken !== undefined
  }

  /** Whether nobody waits any more for the call that was taken. */
  get isAbandoned(): boolean {
    return this.#taken !== undefined && this.#cells.load(slotWord.state) !== stateOf(this.#taken, phase.running)
  }

  /** Whether `take` would find a call. */
  get hasCall(): boolean {
    return this.#taken === undefined && phaseOf(this.#cells.load(slotWord.state)) === phase.posted
  }

  /** Whether `turnPage` would do something. */
  get wantsPage(): boolean {
    return phaseOf(this.#cells.load(slotWord.state)) === phase.next
  }

  /**
   * Takes the call that waits, if any. One whose deadline has passed is ended instead.
   *
   * @throws {LaneCorruption} when the caller's claims cannot be: the slot is not to be served any more.
   * @throws {BulkheadError} `usage` while a call is taken.
   */
  take(nowNs: bigint): SlotCall | undefined {
    const cells = this.#cells
    if (this.#taken !== undefined) throw new BulkheadError('usage', 'a call of the slot is taken: answer it first')
    const state = cells.load(slotWord.state)
    if (phaseOf(state) !== phase.posted) return undefined
    this.#rest = undefined
    const request = this.#copyRequest()
    const untilNs = cells.loadInstant(slotInstant.deadline)
    const postedNs = cells.loadInstant(slotInstant.posted)
    const inTime = untilNs === 0n || nowNs < untilNs
    const call = callOf(state)
    if (!cells.exchange(slotWord.state, state, stateOf(call, inTime ? phase.running : phase.cancelled))) {
      return undefined
    }
    cells.storeInstant(slotInstant.queued, cells.loadInstant(slotInstant.queued) + (nowNs - postedNs))
    if (!inTime) {
      cells.wakeCaller()
      return undefined
    }
    this.#taken = call
    return untilNs === 0n ? { request } : { request, untilNs }
  }

  /**
   * Answers the call that was taken; the bytes are not changed afterwards, since they may go in pages.
   *
   * @returns whether anybody still waited for it.
   * @throws {BulkheadError} `usage` when none is taken; `resource-limit-exceeded` for an answer that is too long.
   */
  answer(bytes: Uint8Array): boolean {
    const call = this.#taken
    if (call === undefined) throw new BulkheadError('usage', 'no call of the slot is taken')
    if (bytes.length > this.answerBytesMax) {
      throw new BulkheadError(
        'resource-limit-exceeded',
        `an answer of ${bytes.length} bytes is too long for its slot`,
        {
          details: { resource: 'slot answer', limit: this.answerBytesMax },
        },
      )
    }
    this.#taken = undefined
    const page = bytes.subarray(0, this.#pageBytes)
    this.#cells.putPage(page)
    this.#cells.store(slotWord.answerLength, bytes.length)
    this.#rest = page.length < bytes.length ? { call, bytes, from: page.length } : undefined
    return this.#step(stateOf(call, phase.running), phase.done)
  }

  /** Lets go of the call that was taken, because nobody waits for it. */
  drop(): void {
    this.#taken = undefined
  }

  /** Puts the next page into the slot where the caller wants it: whether it did. */
  turnPage(): boolean {
    const state = this.#cells.load(slotWord.state)
    const rest = this.#rest
    if (phaseOf(state) !== phase.next) {
      if (rest !== undefined && state !== stateOf(rest.call, phase.done)) this.#rest = undefined
      return false
    }
    // The answer was a predecessor's, who died after its first page.
    if (rest === undefined || rest.call !== callOf(state)) return this.#step(state, phase.failed)
    const page = rest.bytes.subarray(rest.from, rest.from + this.#pageBytes)
    this.#cells.putPage(page)
    rest.from += page.length
    if (rest.from === rest.bytes.length) this.#rest = undefined
    return this.#step(state, phase.done)
  }

  /** Moves the call on, unless its caller has done something else in the meantime, and wakes it. */
  #step(state: number, to: Phase): boolean {
    if (!this.#cells.exchange(slotWord.state, state, stateOf(callOf(state), to))) return false
    this.#cells.wakeCaller()
    return true
  }

  #copyRequest(): Uint8Array {
    const length = this.#cells.load(slotWord.requestLength)
    if (length < 0 || length > this.#requestBytes) {
      throw new LaneCorruption('writer', 'a request of a slot claims an impossible length', { length })
    }
    return this.#cells.getRequest(length)
  }
}
