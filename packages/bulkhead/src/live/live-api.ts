// What a host application asks and orders of the running tree in the words of the command line: for its own pages and tools.

import type { MemberOutcome, TreeReport } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Orders } from '../administration/orders.js'
import { hostAuthor } from '../audit/host-author.js'
import type { OrderBook } from '../audit/order-book.js'
import { recordedOrders } from '../audit/recorded-orders.js'
import type { ChildStories } from './child-stories.js'

export type OrderOptions = {
  /** Whose order it is, for the audit log: the host application's unless said. */
  readonly author?: string
}

export type LiveApi = {
  /** How each child stands, why, and what happens to it next: plain JSON, as `bulkhead ps --json` prints it. */
  readonly report: () => TreeReport
  /**
   * What an operator orders of a child by its name alone; of a pool all members obey, and each answers for itself.
   *
   * @throws {BulkheadError} `usage` for a child that the tree does not have
   * @example
   * ```ts
   * await runtime.orders.restart('ingest') // [{ child: 'ingest', outcome: 'restarted' }]
   * ```
   */
  readonly orders: {
    /** Starts what has ended or was stopped. */
    readonly start: (child: string, options?: OrderOptions) => Promise<readonly MemberOutcome[]>
    /** Stops in order, then by force; it stays stopped until it is started. */
    readonly stop: (child: string, options?: OrderOptions) => Promise<readonly MemberOutcome[]>
    /** Stops in order and starts again; that is no fault of the child's own. */
    readonly restart: (child: string, options?: OrderOptions) => Promise<readonly MemberOutcome[]>
  }
}

type LiveTree = {
  readonly report: (stories: ChildStories) => TreeReport
  readonly orders: Pick<Orders, 'start' | 'stop' | 'restart'>
}

/** @param running `undefined` where no tree runs */
export function liveApi(running: LiveTree | undefined, stories: ChildStories, book: OrderBook): LiveApi {
  const tree = (): LiveTree => {
    if (running !== undefined) return running
    throw new BulkheadError('actor-not-running', 'this runtime runs no tree')
  }
  const recorded = (order: 'start' | 'stop' | 'restart', child: string, options: OrderOptions = {}) =>
    recordedOrders(book, tree().orders)(order, child, options.author ?? hostAuthor)
  return {
    report: () => tree().report(stories),
    orders: {
      start: async (child, options) => recorded('start', child, options),
      stop: async (child, options) => recorded('stop', child, options),
      restart: async (child, options) => recorded('restart', child, options),
    },
  }
}
