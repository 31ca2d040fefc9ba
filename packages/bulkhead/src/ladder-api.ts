// What a host application does with the isolation ladder.

import type { Wall } from '@bulkhead/actor'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { ActOptions } from './desk-api.js'
import { hostWalls } from './ladder/wall-watch.js'
import type { RunningTree } from './running-tree.js'

/** Which walls of the operating system are up on this host. */
export type HostWalls = {
  readonly up: readonly Wall[]
  /** The others, and why they are not. */
  readonly missing: readonly { readonly wall: Wall; readonly reason: string }[]
}

export type LadderApi = {
  /**
   * Holds nothing against a child any more (SPEC 9): it is started again one rung below where it fell from, with its accounts
   * as new, and what its code and its origin have on record is gone. It is on record, with its reason, before it is done, and
   * on the disk when the promise resolves.
   *
   * @param child its id; of a pool all members are released that need it, by `NAME-N` one of them
   * @returns the ids of those that were released: none where nothing was held against any
   * @throws {BulkheadError} `usage` for a child that the tree does not have; `journal-stalled` when it cannot be recorded
   * @example
   * ```ts
   * await runtime.release('ingest', 'the vendor has mended it') // ['ingest']
   * ```
   */
  readonly release: (child: string, reason: string, options?: Pick<ActOptions, 'author'>) => Promise<readonly string[]>
  /** Looks, once in a process, which walls there are; takes as long as Node takes to start. */
  readonly walls: () => Promise<HostWalls>
}

export function ladderApi(running: RunningTree | undefined): LadderApi {
  return {
    release: async (child, reason, { author = 'host application' } = {}) => {
      if (running === undefined) throw new BulkheadError('actor-not-running', 'this runtime runs no tree')
      return running.release(child, reason, author)
    },
    walls: async () => {
      const { up, missing } = await hostWalls()
      return { up: [...up], missing: [...missing].map(([wall, reason]) => ({ wall, reason })) }
    },
  }
}
