import type { ChildStatus, TreeReport } from '@bulkhead/admin'

/** What a name stands for: a child with all its members, or one of them. */
export type Named = {
  /** The child that rules and approvals are about. */
  readonly subject: string
  readonly members: readonly ChildStatus[]
}

/** A pool without members is one, too: whether there is such a child at all, its rules tell. */
export function named(name: string, { children }: TreeReport): Named {
  const members = children.filter(({ child, memberOf }) => child === name || memberOf === name)
  return { subject: members[0]?.memberOf ?? name, members }
}
