import type { ChildStatus, HealthStatusReport } from '@bulkhead/admin'
import type { JournalLoad } from '@bulkhead/audit'
import type { RegistryMetrics } from '@bulkhead/policy'
import { countedKinds } from '@bulkhead/vocabulary'
import type { MessageReport } from '../messages/message-desk.js'
import type { Gauge } from '../messages/quota-watch.js'
import type { ChildNames } from './child-names.js'
import type { EventCounts } from './event-counts.js'
import { MetricSheet, type MetricsSnapshot } from './metric-sheet.js'
import type { RunTotals } from './run-totals.js'

/** What one member has counted that its status does not say. */
export type MemberMeter = {
  readonly id: string
  /** Of all its runs; absent where there was none. */
  readonly totals?: RunTotals | undefined
  /** What its present run holds open; absent while nothing runs. */
  readonly handles?: number | undefined
  readonly gauges: readonly Gauge[]
}

/** The process as the operating system and Node see it. */
export type ProcessMeter = {
  readonly cpuSeconds: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** 0 to 1. */
  readonly eventLoopUse: number
}

export type Measured = {
  /** Wall clock, milliseconds. */
  readonly now: number
  readonly health: HealthStatusReport
  readonly children: readonly ChildStatus[]
  readonly members: readonly MemberMeter[]
  /** Of children that are gone. */
  readonly gone: RunTotals
  readonly journal: JournalLoad
  /** `undefined` where no tree runs. */
  readonly messages: MessageReport | undefined
  /** `undefined` where there is no state directory. */
  readonly registry: RegistryMetrics | undefined
  readonly events: EventCounts
  readonly process: ProcessMeter
}

/** Writes every number down, once. */
export function measure(measured: Measured, names: ChildNames): MetricsSnapshot {
  names.look(measured.members.map(({ id }) => id))
  const sheet = new MetricSheet(names)
  putRuntime(sheet, measured)
  for (const child of measured.children) putChild(sheet, child, measured.events)
  putChecks(sheet, measured.gone)
  for (const member of measured.members) putMember(sheet, member)
  for (const stats of measured.messages?.children ?? []) putMessages(sheet, stats)
  if (measured.registry !== undefined) putRegistry(sheet, measured.registry)
  return sheet.snapshot(measured.now)
}

function putRuntime(sheet: MetricSheet, { now, health, events, process, journal: load }: Measured): void {
  const { version, node, ready, live, since, children, journal } = health
  sheet.put('bulkhead.info', 1, { version, node })
  sheet.put('bulkhead.ready', Number(ready))
  sheet.put('bulkhead.live', Number(live))
  sheet.put('bulkhead.uptime', (now - since) / 1_000)
  sheet.put('bulkhead.journal.stalled', Number(journal.stalled))
  sheet.put('bulkhead.journal.records', load.records)
  sheet.put('bulkhead.journal.rings', load.rings)
  sheet.put('bulkhead.journal.waiting', load.waitingBytes)
  for (const [state, count] of Object.entries(children)) sheet.put('bulkhead.children', count, { state })
  for (const [type, count] of events.types) sheet.put('bulkhead.events', count, { type })
  sheet.put('bulkhead.process.cpu', process.cpuSeconds)
  sheet.put('bulkhead.process.event_loop', process.eventLoopUse)
  sheet.put('bulkhead.process.memory', process.rssBytes, { kind: 'resident' })
  sheet.put('bulkhead.process.memory', process.heapBytes, { kind: 'heap' })
  sheet.put('bulkhead.process.memory', process.externalBytes, { kind: 'external' })
}

function putChild(sheet: MetricSheet, status: ChildStatus, events: EventCounts): void {
  const { child, restarts, level, score, memory, http } = status
  sheet.put('bulkhead.child.restarts', restarts, { child })
  sheet.put('bulkhead.child.level', 1, { child, level })
  sheet.put('bulkhead.child.score', score, { child })
  for (const [fault, count] of events.exitsOf(child)) {
    sheet.put('bulkhead.child.exits', count, { child, class: fault })
  }
  if (memory !== undefined) {
    sheet.put('bulkhead.child.memory', memory.bytes, { child })
    sheet.put('bulkhead.child.memory.limit', memory.maxBytes, { child })
  }
  if (http !== undefined) {
    const { inFlight, ...ended } = http
    sheet.put('bulkhead.http.in_flight', inFlight, { child })
    for (const [outcome, count] of Object.entries(ended)) {
      sheet.put('bulkhead.http.requests', count, { child, outcome })
    }
  }
}

