export { DocumentError, type Finding } from '@bulkhead/document'
export type { ChildView } from '@bulkhead/supervisors'
export {
  BulkheadError,
  Denial,
  type ErrorCode,
  type ExitReport,
  errorCodes,
  Fault,
  type HealthEvent,
  type HealthEventType,
  type Usage,
} from '@bulkhead/vocabulary'
export type { ApproveOptions, Decided } from './authority/approval-desk.js'
export type { ChangedGrants, ChangedPolicy } from './authority/desk-types.js'
export type { OpenDesk } from './authority/open-desk.js'
export { createRuntime } from './create-runtime.js'
export type {
  ActOptions,
  ApprovalsApi,
  CheckMetrics,
  GrantOptions,
  PolicyApi,
  PolicyInput,
  PolicyMetrics,
} from './desk-api.js'
export { openDesk } from './open-desk.js'
export type {
  Access,
  ChildDenied,
  ChildOutput,
  ChildReport,
  DeniedAccess,
  ExecOptions,
  ExecResult,
  MountOption,
  Runtime,
  RuntimeEvents,
  RuntimeOptions,
  Settlement,
} from './types.js'
