import type { ChildId, Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import type { AccountBook } from './account-book.js'
import type { ChildMemory } from './child-memory.js'
import type { Ladder } from './exit-planner.js'
import type { NameClaims } from './name-claims.js'
import type { TurnDesk } from './turn-desk.js'

/** What all supervisors of a tree share. */
export type TreeWorld = {
  readonly clock: Clock
  /** Monotonic milliseconds since the tree was made. */
  readonly nowMs: () => number
  readonly random: () => number
  readonly emit: (draft: HealthEventDraft) => void
  /** Closes what an incarnation of a child held. */
  readonly fence: (id: ChildId, incarnation: number) => void
  readonly turns: TurnDesk
  readonly memory: ChildMemory
  readonly book: AccountBook
  readonly ladder: Ladder
  readonly names: NameClaims
  /** Something changed: the tree may have settled. */
  readonly changed: () => void
}