function putMember(sheet: MetricSheet, { id: child, totals, handles, gauges }: MemberMeter): void {
  if (handles !== undefined) sheet.put('bulkhead.child.handles', handles, { child })
  for (const { quota, spent } of gauges) {
    if (spent.limit > 0) sheet.put('bulkhead.quota.use', spent.used / spent.limit, { child, quota })
    if (quota === 'connections') sheet.put('bulkhead.network.connections', spent.used, { child })
    if (quota !== 'storage') continue
    sheet.put('bulkhead.storage.used', spent.used, { child })
    sheet.put('bulkhead.storage.limit', spent.limit, { child })
  }
  if (totals === undefined) return
  const { checks, cpuMs, hostWaitMs, traffic } = totals
  sheet.put('bulkhead.permission.denials', checks.checksDenied, { child })
  sheet.put('bulkhead.child.cpu', cpuMs / 1_000, { child })
  sheet.put('bulkhead.child.host_wait', hostWaitMs / 1_000, { child })
  sheet.put('bulkhead.network.io', traffic.bytes, { child })
  sheet.put('bulkhead.network.requests', traffic.requests, { child })
  for (const [index, kind] of countedKinds.entries()) {
    const [granted = 0, refused = 0] = checks.byKind.slice(2 * index)
    // Most children ask for one or two kinds: of the others nothing is said.
    if (granted > 0) sheet.put('bulkhead.permission.checks', granted, { child, kind, verdict: 'granted' })
    if (refused > 0) sheet.put('bulkhead.permission.checks', refused, { child, kind, verdict: 'denied' })
  }
  putChecks(sheet, totals)
}

/** What is told of all children together, also of those that are gone. */
function putChecks(sheet: MetricSheet, { checks }: RunTotals): void {
  sheet.put('bulkhead.permission.check.time', checks.checksTimedNs / 1e9)
  sheet.put('bulkhead.permission.check.timed', checks.checksTimed)
  sheet.put('bulkhead.permission.cache', checks.cacheHits, { result: 'hit' })
  sheet.put('bulkhead.permission.cache', checks.cacheMisses, { result: 'miss' })
}

const outcomes = {
  published: 'published',
  requested: 'requested',
  received: 'received',
  handled: 'handled',
  handlerErrors: 'failed',
  refusedByRate: 'refused-rate',
  refusedByOverload: 'refused-overload',
} as const satisfies Partial<Record<keyof MessageReport['children'][number], string>>

function putMessages(sheet: MetricSheet, stats: MessageReport['children'][number]): void {
  const { child, depth, depthMax, bytes, oldestMs, deadLetters } = stats
  for (const [name, outcome] of Object.entries(outcomes)) {
    sheet.put('bulkhead.messages', stats[name as keyof typeof outcomes], { child, outcome })
  }
  sheet.put('bulkhead.messages.dead_letters', deadLetters, { child })
  if (depthMax === 0) return
  sheet.put('bulkhead.mailbox.depth', depth, { child })
  sheet.put('bulkhead.mailbox.limit', depthMax, { child })
  sheet.put('bulkhead.mailbox.size', bytes, { child })
  sheet.put('bulkhead.mailbox.oldest', (oldestMs ?? 0) / 1_000, { child })
}

function putRegistry(sheet: MetricSheet, registry: RegistryMetrics): void {
  const { parse, validate, cacheHits, cacheMisses, updates, rollbacks, removals, unchanged, rejected } = registry
  sheet.put('bulkhead.policy.time', parse.totalMs / 1_000, { phase: 'read' })
  sheet.put('bulkhead.policy.time', validate.totalMs / 1_000, { phase: 'compile' })
  sheet.put('bulkhead.policy.cache', cacheHits, { result: 'hit' })
  sheet.put('bulkhead.policy.cache', cacheMisses, { result: 'miss' })
  const changes = { updated: updates, 'rolled-back': rollbacks, removed: removals, unchanged, rejected }
  for (const [outcome, count] of Object.entries(changes)) sheet.put('bulkhead.policy.updates', count, { outcome })
}
