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
    return neighbours.length === 0 ? context : { ...context, worker: { ...context.worker, neighbours } }
  })
}

function neighbourOf({ table, parts }: SecurityContext): Neighbour {
  return { table, mounts: parts.mounts.map(({ guestPath, hostPath, mode }) => ({ guestPath, hostPath, mode })) }
}

function overlaps(a: SecurityContext, b: SecurityContext): boolean {
  return a.parts.mounts.some((one) => b.parts.mounts.some((other) => overlap(one, other)))
}

function overlap(a: ContextMount, b: ContextMount): boolean {
  return isWithin(a.hostPath, b.hostPath) || isWithin(b.hostPath, a.hostPath)
}
