import type { ChildId } from '@bulkhead/vocabulary'
import type { ChildPlan, CompletePlan, ShutdownMs } from './child-port.js'
import { defaultShutdownMs } from './limits.js'
import type { Intensity, RestartType } from './planning/restart-spec.js'

/** Who is restarted with a child that failed: nobody, all its siblings, or those that were started after it. */
export const strategies = ['one_for_one', 'one_for_all', 'rest_for_one'] as const
export type Strategy = (typeof strategies)[number]

/**
 * `default`: an account for each child, backoff, quarantine. `otp`: Erlang's own rules, one budget that the children
 * share, no backoff, and a supervisor that ends when it is spent.
 */
export const profiles = ['default', 'otp'] as const
export type ProfileName = (typeof profiles)[number]

/** Whether a supervisor ends when a significant child has ended by itself: never, after any of them, or after the last. */
export const autoShutdowns = ['never', 'any_significant', 'all_significant'] as const
export type AutoShutdown = (typeof autoShutdowns)[number]

/** What a new member of a pool is given. */
export type PoolMember = {
  /** Named by the pool when left out: `<pool>-1`, `<pool>-2`, … */
  readonly id?: ChildId
  /** Handed to the template as it is. Kept for restarts, except of temporary members. */
  readonly args?: unknown
}

/** How the members of a pool are made. All have the template's restart type and stop time, whatever their arguments. */
export type PoolTemplate = Pick<
  ChildPlan,
  'restart' | 'shutdownMs' | 'startMs' | 'trust' | 'admission' | 'identity'
> & {
  /** Makes the port of one member. */
  readonly port: (id: ChildId, args: unknown) => ChildPlan['port']
  /** What each member has of its own. */
  readonly own?: (id: ChildId) => Pick<ChildPlan, 'admission' | 'dormancy'>
}

/** One supervisor of a tree, as its author planned it. */
export type SupervisorPlan = {
  readonly kind: 'supervisor'
  /** As events show it, and as administrative calls name it. One name space with the ids of the children. */
  readonly name: string
  /** `one_for_one` when left out; a pool has no other. */
  readonly strategy?: Strategy
  /** The restart budget: of each child (`default`) or of all together (`otp`). 3 in 60 s when left out. */
  readonly intensity?: Intensity
  readonly profile?: ProfileName
  /** `never` when left out; a pool has no other. */
  readonly autoShutdown?: AutoShutdown
  /** In start order. Empty for a pool. */
  readonly children: readonly (ChildPlan | SupervisorPlan)[]
  /** Makes the supervisor a pool: its children are all alike, come by `startChild` only, and are stopped all at once. */
  readonly template?: PoolTemplate
  /** Children that it may have at once; 1,000 when left out. */
  readonly childrenMax?: number
  /** As a child of its own supervisor: `permanent` when left out. */
  readonly restart?: RestartType
  /** As a child of its own supervisor: `infinity` when left out, so that its children get their own time. */
  readonly shutdownMs?: ShutdownMs
  /** As a child of its own supervisor. */
  readonly significant?: boolean
}

/** A child's plan with nothing left open. */
export function completePlan(plan: ChildPlan): CompletePlan {
  const { restart = 'permanent', shutdownMs = defaultShutdownMs, significant = false } = plan
  return { ...plan, restart, shutdownMs, significant }
}

/** The plan of a member of a pool: what the template says of it, and the port that is its own. */
export function planOfMember(template: PoolTemplate, { id, port }: Pick<ChildPlan, 'id' | 'port'>): CompletePlan {
  const { port: _, own, ...shared } = template
  return completePlan({ ...shared, ...own?.(id), id, port })
}

/** The name of a child or of a supervisor among its siblings. */
export function idOf(plan: ChildPlan | SupervisorPlan): ChildId {
  // One name space and one grammar (`checkPlan`), so that a supervisor is addressed like any other child.
  return plan.kind === 'supervisor' ? (plan.name as ChildId) : plan.id
}
