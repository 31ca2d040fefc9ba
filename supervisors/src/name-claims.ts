import type { ChildId } from '@bulkhead/vocabulary'

/**
 * Whose names the names of a tree are. Children and supervisors share one name space: authority, mailboxes and accounts are
 * kept by name. A name that is in a plan stays its supervisor's, also while no child bears it, else a supervisor that is
 * started again would find it taken.
 */
export class NameClaims {
  readonly #claims = new Map<ChildId, { readonly supervisor: string; readonly isStatic: boolean }>()

  claim(name: ChildId, supervisor: string, isStatic: boolean): void {
    const isKept = this.#claims.get(name)?.isStatic === true
    this.#claims.set(name, { supervisor, isStatic: isStatic || isKept })
  }

  /** @param isForGood the supervisor itself does not come back either. */
  release(name: ChildId, supervisor: string, isForGood: boolean): void {
    const claim = this.#claims.get(name)
    if (claim?.supervisor === supervisor && (isForGood || !claim.isStatic)) this.#claims.delete(name)
  }

  /** The supervisor that a name belongs to. */
  ownerOf(name: ChildId): string | undefined {
    return this.#claims.get(name)?.supervisor
  }
}
