import { type CapabilityTable, Decider, leadsToGrant } from '@bulkhead/capability'
import type { Neighbour } from '@bulkhead/security-context'
import {
  type AccessRecord,
  countedKinds,
  type Decision,
  type Layer,
  type Request,
  type Rule,
} from '@bulkhead/vocabulary'
import type { CallTrace } from './call-trace.js'
import { checksPerTimedOne, leadsCacheEntriesMax } from './limits.js'
import type { CheckCounters, ContextUpdate, HostPowers } from './powers.js'
import { RecordRun } from './record-run.js'
import { StrictRecords } from './strict-records.js'

/**
 * Who may do what, now: the newest table, and the record of every answer.
 *
 * INVARIANT (current): no decision is made by rules older than the version that the host had published when it was
 * asked. The version is loaded at each decision; when it moved, the port is drained to the newest update, and while that
 * is older than what was observed everything is denied. The caches belong to one table and go with it.
 */
export class Authority {
  readonly #powers: HostPowers
  readonly #run: RecordRun | StrictRecords
  #context: ContextUpdate
  #decider: Decider
  #leads = new Map<string, boolean>()
  #behind = false
  #onAdopt: (update: ContextUpdate) => void = () => undefined
  #published = 0
  /** Only while the guest has something in hand that is traced. */
  trace: CallTrace | undefined
  #checks = 0
  /** See `CheckCounters.byKind`. */
  readonly #byKind: number[] = countedKinds.flatMap(() => [0, 0])
  #checksTimed = 0
  /** Of the deciders before this one. */
  #pastHits = 0
  #pastMisses = 0
  #checksTimedNs = 0

  constructor(powers: HostPowers) {
    this.#powers = powers
    const { appendAudit, auditStalled } = powers
    this.#run = auditStalled === undefined ? new RecordRun(appendAudit) : new StrictRecords(appendAudit)
    this.#context = powers.context
    this.#decider = new Decider(this.#context.table)
  }

  get table(): CapabilityTable {
    return this.#context.table
  }

  /** Other children that see some of the same host directories, by their newest rules. */
  get neighbours(): readonly Neighbour[] {
    return this.#context.neighbours
  }

  get version(): number {
    return this.#context.policyVersion
  }

  /** Calls `redecide` after each change: open handles are decided again there, in full. */
  onAdopt(redecide: (update: ContextUpdate) => void): void {
    this.#onAdopt = redecide
  }

  redecide(): void {
    this.#onAdopt(this.#context)
  }

  /** Whether the newest published policy has not reached us: then everything is denied. */
  get isBehind(): boolean {
    return this.#behind
  }

  /** Loads the published version and moves to the newest rules when it moved. */
  refresh(): void {
    const observed = this.#powers.observedVersion()
    if (observed === this.#context.policyVersion) return
    if (observed > this.#context.policyVersion) this.#advance(observed)
    else this.#behind = false
  }

  #advance(observed: number): void {
    const newest = this.#powers.takeNewestContext()
    const moved = newest !== undefined && newest.policyVersion > this.#context.policyVersion
    const wasBehind = this.#behind
    if (moved) this.#adopt(newest)
    this.#behind = this.#context.policyVersion < observed
    if (moved || this.#behind !== wasBehind) this.redecide()
  }

  #adopt(newest: ContextUpdate): void {
    const { cacheHits, cacheMisses } = this.#decider.metrics
    this.#pastHits += cacheHits
    this.#pastMisses += cacheMisses
    this.#context = newest
    this.#decider = new Decider(newest.table)
    this.#leads = new Map()
  }

  /** Tells the host by which rules the guest is inside a host call, at its entry. */
  enter(): void {
    // Published before the version is loaded: either the host sees this call inside the old version, or we see the new one.
    this.#publish()
    this.catchUp()
  }

  /**
   * Moves to the newest rules and tells the host so: only where nothing that was decided before is still to be acted on, at
   * the entry of a call and in its waits. Rules that are adopted between two decisions of one call are not told before the
   * call ends, so that the host waits for what the first of them allowed (D3).
   */
  catchUp(): void {
    this.refresh()
    if (this.version !== this.#published) this.#publish()
  }

  /**
   * Tells the host that the guest is in no call while it sleeps in one: nothing goes on under any rules then, so whoever
   * revokes need not wait until a busy machine has woken it. `enter` comes before anything else when it wakes.
   */
  rest(): void {
    this.#published = 0
    this.#powers.publishEntered(0)
  }

  #publish(): void {
    this.#published = this.version
    this.#powers.publishEntered(this.#published)
  }

  /** The answer, without a record. */
  decide(request: Request): Decision {
    this.#checks += 1
    return this.#checks % checksPerTimedOne === 0 ? this.#decideTimed(request) : this.#decide(request)
  }

  #decide(request: Request): Decision {
    this.refresh()
    if (this.#powers.auditStalled?.() === true) return unrecordable
    return this.#behind ? behindDecision : this.#decider.decide(request)
  }

  #decideTimed(request: Request): Decision {
    const began = this.#powers.monotonicNs()
    const decision = this.#decide(request)
    this.#checksTimed += 1
    this.#checksTimedNs += Number(this.#powers.monotonicNs() - began)
    return decision
  }

