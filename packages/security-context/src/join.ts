import {
  type CapabilityTable,
  compileTable,
  type ForbiddenRule,
  type Grant,
  type KindCatalogue,
  type TableSpec,
} from '@bulkhead/capability'
import type { ApprovalState, Layer, TrustLevel } from '@bulkhead/vocabulary'
import type { NarrowedLimits } from './narrow-limits.js'
import type { OwnDirectory } from './survey-mounts.js'
import type { ContextLimits, ContextMount, WorkerContext } from './worker-context.js'

/** The grants of one layer. */
export type LayerGrants = { readonly layer: Layer; readonly grants: readonly Grant[] }

/** What an operator granted beside the layers, and who that was. */
export type OperatorGrant = Grant & {
  readonly grantedBy?: string
  /** Wall clock, in milliseconds. Whoever makes the context leaves expired ones out. */
  readonly expiresAt?: number
  readonly reason?: string
}

/** What the roles of a child allow and deny, resolved (SPEC 7). */
export type RoleRules = { readonly allow: readonly Grant[]; readonly deny: readonly Grant[] }

/** How far the component is trusted and who let it run: facts for reports and the audit log; they grant nothing. */
export type Standing = { readonly trust: TrustLevel; readonly approval: ApprovalState }

/** Everything that is joined into one context. Each part was checked where it came in. */
export type ContextParts = {
  readonly principal: string
  readonly componentId: string
  readonly policyVersion: number
  /** The layers that must all allow, in the order in which they are asked. None: only operator grants count. */
  readonly layers: readonly LayerGrants[]
  /** What was approved; asked after the manifest. Absent: nothing had to be approved. Empty: nothing is. */
  readonly approval?: readonly Grant[]
  /** What the policy allows; asked after the approval. Absent: no policy, and the layers before it decide alone. */
  readonly policy?: readonly Grant[]
  /** What shared policies add to the policy's side. Without a policy there is no such side, so that it adds nothing. */
  readonly sharedAllow?: readonly Grant[]
  /** What an operator granted beside the layers: the flags of `exec`, the options of `runtime.exec`, `bulkhead grant`. */
  readonly operator: readonly OperatorGrant[]
  readonly deny: readonly Grant[]
  /** What shared policies deny; whether the child has a policy of its own or not. */
  readonly sharedDeny?: readonly Grant[]
  /** Asked after everything that grants, operator grants too. Absent: the layer lets through. */
  readonly roles?: RoleRules
  /** The custom kinds that the host application registered; default: none. */
  readonly kinds?: KindCatalogue
  readonly forbidden: readonly ForbiddenRule[]
  readonly ownDirectories: readonly OwnDirectory[]
  readonly mounts: readonly ContextMount[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  /** What it gives besides, without the values. */
  readonly secretNames?: readonly string[]
  /** What `wasi:config` gives. No secrets: a context is kept, and shown. */
  readonly configuration?: readonly (readonly [name: string, value: string])[]
  readonly limits: ContextLimits
  /** The documents from which the limits come, for reports. */
  readonly narrowed?: NarrowedLimits
  readonly standing?: Standing
}

/** Who may do what, compiled once in the host (DESIGN D1). `worker` is what is cloned into the actor's worker. */
export type SecurityContext = {
  readonly principal: string
  readonly table: CapabilityTable
  readonly worker: WorkerContext
  readonly parts: ContextParts
}

/**
 * Joins the parts: effective = ((all layers) ∪ operator grants) − deny − forbidden, then what the roles let through
 * (SPEC 5 and 7). The layers stay apart and are asked one after the other.
 *
 * @throws {PatternError} when a grant holds a pattern that does not compile. It never falls back to something wider.
 */
export function joinContext(parts: ContextParts): SecurityContext {
  const table = compileTable(specOf(parts))
  const worker: WorkerContext = {
    policyVersion: parts.policyVersion,
    table,
    mounts: parts.mounts,
    neighbours: [],
    ownDirectories: parts.ownDirectories.map(({ device, inode }) => ({ device, inode })),
    args: parts.args,
    environment: parts.environment,
    ...(parts.configuration === undefined ? {} : { configuration: parts.configuration }),
    limits: parts.limits,
  }
  return { principal: parts.principal, table, worker, parts }
}

/** What the table is compiled from. */
export function specOf(parts: ContextParts): TableSpec {
  const { policyVersion: version, componentId, forbidden, operator, roles, kinds } = parts
  return { version, componentId, forbidden, deny: denyOf(parts), layers: layersOf(parts), operator, roles, kinds }
}

/** Every layer that must allow, in the order in which it is asked: what was declared, approved, allowed, then narrowed. */
export function layersOf(parts: ContextParts): readonly LayerGrants[] {
  const { layers, approval, policy, sharedAllow = [] } = parts
  const narrows = ({ layer }: LayerGrants): boolean => layer === 'ceiling' || layer === 'reduction'
  return [
    ...layers.filter((one) => !narrows(one)),
    ...(approval === undefined ? [] : [{ layer: 'approval', grants: approval } as const]),
    ...(policy === undefined ? [] : [{ layer: 'policy', grants: [...policy, ...sharedAllow] } as const]),
    ...layers.filter(narrows),
  ]
}

/** Every deny rule: the policy's, then those of shared policies. */
export function denyOf({ deny, sharedDeny = [] }: ContextParts): readonly Grant[] {
  return sharedDeny.length === 0 ? deny : [...deny, ...sharedDeny]
}
