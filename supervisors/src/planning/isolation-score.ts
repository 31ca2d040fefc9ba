import type { FaultClass } from '@bulkhead/vocabulary'
import { climbAtPoints, resourcePoints, securityPoints } from '../limits.js'

/** The second account of a child: how far it is from the next rung. Plain data. */
export type IsolationScore = {
  readonly points: number
  /** The last fault, or the last full step after it: monotonic milliseconds. */
  readonly sinceMs: number
}

export const freshScore: IsolationScore = { points: 0, sinceMs: 0 }

/**
 * The score now: halved once, rounding up, for each full step since the last fault. Steps and no continuous decay, so
 * that a child cannot pace its faults; and a single point is never forgotten by time, only by a rung or a release.
 */
export function scoreAt(score: IsolationScore, nowMs: number, stepMs: number): IsolationScore {
  let { points, sinceMs } = score
  const steps = Math.max(0, Math.floor((nowMs - sinceMs) / stepMs))
  for (let step = 0; step < steps && points > 1; step++) points = Math.ceil(points / 2)
  sinceMs += steps * stepMs
  return { points, sinceMs }
}

/** The score after a fault of this class: any fault, also one that has no points, starts the step anew. */
export function scoreFault(score: IsolationScore, fault: FaultClass, nowMs: number, stepMs: number): IsolationScore {
  return { points: scoreAt(score, nowMs, stepMs).points + pointsOf(fault), sinceMs: nowMs }
}

/** Whether the child has to climb a rung. */
export function climbs(score: IsolationScore): boolean {
  return score.points >= climbAtPoints
}

function pointsOf(fault: FaultClass): number {
  if (fault === 'security') return securityPoints
  return fault === 'resource' ? resourcePoints : 0
}
