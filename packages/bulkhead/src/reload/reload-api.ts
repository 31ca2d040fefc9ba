import type { ReloadReport } from '@bulkhead/admin'
import { BulkheadError } from '@bulkhead/vocabulary'
import { hostAuthor } from '../audit/host-author.js'
import type { OrderBook } from '../audit/order-book.js'
import { recordedReload } from '../audit/recorded-orders.js'
import { checkReloadOptions } from '../options/check-options.js'
import type { ReloadOptions, Reloads } from './reloads.js'

export type ReloadApi = {
  /**
   * Reads the tree file again, or takes `tree` where the tree was given as an object, and puts into force what is other in it, or in a manifest, policy or component that it names.
   * Everything is read, built and judged before the first effect. Children that stay as they were are not touched; what is
   * new is started in the order of the file, what is gone is stopped and forgotten (what is held against it is kept); what
   * has other authority, quotas or supervision gets it while it runs, and what has anything else other is stopped in order
   * and started again, with the same mailbox.
   *
   * Keys that cannot change while a tree runs (`state`, `http.listen`, a supervisor that is new or gone, …) refuse the
   * reload whole: `outcome` is `needs-restart`, and `needsRestart` names them.
   *
   * @throws {DocumentError} with every finding; nothing was changed then.
   * @throws {BulkheadError} `usage` without a `tree` for a runtime whose tree was given as an object, and with one for every
   *   other; `actor-not-running` where no tree runs, or when it is being stopped; `update-conflict` during
   *   an upgrade of a child that would change, and once a reload was put into force only in part, because what it had read
   *   could not be read again, or what it decided could not be written: then only a restart of the process makes it whole.
   * @example
   * ```ts
   * const { outcome, changed, needsRestart } = await runtime.reload()
   * if (outcome === 'needs-restart') console.warn(needsRestart.map(({ key }) => key))
   * ```
   */
  readonly reload: (options?: ReloadOptions) => Promise<ReloadReport>
}

/** @param reloads `undefined` where no tree runs */
export function reloadApi(reloads: Reloads | undefined, book: OrderBook): ReloadApi {
  return {
    reload: async (options) => {
      checkReloadOptions(options)
      if (reloads === undefined) throw new BulkheadError('actor-not-running', 'this runtime runs no tree')
      return await recordedReload(book, reloads, options ?? {}, hostAuthor)
    },
  }
}
