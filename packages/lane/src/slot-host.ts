import { callOf, phase, phaseOf, type SlotMemory, slotInstant, slotWord, stateOf } from './slot.js'
import { SharedSlotCells, type SlotCells } from './slot-cells.js'

/** What the host does to a slot that it has made. It never blocks and never waits for either end. */
export class SlotHost {
  readonly #cells: SlotCells

  constructor(memory: SlotMemory) {
    this.#cells = new SharedSlotCells(memory)
  }

  /** The service has died: the call that is open ends as `failed`. ORDER: before a successor serves the slot. */
  fail(): void {
    for (;;) {
      const state = this.#cells.load(slotWord.state)
      const at = phaseOf(state)
      const isOpen = at === phase.posted || at === phase.running || at === phase.next
      if (!isOpen || this.#cells.exchange(slotWord.state, state, stateOf(callOf(state), phase.failed))) break
    }
    // Also when nothing was open: the service may have died between its last step and the wake-up.
    this.#cells.wakeCaller()
  }

  /** No call will be served any more: the one that is open fails, later ones are `closed`. */
  close(): void {
    this.#cells.store(slotWord.closed, 1)
    this.fail()
  }

  /**
   * For how long, all calls together, the caller has waited for a service that had not begun yet: progress that the host
   * owes, which no deadline of the actor counts. Nanoseconds; a claim of the caller where it has gone wrong.
   */
  queuedNs(nowNs: bigint): bigint {
    const cells = this.#cells
    const past = cells.loadInstant(slotInstant.queued) + cells.loadInstant(slotInstant.queuedInVain)
    const waits = phaseOf(cells.load(slotWord.state)) === phase.posted
    return waits ? past + (nowNs - cells.loadInstant(slotInstant.posted)) : past
  }
}
