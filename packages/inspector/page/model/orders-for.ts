import type { ChildStatus } from '@bulkhead/admin'

export const childOrders = ['restart', 'stop', 'start', 'release'] as const
export type ChildOrder = (typeof childOrders)[number]

const alive: ReadonlySet<string> = new Set(['starting', 'running', 'half-open', 'dormant', 'backoff'])
const ended: ReadonlySet<string> = new Set(['stopped', 'completed', 'failed'])

/** What can be ordered of a child as it stands; the server has the last word. */
export function ordersFor(child: ChildStatus): readonly ChildOrder[] {
  const canRelease = child.state === 'quarantined' || child.state === 'held' || child.level !== 'thread'
  return [
    ...(alive.has(child.state) ? (['restart', 'stop'] as const) : []),
    ...(ended.has(child.state) ? (['start'] as const) : []),
    ...(canRelease ? (['release'] as const) : []),
  ]
}

/** What an order will do, before it is confirmed. */
export const orderWords: Readonly<Record<ChildOrder, string>> = {
  restart: 'It is stopped in order, within its own shutdown time, and started again at once.',
  stop: 'It is stopped in order, within its own shutdown time. It stays stopped until it is started.',
  start: 'It is started again.',
  release:
    'Nothing is held against it any more: it is started one rung below where it fell from, with its accounts as new.',
}
