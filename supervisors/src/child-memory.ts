import type { ChildId } from '@bulkhead/vocabulary'
import { rememberedChildrenMax } from './limits.js'

/** What a child leaves when its supervisor forgets it or ends. What its past costs it is in the book of accounts. */
export type Remembered = { readonly incarnation: number; readonly starts: number }

const never: Remembered = { incarnation: 0, starts: 0 }

/**
 * What is kept of children that are gone, by id, for the life of a tree.
 *
 * INVARIANT (incarnations): no pair of id and incarnation is ever used twice. What is forgotten for lack of room raises the
 * floor at which ids without a memory begin.
 */
export class ChildMemory {
  readonly #gone = new Map<ChildId, Remembered>()
  #floor = 0

  keep(id: ChildId, remembered: Remembered): void {
    if (remembered.incarnation === 0) return
    this.#gone.delete(id)
    this.#gone.set(id, remembered)
    if (this.#gone.size <= rememberedChildrenMax) return
    for (const [oldest, { incarnation }] of this.#gone) {
      this.#floor = Math.max(this.#floor, incarnation)
      this.#gone.delete(oldest)
      return
    }
  }

  /** Takes what is remembered of an id out of the memory: from now on the child itself holds it. */
  recall(id: ChildId): Remembered {
    const remembered = this.#gone.get(id) ?? { ...never, incarnation: this.#floor }
    this.#gone.delete(id)
    return remembered
  }
}
