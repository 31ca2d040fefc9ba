import type { ChildState } from './child-state.js'
import type { ChildView } from './child-view.js'

/** How a tree's story ended. */
export type Settlement = {
  /**
   * `settled`: nobody has anything left to do. `concluded`: a significant child ended, and the tree with it. `escalated`: a
   * child could not be kept up or started, or the supervisor failed itself. `stopped`: `stop()` came first.
   */
  readonly outcome: 'settled' | 'concluded' | 'escalated' | 'stopped'
  /** Why it concluded or escalated. */
  readonly reason?: string
  /** Whether every child is in the state that was expected of it. */
  readonly met: boolean
  /** All children, in start order, as they were at that moment. */
  readonly children: readonly ChildView[]
}

// A quarantined child is settled whatever was expected of it: in this version nothing releases it while the tree runs, so
// waiting for another end would be waiting for ever. A zombie is not: its exit may still be seen.
const settled: ReadonlySet<ChildState> = new Set(['completed', 'stopped', 'failed', 'quarantined'])

/** Whether a child in this state has come to an end of its story. */
export function isSettled(state: ChildState): boolean {
  return settled.has(state)
}
