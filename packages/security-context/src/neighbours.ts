import { isWithin } from './is-within.js'
import type { SecurityContext } from './join.js'
import type { ContextMount, Neighbour } from './worker-context.js'

/**
 * Tells each context of the others whose mounts overlap its own by host path, one root inside the other too: a file that
 * one of them moves may change what another is allowed (SPEC 2.2).
 */
export function acquaint(contexts: readonly SecurityContext[]): readonly SecurityContext[] {
  return contexts.map((context) => {
    const neighbours = contexts.filter((other) => other !== context && overlaps(context, other)).map(neighbourOf)
    return neighbours.length === 0 ? context : withNeighbours(context, neighbours)
  })
}

/**
 * Tells the contexts of each other again after some of them joined, left or changed, and says whose neighbours are not
 * what they were: their `policyVersion` moves before the changed one starts (SPEC 2.2).
 *
 * @param before the contexts as they were told, by child
 * @param after all contexts as they are now, by child
 * @returns the contexts to hold from now on, and the children that keep their own context but got other neighbours
 * @example
 * ```ts
 * const { contexts, moved } = reacquaint(running, new Map([...running, ['ingest', changed]]))
 * ```
 */
export function reacquaint(
  before: ReadonlyMap<string, SecurityContext>,
  after: ReadonlyMap<string, SecurityContext>,
): { readonly contexts: ReadonlyMap<string, SecurityContext>; readonly moved: readonly string[] } {
  const told = acquaint([...after.values()].map((context) => withNeighbours(context, [])))
  const contexts = new Map(
    [...after].map(([child, context], index) => {
      const now = told[index] ?? context
      return [child, sameNeighbours(context, now) ? context : now]
    }),
  )
  const moved = [...contexts].filter(([child, context]) => {
    const was = before.get(child)
    return was !== undefined && was.table === context.table && !sameNeighbours(was, context)
  })
  return { contexts, moved: moved.map(([child]) => child) }
}

/** A neighbour's table is made anew with each change of what it may do, and its mounts never change without one. */
function sameNeighbours(left: SecurityContext, right: SecurityContext): boolean {
  const tables = new Set(left.worker.neighbours.map(({ table }) => table))
  return (
    tables.size === right.worker.neighbours.length && right.worker.neighbours.every(({ table }) => tables.has(table))
  )
}

function withNeighbours(context: SecurityContext, neighbours: readonly Neighbour[]): SecurityContext {
  return { ...context, worker: { ...context.worker, neighbours } }
}

function neighbourOf({ table, parts }: SecurityContext): Neighbour {
  return { table, mounts: parts.mounts.map(({ guestPath, hostPath, mode }) => ({ guestPath, hostPath, mode })) }
}

function overlaps(a: SecurityContext, b: SecurityContext): boolean {
  return a.parts.mounts.some((one) => b.parts.mounts.some((other) => overlap(one, other)))
}

/** Scratch is its guest's alone. */
function overlap(a: ContextMount, b: ContextMount): boolean {
  if (a.scratchBytes !== undefined || b.scratchBytes !== undefined) return false
  return isWithin(a.hostPath, b.hostPath) || isWithin(b.hostPath, a.hostPath)
}