  permits(request: Request): boolean {
    return this.decide(request).verdict === 'granted'
  }

  /** Whether something at or below the directory `path` is granted; remembered for this table. */
  leadsToGrant(path: string): boolean {
    this.refresh()
    if (this.#behind) return false
    const known = this.#leads.get(path)
    if (known !== undefined) return known
    const leads = leadsToGrant(this.#context.table, path)
    if (this.#leads.size >= leadsCacheEntriesMax) this.#leads.clear()
    this.#leads.set(path, leads)
    return leads
  }

  /** Decides and records. Check, record, act: the caller acts only after this has returned `true`. */
  authorize(request: Request): boolean {
    const decision = this.decide(request)
    return this.record(request, decision)
  }

  /**
   * Writes a decision that was made and is about to be acted on.
   *
   * @returns whether it may be: it was granted, and is on record.
   */
  record(request: Request, decision: Decision, probeHostPath?: string): boolean {
    const recorded = this.#write(request, decision, 1, this.version, probeHostPath)
    const isGranted = decision.verdict === 'granted' && recorded
    if (this.trace !== undefined) this.trace.decided(isGranted)
    if (!isGranted) return false
    this.#powers.betweenCheckAndAct?.(request)
    return true
  }

  /** Writes how often something open was used, by the decision and the version that allowed it then. */
  recordUses(request: Request, decision: Decision, version: number, count: number): void {
    this.#write(request, decision, count, version, undefined, true)
  }

  #write(
    request: Request,
    decision: Decision,
    count: number,
    version: number,
    probeHostPath?: string,
    isPast = false,
  ): boolean {
    const granted = decision.verdict === 'granted'
    const slot = (slotOfKind.get(request.kind) ?? slotOfCustom) + (granted ? 0 : 1)
    this.#byKind[slot] = (this.#byKind[slot] ?? 0) + count
    const record: AccessRecord = {
      at: this.#powers.monotonicNs(),
      policyVersion: version,
      kind: request.kind,
      action: request.action,
      resource: request.resource,
      verdict: decision.verdict,
      layer: decision.layer,
      ...(decision.rule === undefined ? undefined : { rule: ruleText(decision.rule) }),
      ...(granted ? undefined : { reason: decision.reason }),
      count,
      ...(granted || probeHostPath === undefined ? undefined : { probeHostPath }),
    }
    return this.#run.note(record, isPast)
  }

  counters(): CheckCounters {
    const sumOf = (verdict: 0 | 1): number =>
      this.#byKind.reduce((sum, count, index) => (index % 2 === verdict ? sum + count : sum), 0)
    const { cacheHits, cacheMisses } = this.#decider.metrics
    return {
      checksGranted: sumOf(0),
      checksDenied: sumOf(1),
      cacheHits: this.#pastHits + cacheHits,
      cacheMisses: this.#pastMisses + cacheMisses,
      checksTimed: this.#checksTimed,
      checksTimedNs: this.#checksTimedNs,
      byKind: this.#byKind,
    }
  }

  /** Writes out what repeated decisions have only counted so far. */
  flush(): void {
    this.#run.flush()
  }
}

const slotOfCustom = 2 * countedKinds.indexOf('custom')
const slotOfKind = new Map<string, number>(countedKinds.map((kind, index) => [kind, 2 * index]))

export function denied(layer: Layer, reason: string, rule?: Rule): Decision {
  return rule === undefined ? { verdict: 'denied', layer, reason } : { verdict: 'denied', layer, reason, rule }
}

const unrecordable = denied('error', 'the audit journal makes no progress, and the audit is strict')
const behindDecision = denied('error', 'the newest policy was announced but has not arrived')

/** `/data/**` (Component.toml:7) */
function ruleText(rule: Rule): string {
  const { document, line } = rule.origin
  return line === undefined ? `${rule.pattern} (${document})` : `${rule.pattern} (${document}:${line})`
}
