// Who ordered what, and what came of it: for orders that no other record tells of.
import type { Journal } from '@bulkhead/audit'
import { BulkheadError, type Clock } from '@bulkhead/vocabulary'
import { orderNoteMsMax } from '../limits.js'

export type GivenOrder = {
  /** As the admin socket calls it: `child.stop`. */
  readonly order: string
  readonly author: string
  readonly child?: string
  readonly reason?: string
  /**
   * Whether it is carried out although it cannot be recorded for now: what ends something must be possible on a full disk.
   * The record is written when the disk takes it.
   */
  readonly isUrgent?: boolean
}

export type OrderPowers = { readonly journal: Pick<Journal, 'note'>; readonly clock: Pick<Clock, 'after'> }

export class OrderBook {
  readonly #powers: OrderPowers

  constructor(powers: OrderPowers) {
    this.#powers = powers
  }

  /**
   * Records an order, carries it out, and records what came of it. The first is on the disk before anything is done.
   *
   * @throws {BulkheadError} `journal-stalled` when it cannot be recorded any more; what `act` throws
   */
  async carryOut<Result>(
    given: GivenOrder,
    act: () => Promise<Result> | Result,
    outcomeOf: (result: Result) => string,
  ): Promise<Result> {
    const { order, author, child, reason = '', isUrgent = false } = given
    const about = { ...(child === undefined ? {} : { component: `component:${child}` }), reason }
    const { journal } = this.#powers
    const noted = journal.note({ event: 'order-given', ...about, details: { order, author } })
    await (isUrgent ? this.#within(noted) : noted)
    const told = (outcome: string): void => {
      // What was done is done: nobody waits for the disk to say so.
      void journal.note({ event: 'order-ended', ...about, details: { order, author, outcome } }).catch(() => {})
    }
    try {
      const result = await act()
      told(outcomeOf(result))
      return result
    } catch (thrown) {
      told(thrown instanceof BulkheadError ? `refused: ${thrown.code}` : 'failed')
      throw thrown
    }
  }

  async #within(noted: Promise<void>): Promise<void> {
    let cancel = (): void => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#powers.clock.after(orderNoteMsMax, resolve)
    })
    await Promise.race([noted.catch(() => {}), late])
    cancel()
  }
}
