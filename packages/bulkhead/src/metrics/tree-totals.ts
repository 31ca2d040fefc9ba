import type { TreeRoster } from '../administration/tree-roster.js'
import { addTotals, noTotals, type RunTotals } from './run-totals.js'

/** What the runs of all members come to, also of those that are gone. */
export class TreeTotals {
  readonly #roster: TreeRoster
  #gone = noTotals

  constructor(roster: TreeRoster) {
    this.#roster = roster
  }

  /** Of members that are gone. */
  get gone(): RunTotals {
    return this.#gone
  }

  /** `undefined` for a member that has not run. */
  of(member: string): RunTotals | undefined {
    return this.#roster.members.get(member)?.child.live.totalsOf(member)
  }

  all(): RunTotals {
    const present = [...this.#roster.members.keys()].flatMap((id) => this.of(id) ?? [])
    return present.reduce(addTotals, this.#gone)
  }

  /** A member is removed: to be called while it is known. */
  dismiss(member: string): void {
    this.#gone = addTotals(this.#gone, this.of(member) ?? noTotals)
    this.#roster.members.get(member)?.child.live.dismiss(member)
  }
}
