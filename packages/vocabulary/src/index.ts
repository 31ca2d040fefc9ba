export {
  type AccessRecord,
  type Action,
  actionsByKind,
  type BuiltinAction,
  type BuiltinKind,
  builtinActionsOf,
  type CustomAction,
  type CustomKind,
  countedKinds,
  type Decision,
  type GrantLimits,
  isBuiltinKind,
  type Kind,
  kinds,
  type Layer,
  layers,
  type Request,
  type Rule,
  type RuleOrigin,
} from './access.js'
export { assertNever } from './assert-never.js'
export { type Clock, SimulatedClock } from './clock.js'
export { type ErrorCode, errorCodes } from './codes.js'
export {
  BulkheadError,
  Denial,
  type ErrorDetails,
  type ErrorOptions,
  errorFromWire,
  Fault,
  type WireError,
  wireFromUnknown,
} from './errors.js'
export type { ExitReport, FaultClass, Hostility, Usage } from './exit.js'
export {
  type HealthEvent,
  type HealthEventDraft,
  type HealthEventOf,
  type HealthEventType,
  healthEventTypes,
} from './health-event.js'
export { isAddableField, isFieldName, isFieldValue, isForbiddenField } from './http-fields.js'
export {
  type ChildId,
  type ComponentId,
  type Digest,
  isName,
  parseChildId,
  parseComponentId,
  parseDigest,
} from './ids.js'
export { type LogLevel, type LogLine, logContextUnitsMax, logLevels, logMessageUnitsMax } from './log-line.js'
export { systemClock } from './system-clock.js'
export { type ApprovalState, approvalStates, type TrustLevel, trustLevels } from './trust.js'
export {
  formatAge,
  formatBytes,
  formatDuration,
  formatPerHour,
  parseByteRate,
  parseBytes,
  parseBytesPerHour,
  parseDuration,
  parsePercent,
  parsePerHour,
  parseRate,
  type Rate,
} from './units.js'
