export { contextLimits } from './context-limits.js'
export type { Documents, PastPolicy, Place, PolicyPlace } from './documents.js'
export { explainContext } from './explain-context.js'
export { explainRequest } from './explain-request.js'
export { shellWord } from './hint-text.js'
export {
  type ContextParts,
  joinContext,
  type LayerGrants,
  type OperatorGrant,
  type RoleRules,
  type SecurityContext,
  type Standing,
  specOf,
} from './join.js'
export { type MissingRequirement, missingRequirements } from './missing-requirements.js'
export { mountOf } from './mount-of.js'
export {
  defaultLimitsDocument,
  type LimitName,
  type LimitSource,
  type NarrowedLimit,
  type NarrowedLimits,
  narrowLimits,
} from './narrow-limits.js'
export { acquaint, reacquaint } from './neighbours.js'
export { type ContextReduction, reduceParts, reduceQuotas } from './reduction.js'
export { type Denied, type Remedy, remedyFor } from './remedy.js'
export type {
  AccessReport,
  ContextReport,
  DenyReport,
  GrantReport,
  LimitReport,
  MountReport,
  RuleReport,
  StepReport,
  UngrantedReport,
} from './report.js'
export {
  type MountProblem,
  type MountRequest,
  type OwnDirectory,
  surveyMounts,
  surveyOwnDirectories,
} from './survey-mounts.js'
export type { ContextLimits, ContextMount, Neighbour, WorkerContext } from './worker-context.js'
