import type { Expectation } from './child-port.js'
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

// A quarantined child is settled only where that was expected of it: its term ends, or an operator releases it. Nor is a
// zombie: its exit may still be seen.
const settled: ReadonlySet<ChildState> = new Set(['completed', 'stopped', 'failed'])

/** Whether a child in this state has come to an end of its story, or to the one that was expected. */
export function isSettled(state: ChildState, expected: Expectation | undefined): boolean {
  return settled.has(state) || state === expected
}
