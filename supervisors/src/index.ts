export {
  AccountBook,
  type AccountKey,
  type AccountRecord,
  type AccountStore,
  accountsInMemory,
  type ChildIdentity,
} from './account-book.js'
export type {
  ChangeSpecResult,
  ChildSpecResult,
  CountChildrenResult,
  DeleteChildResult,
  FaultResult,
  ListedChild,
  ReleaseResult,
  RenewResult,
  RestartChildResult,
  StartChildResult,
  StartOutcome,
  TerminateChildResult,
  WhichChildrenResult,
} from './administration-results.js'
export type {
  Admission,
  AdmissionPort,
  ChildPlan,
  ChildPort,
  ChildRun,
  CompletePlan,
  DormancyPort,
  Expectation,
  ShutdownMs,
  StartTerms,
} from './child-port.js'
export { type ChildState, childStates } from './child-state.js'
export type { ChildView, Health, NextStep } from './child-view.js'
export type { SeenFault } from './exit-reports.js'
export {
  admitByMemory,
  availableBytes,
  budgetBytes,
  childOverShare,
  claimedBytes,
  type HostMemory,
  type MemoryAdmission,
  type MemoryClaim,
  type MemoryUse,
} from './planning/admission-by-memory.js'
export { endsSupervisor } from './planning/auto-shutdown.js'
export { type Reduction, reductionAt } from './planning/degradation.js'
export {
  type HealthRecord,
  type HealthSource,
  healthEventOf,
  healthOf,
  healthSources,
  type Observation,
  observe,
  wellRecord,
} from './planning/health.js'
export { type CpuSample, type CpuVerdict, type CpuWindow, cpuVerdict, noteCpu } from './planning/health-cpu.js'
export {
  type IncidentBundle,
  type IncidentSources,
  incidentBundle,
  type MailboxHead,
} from './planning/incident-bundle.js'
export { type Level, levels, type RunLevel, type Wall, type Walls } from './planning/ladder.js'
export type { Accounts, Quarantine, QuarantineCause } from './planning/ladder-accounts.js'
export { type LadderTiming, ladderTiming } from './planning/ladder-timing.js'
export { type Exit, type Plan, type Planned, planAfterExit } from './planning/plan-after-exit.js'
export { type GroupChild, type GroupPlan, planGroup } from './planning/plan-group.js'
export { type OtpBudget, type OtpExit, type OtpPlanned, planOtp } from './planning/plan-otp.js'
export { freshAccount, type RestartAccount, restartsLeft } from './planning/restart-account.js'
export type { Intensity, RestartSpec, RestartType, Trust } from './planning/restart-spec.js'
export { StormGuard } from './planning/storm-guard.js'
export { type Refusal, Tripwire, type Violation } from './planning/tripwire.js'
export type { Settlement } from './settlement.js'
export { type CodePast, SupervisionTree, type SupervisionTreeOptions } from './supervision-tree.js'
export {
  type AutoShutdown,
  autoShutdowns,
  type PoolMember,
  type PoolTemplate,
  type ProfileName,
  profiles,
  type Strategy,
  type SupervisorPlan,
  strategies,
} from './supervisor-plan.js'
export type { SupervisorState } from './supervisor-state.js'
export type { ComponentView, SupervisorView } from './tree-view.js'
