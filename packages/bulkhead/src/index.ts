import './installed.js'

export type { KindDefinition, KindGrammar } from '@bulkhead/capability'
export { DocumentError, type Finding } from '@bulkhead/document'
export type {
  ChildDocument,
  ChildEntry,
  ChildSpec,
  MountDocument,
  QuotasDocument,
  SupervisorDocument,
  SupervisorSettings,
  SupervisorSpec,
  TemplateDocument,
  TreeDocument,
} from '@bulkhead/manifest'
export type {
  ChangeSpecResult,
  ChildView,
  CountChildrenResult,
  DeleteChildResult,
  RestartChildResult,
  StartChildResult,
  TerminateChildResult,
  WhichChildrenResult,
} from '@bulkhead/supervisors'
export {
  BulkheadError,
  Denial,
  type ErrorCode,
  type ExitReport,
  errorCodes,
  Fault,
  type HealthEvent,
  type HealthEventOf,
  type HealthEventType,
  healthEventTypes,
  type Usage,
} from '@bulkhead/vocabulary'
export type {
  AdministrationApi,
  ChildSpecAnswer,
  NewChild,
  NewMember,
  SupervisorChanges,
} from './administration/administration-api.js'
export type { TreeChildView, TreeView } from './administration/tree-view.js'
export type { ApproveOptions, Decided } from './authority/approval-desk.js'
export type { ChangedGrants, ChangedPolicy } from './authority/desk-types.js'
export type { OpenDesk } from './authority/open-desk.js'
export type { CallApi, Callable, CallOptions } from './calls/call-api.js'
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
export { type HealthCloudEvent, toCloudEvent } from './health/cloud-event.js'
export { cursorOf } from './health/cursor.js'
export type { HealthApi } from './health/health-api.js'
export type { HealthQuestion } from './health/health-log.js'
export type { HealthItem } from './health/health-reader.js'
export type { HealthReport } from './health/health-report.js'
export type { HttpCounters } from './http/http-counts.js'
export type { HttpAddress } from './http/http-server.js'
export type { HookOutcome, Incident, IncidentSummary } from './incidents/incident.js'
export type { IncidentReader } from './incidents/incident-files.js'
export type { IncidentCallback } from './incidents/incident-hooks.js'
export { DeclaredError } from './interfaces/declared-error.js'
export type { HostCallContext } from './interfaces/host-call-context.js'
export {
  type AskedRequest,
  defineHostInterface,
  type HostFunction,
  type HostInterface,
  type HostInterfaceDefinition,
} from './interfaces/host-interface.js'
export type { InterfaceFailure } from './interfaces/interface-channel.js'
export { type SpawnOptions, type SpawnResult, spawnAllowed } from './interfaces/spawn-allowed.js'
export type { HostWalls } from './ladder-api.js'
export type { LiveApi } from './live/live-api.js'
export type { LogApi } from './logs/log-api.js'
export type { LogQuestion } from './logs/log-desk.js'
export type { LogRecord } from './logs/log-record.js'
export type { LogItem } from './logs/log-stream.js'
export type { MessageApi } from './message-api.js'
export type { HandlerFailure } from './messages/exchange-types.js'
export type { MessageHandler } from './messages/host-subscriptions.js'
export type { MessagesLeft } from './messages/message-center.js'
export type {
  DeadLetterDesk,
  DeadLetterReport,
  MessageReport,
  MessageStats,
  Published,
  PublishOptions,
  ReceivedMessage,
  Replayed,
  Reply,
  RequestOptions,
  TenantStats,
} from './messages/message-desk.js'
export { otherChildren } from './metrics/child-names.js'
export { type MetricFamily, metricFamilies } from './metrics/metric-families.js'
export type { MetricSample, MetricsSnapshot } from './metrics/metric-sheet.js'
export type { MetricsApi } from './metrics/metrics-api.js'
export { openDesk } from './open-desk.js'
export type { ReloadApi } from './reload/reload-api.js'
export type { ReloadOptions } from './reload/reloads.js'
export type { GivenSecrets } from './secrets/secret-desk.js'
export type {
  Access,
  AuditOptions,
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
  StopReport,
} from './types.js'
export type { UpgradeApi, UpgradeApiOptions } from './upgrade/upgrade-api.js'
export type { UpgradedComponent, UpgradeReport } from './upgrade/upgrades.js'
