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
export { createRuntime } from './create-runtime.js'
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
