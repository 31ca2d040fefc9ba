import type { MemberOutcome } from '@bulkhead/admin'
import type { Orders } from '../administration/orders.js'
import type { ReloadOptions, Reloads } from '../reload/reloads.js'
import type { UpgradeOptions, UpgradeReport, Upgrades } from '../upgrade/upgrades.js'
import type { OrderBook } from './order-book.js'

type Order = 'start' | 'stop' | 'restart'
type Recorded = (order: Order, child: string, author: string) => Promise<readonly MemberOutcome[]>

/** What is ordered of a child, put down in the book. */
export function recordedOrders(book: OrderBook, orders: Pick<Orders, Order>): Recorded {
  return (order, child, author) =>
    book.carryOut(
      { order: `child.${order}`, child, author, isUrgent: order === 'stop' },
      () => orders[order](child),
      (members) => [...new Set(members.map(({ outcome }) => outcome))].join(', '),
    )
}

/** The same of a reload; one that only says what it would do is no order. */
export function recordedReload(
  book: OrderBook,
  reloads: Pick<Reloads, 'reload'>,
  options: ReloadOptions,
  author: string,
): ReturnType<Reloads['reload']> {
  if (options.dryRun === true) return reloads.reload(options)
  return book.carryOut(
    { order: 'reload', author },
    () => reloads.reload(options),
    ({ outcome }) => outcome,
  )
}

/** The same of an upgrade, beside the records of what was judged of the new bytes. */
export function recordedUpgrade(
  book: OrderBook,
  upgrades: Pick<Upgrades, 'upgrade'>,
  child: string,
  file: string,
  options: UpgradeOptions,
): Promise<UpgradeReport> {
  const { author, reason } = options
  return book.carryOut(
    { order: 'upgrade', child, author, reason },
    () => upgrades.upgrade(child, file, options),
    ({ outcome }) => outcome,
  )
}
