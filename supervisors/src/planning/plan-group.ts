import type { ChildId } from '@bulkhead/vocabulary'
import type { Strategy } from '../supervisor-plan.js'
import type { RestartType } from './restart-spec.js'

/** A child as a group sees it. */
export type GroupChild = { readonly id: ChildId; readonly restart: RestartType }

/** Who is stopped and who is started again with a child that failed. */
export type GroupPlan = {
  /** Latest started first. Those among them that are down already have nothing to be asked for. */
  readonly stopInReverse: readonly ChildId[]
  /** The failed child among them. */
  readonly startInOrder: readonly ChildId[]
  /** Temporary bystanders: stopped with the others, and never started again. */
  readonly dropped: readonly ChildId[]
}

/**
 * The group of a failed child. Pure. Children that had ended before belong to it too, as in OTP: a group is rebuilt whole.
 *
 * @param childrenInStartOrder all children of the supervisor.
 * @example
 * ```ts
 * planGroup('rest_for_one', [a, b, c], b.id) // { stopInReverse: [c, b], startInOrder: [b, c], dropped: [] }
 * ```
 */
export function planGroup(strategy: Strategy, childrenInStartOrder: readonly GroupChild[], failed: ChildId): GroupPlan {
  const members = membersOf(strategy, childrenInStartOrder, failed)
  const isDropped = (child: GroupChild): boolean => child.restart === 'temporary' && child.id !== failed
  return {
    stopInReverse: members.map(({ id }) => id).reverse(),
    startInOrder: members.filter((child) => !isDropped(child)).map(({ id }) => id),
    dropped: members.filter(isDropped).map(({ id }) => id),
  }
}

function membersOf(strategy: Strategy, children: readonly GroupChild[], failed: ChildId): readonly GroupChild[] {
  if (strategy === 'one_for_all') return children
  const at = children.findIndex(({ id }) => id === failed)
  if (at === -1) return []
  return strategy === 'rest_for_one' ? children.slice(at) : children.slice(at, at + 1)
}
