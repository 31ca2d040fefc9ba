import { BulkheadError } from '@bulkhead/vocabulary'
import { callOf, phase, phaseOf, type SlotMemory, slotInstant, slotWord, stateOf } from './slot.js'
import { SlotBell } from './slot-bell.js'
import { SharedSlotCells, type SlotCells } from './slot-cells.js'

/** How a call ended. `began`: the service had taken it, so that its effect may have happened. */
export type SlotOutcome =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** `expired`: its deadline passed. `given-up`: the caller did not want it any more. `failed`: the service died. */
  | { readonly kind: 'expired' | 'given-up' | 'failed'; readonly began: boolean }
  /** The host has closed the slot: nothing was posted. */
  | { readonly kind: 'closed' }

export type SlotCallerOptions = {
  /** Monotonic nanoseconds, of the origin that the service counts from too. */
  readonly nowNs: () => bigint
  /** The wake word that the slot was made with: read it, look, then `park` for the value that was read. */
  readonly wakeCount: () => number
  /**
   * Sleeps until the word differs from `seen` or the instant has come; may return early for no reason, and must within a
   * second: a service that is killed between its answer and the wake-up wakes nobody.
   */
  readonly park: (seen: number, untilNs: bigint | undefined) => void
  /** Another way to the memory: for tests that stop the caller at each step. */
  readonly cells?: SlotCells
}

export type SlotCallOptions = {
  /** When the call ends by itself; never, unless said. */
  readonly untilNs?: bigint
  /**
   * Asked before each sleep, and so after each wake-up, whether the call may go on: decides its request again when the
   * policy version has moved, and says no when the actor is to stop.
   */
  readonly stillWanted?: () => boolean
}

/**
 * The calling end of a slot. One thread, one `SlotCaller`. Any exception, stack exhaustion too, leaves the slot as it was
 * before or after a step; who catches one while a call is open must end with that call before it posts another.
 *
 * @example
 * ```ts
 * const outcome = caller.call(request, { stillWanted: () => authority.permits(asked) })
 * if (outcome.kind === 'answer') return decode(outcome.bytes)
 * ```
 */
export class SlotCaller {
  readonly #cells: SlotCells
  readonly #bell: SlotBell
  readonly #options: SlotCallerOptions
  readonly #requestBytes: number
  readonly #pageBytes: number
  #answer: { readonly bytes: Uint8Array; filled: number } | undefined

  constructor(memory: SlotMemory, options: SlotCallerOptions) {
    this.#cells = options.cells ?? new SharedSlotCells(memory)
    this.#bell = new SlotBell(memory.bell)
    this.#options = options
    this.#requestBytes = memory.requestBytes
    this.#pageBytes = memory.pageBytes
  }

  /**
   * Posts a request and blocks the thread until it has an answer or an end. Never on a thread whose event loop must run.
   *
   * @throws {BulkheadError} as `post`.
   */
  call(request: Uint8Array, options: SlotCallOptions = {}): SlotOutcome {
    const { untilNs, stillWanted } = options
    if (!this.post(request, untilNs)) return { kind: 'closed' }
    for (;;) {
      const seen = this.#options.wakeCount()
      const settled = this.settled()
      if (settled !== undefined) return settled
      if (stillWanted?.() === false) return this.giveUp('given-up')
      if (untilNs !== undefined && this.#options.nowNs() >= untilNs) return this.giveUp('expired')
      this.#options.park(seen, untilNs)
    }
  }

  /**
   * Posts a request for whoever waits by other means: then `settled` after each wake-up, and `giveUp`.
   *
   * @returns `false` when the slot is closed.
   * @throws {BulkheadError} `resource-limit-exceeded` for a request that is too long; `usage` while a call is open.
   */
  post(request: Uint8Array, untilNs?: bigint): boolean {
    const cells = this.#cells
    if (request.length > this.#requestBytes) throw this.#tooLong(request.length)
    const state = cells.load(slotWord.state)
    if (isOpen(state)) throw new BulkheadError('usage', 'a call of the slot is open: end with it first')
    if (cells.load(slotWord.closed) !== 0) return false
    this.#answer = undefined
    cells.putRequest(request)
    cells.store(slotWord.requestLength, request.length)
    cells.storeInstant(slotInstant.deadline, untilNs ?? 0n)
    cells.storeInstant(slotInstant.posted, this.#options.nowNs())
    cells.store(slotWord.state, stateOf(callOf(state) + 1, phase.posted)) // the commit
    this.#bell.ring()
    return true
  }

  /** How the call ended; `undefined` while it has not. Of an answer in pages this takes the next one. */
  settled(): SlotOutcome | undefined {
    const state = this.#cells.load(slotWord.state)
    switch (phaseOf(state)) {
      case phase.done:
        return this.#takePage(state)
      case phase.failed:
        return { kind: 'failed', began: true }
      case phase.cancelled:
        // The service did, because it came too late to it; what we cancelled ourselves is settled already.
        return { kind: 'expired', began: false }
      case phase.posted:
        return this.#failedByClosing(state)
      default:
        return undefined
    }
  }

  /** Ends the call, unless its answer is there by now, which is then the outcome. */
  giveUp(kind: 'expired' | 'given-up'): SlotOutcome {
    for (;;) {
      const settled = this.settled()
      if (settled !== undefined) return settled
      const state = this.#cells.load(slotWord.state)
      const began = phaseOf(state) !== phase.posted
      if (!isOpen(state) || !this.#cells.exchange(slotWord.state, state, stateOf(callOf(state), phase.cancelled))) {
        continue
      }
      if (!began) this.#noteQueuedInVain()
      this.#bell.ring()
      return { kind, began }
    }
  }

  /** A host that closed the slot just before the commit has not seen the call: it fails here. */
  #failedByClosing(state: number): SlotOutcome | undefined {
    const cells = this.#cells
    if (cells.load(slotWord.closed) === 0) return undefined
    const failed = cells.exchange(slotWord.state, state, stateOf(callOf(state), phase.failed))
    return failed ? { kind: 'failed', began: false } : undefined
  }

  #takePage(state: number): SlotOutcome | undefined {
    const cells = this.#cells
    this.#answer ??= { bytes: new Uint8Array(cells.load(slotWord.answerLength)), filled: 0 }
    const { bytes, filled } = this.#answer
    const length = Math.min(this.#pageBytes, bytes.length - filled)
    cells.getPage(bytes, filled, length)
    this.#answer.filled += length
    if (this.#answer.filled === bytes.length) return { kind: 'answer', bytes }
    cells.store(slotWord.state, stateOf(callOf(state), phase.next))
    this.#bell.ring()
    return undefined
  }

  #noteQueuedInVain(): void {
    const cells = this.#cells
    const waitedNs = this.#options.nowNs() - cells.loadInstant(slotInstant.posted)
    cells.storeInstant(slotInstant.queuedInVain, cells.loadInstant(slotInstant.queuedInVain) + waitedNs)
  }

  #tooLong(bytes: number): BulkheadError {
    return new BulkheadError('resource-limit-exceeded', `a request of ${bytes} bytes is too long for its slot`, {
      details: { resource: 'slot request', limit: this.#requestBytes },
      hint: `at most ${this.#requestBytes} bytes: ask in pieces`,
    })
  }
}

function isOpen(state: number): boolean {
  const at = phaseOf(state)
  return at === phase.posted || at === phase.running || at === phase.next
}
