import { type CapabilityTable, Decider, leadsToGrant } from '@bulkhead/capability'
import type { AccessRecord, Decision, Layer, Request, Rule } from '@bulkhead/vocabulary'
import { leadsCacheEntriesMax } from './limits.js'
import type { HostPowers } from './powers.js'
import { RecordRun } from './record-run.js'

/**
 * Who may do what, now: the newest table, and the record of every answer.
 *
 * INVARIANT (current): no decision is made by a table older than the version that the host had published when it was
 * asked. The version is loaded at each decision; when it moved, the port is drained to the newest table, and while that
 * is older than what was observed everything is denied. The caches belong to one table and go with it.
 */
export class Authority {
  readonly #powers: HostPowers
  readonly #run: RecordRun
  #table: CapabilityTable
  #decider: Decider
  #leads = new Map<string, boolean>()
  #behind = false
  #onAdopt: () => void = () => undefined
  checksGranted = 0
  checksDenied = 0

  constructor(powers: HostPowers) {
    this.#powers = powers
    this.#run = new RecordRun(powers.appendAudit)
    this.#table = powers.context.table
    this.#decider = new Decider(this.#table)
  }

  get table(): CapabilityTable {
    return this.#table
  }

  get version(): number {
    return this.#table.version
  }

  /** Calls `redecide` after each change of table: open handles are decided again there, in full. */
  onAdopt(redecide: () => void): void {
    this.#onAdopt = redecide
  }

  /** Whether the newest published policy has not reached us: then everything is denied. */
  get isBehind(): boolean {
    return this.#behind
  }

  /** Loads the published version and moves to the newest table when it moved. */
  refresh(): void {
    const observed = this.#powers.observedVersion()
    if (observed === this.#table.version) return
    if (observed > this.#table.version) this.#advance(observed)
    else this.#behind = false
  }

  #advance(observed: number): void {
    const newest = this.#powers.takeNewestTable()
    const moved = newest !== undefined && newest.version > this.#table.version
    const wasBehind = this.#behind
    if (moved) {
      this.#table = newest
      this.#decider = new Decider(newest)
      this.#leads = new Map()
      this.#powers.publishEntered(newest.version)
    }
    this.#behind = this.#table.version < observed
    if (moved || this.#behind !== wasBehind) this.#onAdopt()
  }

  /** The answer, without a record. */
  decide(request: Request): Decision {
    this.refresh()
    return this.#behind ? behindDecision : this.#decider.decide(request)
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
    const leads = leadsToGrant(this.#table, path)
    if (this.#leads.size >= leadsCacheEntriesMax) this.#leads.clear()
    this.#leads.set(path, leads)
    return leads
  }

  /** Decides and records. Check, record, act: the caller acts only after this has returned `true`. */
  authorize(request: Request, probeHostPath?: string): boolean {
    const decision = this.decide(request)
    this.record(request, decision, 1, probeHostPath)
    return decision.verdict === 'granted'
  }

  /** Writes a decision that was made. `count` is how many uses it stands for. */
  record(request: Request, decision: Decision, count: number, probeHostPath?: string): void {
    const granted = decision.verdict === 'granted'
    if (granted) this.checksGranted += count
    else this.checksDenied += count
    const record: AccessRecord = {
      at: this.#powers.monotonicNs(),
      policyVersion: this.#table.version,
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
    this.#run.note(record)
  }

  /** Writes out what repeated decisions have only counted so far. */
  flush(): void {
    this.#run.flush()
  }
}

export function denied(layer: Layer, reason: string): Decision {
  return { verdict: 'denied', layer, reason }
}

const behindDecision = denied('error', 'the newest policy was announced but has not arrived')

/** `/data/**` (Component.toml:7) */
function ruleText(rule: Rule): string {
  const { document, line } = rule.origin
  return line === undefined ? `${rule.pattern} (${document})` : `${rule.pattern} (${document}:${line})`
}
