import type { LiveChild } from '../live-child.js'
import type { MessageRole } from '../messages/message-member.js'
import type { PlannedChild } from '../plan-tree.js'

/** An entry of a tree: what is judged as one, and has one context, whatever number of members run it. */
export type TreeChild = {
  /** An upgrade replaces it. */
  planned: PlannedChild
  readonly live: LiveChild
  role: MessageRole
  /** The supervisor that it stands below; of a pool's template, the pool. */
  readonly supervisor: string
  /** `file`: it stands in the tree file, and comes back when its supervisor is started again. */
  readonly origin: 'file' | 'call'
}

/** One instance of a child, which is supervised by itself. */
export type TreeMember = {
  readonly id: string
  readonly child: TreeChild
  /** Its own arguments, where it has other ones than its entry. */
  readonly args?: readonly string[]
}

/** Everybody in a running tree, by name. Children come and go; those of the file stay known. */
export class TreeRoster {
  readonly #children = new Map<string, TreeChild>()
  readonly #members = new Map<string, TreeMember>()
  readonly #membersOf = new Map<string, Set<string>>()

  get children(): ReadonlyMap<string, TreeChild> {
    return this.#children
  }

  get members(): ReadonlyMap<string, TreeMember> {
    return this.#members
  }

  /** The members of a child, in the order in which they came. */
  membersOf(child: string): readonly string[] {
    return [...(this.#membersOf.get(child) ?? [])]
  }

  add(child: TreeChild): void {
    const { id, memberIds } = child.planned.spec
    this.#children.set(id, child)
    this.#membersOf.set(id, new Set())
    for (const member of memberIds) this.join({ id: member, child })
  }

  join(member: TreeMember): void {
    this.#members.set(member.id, member)
    this.#membersOf.get(member.child.planned.spec.id)?.add(member.id)
  }

  leave({ id, child }: TreeMember): void {
    this.#members.delete(id)
    this.#membersOf.get(child.planned.spec.id)?.delete(id)
  }

  remove(child: TreeChild): void {
    const { id } = child.planned.spec
    for (const member of this.membersOf(id)) this.#members.delete(member)
    this.#membersOf.delete(id)
    this.#children.delete(id)
  }
}
