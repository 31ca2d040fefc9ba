export { type ContextParts, joinContext, type SecurityContext } from './join.js'
export { contextLimits } from './limits.js'
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
