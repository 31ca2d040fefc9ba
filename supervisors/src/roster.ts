import type { ChildId } from '@bulkhead/vocabulary'
import type { NestedSupervisor } from './nested-supervisor.js'
import type { SupervisedChild } from './supervised-child.js'

/** A child of a supervisor, and the supervisor that it is, where it is one. */
export type Member = {
  readonly child: SupervisedChild
  readonly nested: NestedSupervisor | undefined
  /** Whether it was planned with its supervisor: what is started by a call leaves no trace when it is gone. */
  readonly isStatic: boolean
}

/** The children of one supervisor, in start order. */
export class Roster {
  readonly #members = new Map<ChildId, Member>()
  /** Temporary children of the plan that have ended: shown, and no children any more. */
  readonly #departed = new Map<ChildId, SupervisedChild>()
  // Both are asked for at every step of the supervisor, and change rarely.
  #ids: readonly ChildId[] = []
  #list: readonly Member[] = []

  get ids(): readonly ChildId[] {
    return this.#ids
  }

  get members(): readonly Member[] {
    return this.#list
  }

  get departed(): readonly SupervisedChild[] {
    return [...this.#departed.values()]
  }

  member(id: ChildId): Member | undefined {
    return this.#members.get(id)
  }

  child(id: ChildId): SupervisedChild | undefined {
    return this.#members.get(id)?.child
  }

  /** The child of this id, also when it has departed. */
  known(id: ChildId): SupervisedChild | undefined {
    return this.child(id) ?? this.#departed.get(id)
  }

  /** Adds at the end of the start order. */
  add(member: Member): void {
    this.#departed.delete(member.child.id)
    this.#members.set(member.child.id, member)
    this.#relist()
  }

  remove(id: ChildId): void {
    this.#members.delete(id)
    this.#relist()
  }

  /** It is no child any more, and still shown. */
  depart(child: SupervisedChild): void {
    this.#departed.set(child.id, child)
    this.remove(child.id)
  }

  /** Those of `first` come first, in their order; the others stay behind them, in theirs. */
  reorder(first: readonly ChildId[]): void {
    const members = new Map(this.#members)
    this.#members.clear()
    for (const id of [...first, ...members.keys()]) {
      const member = members.get(id)
      if (member !== undefined) this.#members.set(id, member)
    }
    this.#relist()
  }

  /** All children in start order, those that departed where the plan has them. */
  shown(planned: readonly ChildId[]): readonly (Member | SupervisedChild)[] {
    const order = new Set([...planned, ...this.#members.keys()])
    return [...order].flatMap((id) => this.#members.get(id) ?? this.#departed.get(id) ?? [])
  }

  #relist(): void {
    this.#ids = [...this.#members.keys()]
    this.#list = [...this.#members.values()]
  }
}
