export { checkInput } from './check-request.js'
export { type AdminClient, connectAdmin } from './client.js'
export {
  type CallContext,
  type CheckedInputOf,
  type CommandTable,
  defineCommands,
  type Handlers,
  type InputOf,
  type ItemOf,
  type OutputOf,
  type PlainCommand,
  type PlainName,
  type Requests,
  type StreamCommand,
  type StreamName,
} from './command-table.js'
export { type AdminCommands, type AdminHandlers, type AdminRequests, adminCommands } from './commands.js'
export type { Rejection } from './connection.js'
export type { HealthStatusReport, HealthStreamItem } from './health-reports.js'
export type { HookReport, IncidentBundle, IncidentReport, IncidentSummary } from './incident-reports.js'
export { type AdminLimits, bodyBytesMax, bodyHeadBytes, lettersListedMax, requestTimeoutMsMax } from './limits.js'
export { type LiveCommands, type LiveHandlers, liveCommands } from './live-commands.js'
export {
  type ChangedChild,
  type ChildMessages,
  type ChildStatus,
  type LetterReason,
  type LetterReport,
  type LetterSummary,
  type LogItem,
  type LogReport,
  letterReasons,
  type MemberOutcome,
  type MessageCounts,
  type MessageItem,
  type MessagesReport,
  type ReloadedChild,
  type ReloadReport,
  type ReplayReport,
  type SubscriptionItem,
  type SupervisorStatus,
  type TenantMessages,
  type TreeReport,
  type UpgradeAnswer,
} from './live-reports.js'
export type { MetricFamilyReport, MetricsReport } from './metrics-report.js'
export type {
  Binding,
  ChangesReport,
  ChildSummary,
  ComponentWords,
  DecisionReport,
  DenyReport,
  EffectiveReport,
  ExplanationReport,
  GrantReport,
  LimitReport,
  MountReport,
  ObservedReport,
  OperatorGrantReport,
  PolicyDiffReport,
  PolicyVersionReport,
  RecommendationReport,
  RemedyReport,
  RequestReport,
  ReviewReport,
  ReviewSummary,
  RuleReport,
  StepReport,
  UngrantedReport,
  WrittenGrant,
} from './reports.js'
export { AdminServer, type ListenOptions } from './server.js'
export { isToken, readToken, tokenFile } from './token.js'
