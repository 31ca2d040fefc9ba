import type { ChildId, ExitReport, Usage } from '@bulkhead/vocabulary'
import type { Expectation } from './child-port.js'
import type { ChildState } from './child-state.js'

/** What anyone may see of a child. Plain data, true at the moment of the call. */
export type ChildView = {
  readonly id: ChildId
  readonly state: ChildState
  /** 0 before the first start, then +1 at each start. */
  readonly incarnation: number
  /** Starts after the first one. */
  readonly restarts: number
  /** Charged exits that would still be forgiven now. */
  readonly restartsLeft: number
  /** Why it is in this state: the last exit's reason, why it was quarantined, or what a `waiting` one waits for. */
  readonly reason?: string
  /** When it entered this state: wall clock, milliseconds since 1970 UTC. */
  readonly sinceMs: number
  /** When a timed quarantine would be due for its canary: wall clock. Absent: until released. In this version both last until the tree stops. */
  readonly quarantinedUntil?: number
  /** How its story is to end; `completed` when the plan does not say. */
  readonly expect: Expectation
  /** Whether it is now in the state that was expected. */
  readonly metExpectation: boolean
  /** The report of its last exit. */
  readonly lastExit?: ExitReport
  /** All incarnations that ended, together; `memoryPeak` is the highest of them. */
  readonly usage: Usage
}

export const noUsage: Usage = { wallMs: 0, cpuMs: 0, memoryPeak: 0, checksGranted: 0, checksDenied: 0 }

export function addUsage(sum: Usage, more: Usage): Usage {
  return {
    wallMs: sum.wallMs + more.wallMs,
    cpuMs: sum.cpuMs + more.cpuMs,
    memoryPeak: Math.max(sum.memoryPeak, more.memoryPeak),
    checksGranted: sum.checksGranted + more.checksGranted,
    checksDenied: sum.checksDenied + more.checksDenied,
  }
}
