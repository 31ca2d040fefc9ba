export {
  type ContextParts,
  joinContext,
  type LayerGrants,
  type OperatorGrant,
  type RoleRules,
  type SecurityContext,
  type Standing,
} from './join.js'
export { contextLimits } from './limits.js'
export {
  type LimitName,
  type LimitSource,
  type NarrowedLimit,
  type NarrowedLimits,
  narrowLimits,
} from './narrow-limits.js'
export { acquaint } from './neighbours.js'
export { type Denied, type Documents, mountOf, type Remedy, remedyFor } from './remedy.js'
export {
  type MountProblem,
  type MountRequest,
  type OwnDirectory,
  surveyMounts,
  surveyOwnDirectories,
} from './survey-mounts.js'
export type { ContextLimits, ContextMount, Neighbour, WorkerContext } from './worker-context.js'
