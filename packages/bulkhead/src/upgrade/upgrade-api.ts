import { BulkheadError } from '@bulkhead/vocabulary'
import { hostAuthor } from '../audit/host-author.js'
import type { OrderBook } from '../audit/order-book.js'
import { recordedUpgrade } from '../audit/recorded-orders.js'
import type { ActOptions } from '../desk-api.js'
import type { UpgradeReport, Upgrades } from './upgrades.js'

export type UpgradeApiOptions = ActOptions & {
  /** Path of another manifest than the tree file names. */
  readonly manifest?: string
  /** Approves what the component asks for beyond what its forerunner was approved for. */
  readonly approve?: boolean
}

export type UpgradeApi = {
  /**
   * Gives a child other bytes while the tree runs. They are verified and judged; what asks for nothing more than before is
   * approved by this call, what asks for more only with `approve`. They are started beside the running ones, and must become
   * ready; then the old instance finishes the message in hand and is stopped, and the new one is the next incarnation, with
   * the same mailbox and subscriptions. For a minute afterwards (`time_scale` divides it) a fault takes it back by itself.
   *
   * It holds until the tree stops: the tree file says what runs after that.
   *
   * @param file as a tree file names a component; relative to its directory
   * @throws {BulkheadError} `component-…` when the bytes are refused or do not become ready; `approval-denied` when they
   *   were; `capability-required` when they would lack what they need; `update-conflict` during another upgrade.
   * @example
   * ```ts
   * const { outcome, difference } = await runtime.upgrade('greeter', './greeter-2.wasm')
   * if (outcome === 'approval-required') console.log(difference.added)
   * ```
   */
  readonly upgrade: (child: string, file: string, options?: UpgradeApiOptions) => Promise<UpgradeReport>
}

/** @param upgrades `undefined` where no tree runs */
export function upgradeApi(upgrades: Upgrades | undefined, book: OrderBook): UpgradeApi {
  return {
    upgrade: async (child, file, { author = hostAuthor, reason = '', approve = false, manifest } = {}) => {
      if (upgrades === undefined) throw new BulkheadError('actor-not-running', 'this runtime runs no tree')
      const more = manifest === undefined ? {} : { manifest }
      return recordedUpgrade(book, upgrades, child, file, { author, reason, approve, ...more })
    },
  }
}
