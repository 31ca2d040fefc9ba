// What a host application asks and orders of the running tree in the words of the command line: for its own pages and tools.

import type { MemberOutcome, TreeReport } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Orders } from '../administration/orders.js'
import type { ChildStories } from './child-stories.js'

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
    readonly start: (child: string) => Promise<readonly MemberOutcome[]>
    /** Stops in order, then by force; it stays stopped until it is started. */
    readonly stop: (child: string) => Promise<readonly MemberOutcome[]>
    /** Stops in order and starts again; that is no fault of the child's own. */
    readonly restart: (child: string) => Promise<readonly MemberOutcome[]>
  }
}

type LiveTree = {
  readonly report: (stories: ChildStories) => TreeReport
  readonly orders: Pick<Orders, 'start' | 'stop' | 'restart'>
}

/** @param running `undefined` where no tree runs */
export function liveApi(running: LiveTree | undefined, stories: ChildStories): LiveApi {
  const tree = (): LiveTree => {
    if (running !== undefined) return running
    throw new BulkheadError('actor-not-running', 'this runtime runs no tree')
  }
  return {
    report: () => tree().report(stories),
    orders: {
      start: async (child) => tree().orders.start(child),
      stop: async (child) => tree().orders.stop(child),
      restart: async (child) => tree().orders.restart(child),
    },
  }
}
