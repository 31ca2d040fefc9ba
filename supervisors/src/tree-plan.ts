import { BulkheadError, isName } from '@bulkhead/vocabulary'
import type { ChildPlan } from './child-port.js'
import {
  childrenMax,
  restartsPerWindow,
  restartsPerWindowMax,
  restartWindowMs,
  restartWindowMsMax,
  shutdownMsMax,
} from './limits.js'
import type { Intensity } from './planning/restart-spec.js'

/** A restart budget forgiving 3 exits in 60 s. */
export const defaultIntensity: Intensity = { restarts: restartsPerWindow, withinMs: restartWindowMs }

/**
 * Checks a tree's plan, once; everything behind it trusts it.
 *
 * @throws {BulkheadError} `usage` for an illegal name, a duplicate id, too many children, or a number out of its bounds.
 */
export function checkTreePlan(name: string, children: readonly ChildPlan[], intensity: Intensity): void {
  if (!isName(name)) throw wrong(`\`${name.slice(0, 100)}\` is not a supervisor name`)
  if (children.length > childrenMax) {
    throw wrong(`\`${name}\` has ${children.length} children; at most ${childrenMax} are possible`)
  }
  checkWhole('intensity.restarts', intensity.restarts, 0, restartsPerWindowMax)
  checkWhole('intensity.withinMs', intensity.withinMs, 1, restartWindowMsMax)
  const seen = new Set<string>()
  for (const child of children) {
    if (seen.has(child.id)) throw wrong(`two children are called \`${child.id}\``)
    seen.add(child.id)
    checkWhole(`${child.id}: shutdownMs`, child.shutdownMs, 0, shutdownMsMax)
    if (child.startMs !== undefined) checkWhole(`${child.id}: startMs`, child.startMs, 1, shutdownMsMax)
  }
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw wrong(`${what} is \`${value}\`; a whole number from ${least} to ${most} is expected`)
}

function wrong(message: string): BulkheadError {
  return new BulkheadError('usage', message)
}
