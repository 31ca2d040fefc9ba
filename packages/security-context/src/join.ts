import { type CapabilityTable, compileTable, type ForbiddenRule, type Grant } from '@bulkhead/capability'
import type { Layer } from '@bulkhead/vocabulary'
import type { OwnDirectory } from './survey-mounts.js'
import type { ContextLimits, ContextMount, WorkerContext } from './worker-context.js'

/** Everything that is joined into one context. Each part was checked where it came in. */
export type ContextParts = {
  readonly principal: string
  readonly componentId: string
  readonly policyVersion: number
  /** The layers that must all allow, in the order in which they are asked. None: only operator grants count. */
  readonly layers: readonly { readonly layer: Layer; readonly grants: readonly Grant[] }[]
  /** What an operator granted beside the layers: the flags of `exec`, the options of `runtime.exec`. */
  readonly operator: readonly Grant[]
  readonly deny: readonly Grant[]
  readonly forbidden: readonly ForbiddenRule[]
  readonly ownDirectories: readonly OwnDirectory[]
  readonly mounts: readonly ContextMount[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly limits: ContextLimits
}

/** Who may do what, compiled once in the host (DESIGN D1). `worker` is what is cloned into the actor's worker. */
export type SecurityContext = {
  readonly principal: string
  readonly table: CapabilityTable
  readonly worker: WorkerContext
  readonly parts: ContextParts
}

/**
 * Joins the parts: effective = ((all layers) ∪ operator grants) − deny − forbidden (SPEC 5).
 *
 * @throws {PatternError} when a grant holds a pattern that does not compile. It never falls back to something wider.
 */
export function joinContext(parts: ContextParts): SecurityContext {
  const table = compileTable({
    version: parts.policyVersion,
    componentId: parts.componentId,
    forbidden: parts.forbidden,
    deny: parts.deny,
    layers: parts.layers,
    operator: parts.operator,
  })
  const worker: WorkerContext = {
    policyVersion: parts.policyVersion,
    table,
    mounts: parts.mounts,
    neighbours: [],
    ownDirectories: parts.ownDirectories.map(({ device, inode }) => ({ device, inode })),
    args: parts.args,
    environment: parts.environment,
    limits: parts.limits,
  }
  return { principal: parts.principal, table, worker, parts }
}
