export { type Appended, AuditRing, type AuditRingOptions, type Standing } from './audit-ring.js'
export { AuditTransport, type AuditTransportOptions, type TransportTarget } from './audit-transport.js'
export { createDurability, Durability } from './durability.js'
export { type Followed, followLog } from './follow-log.js'
export { type AttachedRing, type AttachOptions, Journal, type JournalLoad, type JournalOptions } from './journal.js'
export {
  type AdministrativeEvent,
  type AdministrativeRecord,
  type AuditDetails,
  type AuditEvent,
  type AuditLogRecord,
  administrativeEvents,
  auditEvents,
  type RingIdentity,
} from './log-record.js'
export { type LogFilter, queryLog } from './query-log.js'
export type { ReportScope, RingRecord, RingTotals } from './report.js'
export type { RingMemory } from './ring-memory.js'
export { loadOrCreateSealKey, sealKeyFile } from './seal-key.js'
export { type TailFilter, tailLog } from './tail-log.js'
export { type LogProblem, type Verification, verifyLog } from './verify-log.js'
