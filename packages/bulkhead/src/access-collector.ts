// Collects what the journal reports of one actor: denied accesses with what would allow them, probes apart, and every
// distinct access for those who want to learn a manifest.

import type { RingRecord } from '@bulkhead/audit'
import { type Documents, mountOf, remedyFor, type SecurityContext } from '@bulkhead/security-context'
import { accessesMax, deniedMax, deniedOfChildMax, probedMax } from './limits.js'
import type { Access, DeniedAccess } from './types.js'

/** One decision as the journal reports it, classified. */
type ReportedRecord = Extract<RingRecord, { type: 'access' }>

/** `all`: what a run did, for its result. `denied`: what a child was refused, told once each. */
export type Collected = 'all' | 'denied'

export class AccessCollector {
  readonly #collected: Collected
  #context: SecurityContext
  #documents: Documents
  readonly #denied = new Map<string, DeniedAccess>()
  readonly #accesses = new Map<string, Access>()
  readonly #probed = new Map<string, Access>()
  #probes = 0

  constructor(context: SecurityContext, documents: Documents, collected: Collected) {
    this.#collected = collected
    this.#context = context
    this.#documents = documents
  }

  /** From now on denials are explained by newer rules. */
  follow(context: SecurityContext, documents: Documents): void {
    this.#context = context
    this.#documents = documents
  }

  /** Takes one record in; returns the denied access when it is the first of its kind, so that it can be told at once. */
  add(record: ReportedRecord): DeniedAccess | undefined {
    if (record.probe) {
      this.#probes += record.count
      if (this.#collected === 'all') addTo(this.#probed, record, probedMax)
      return undefined
    }
    if (this.#collected === 'all') addTo(this.#accesses, record, accessesMax)
    return record.verdict === 'denied' ? this.#addDenied(record) : undefined
  }

  get probes(): number {
    return this.#probes
  }

  /** Every distinct probe, in the order of its first appearance. */
  get probed(): readonly Access[] {
    return [...this.#probed.values()]
  }

  get denied(): readonly DeniedAccess[] {
    return [...this.#denied.values()]
  }

  get accesses(): readonly Access[] {
    return [...this.#accesses.values()]
  }

  #addDenied(record: ReportedRecord): DeniedAccess | undefined {
    const key = `${record.kind}.${record.action} ${record.layer} ${record.resource}`
    const before = this.#denied.get(key)
    if (before !== undefined) {
      this.#denied.set(key, { ...before, count: before.count + record.count })
      return undefined
    }
    // To explain one takes the host's own thread up to a millisecond and more, and a guest makes names as it likes.
    if (this.#denied.size >= (this.#collected === 'all' ? deniedMax : deniedOfChildMax)) return undefined
    const denied = explainDenied(record, this.#context, this.#documents)
    this.#denied.set(key, denied)
    return denied
  }
}

function addTo(accesses: Map<string, Access>, record: ReportedRecord, max: number): void {
  const { kind, action, resource, verdict, count } = record
  const key = `${verdict} ${kind}.${action} ${resource}`
  const before = accesses.get(key)
  if (before !== undefined) accesses.set(key, { ...before, count: before.count + count })
  else if (accesses.size < max) accesses.set(key, { kind, action, resource, verdict, count })
}

function explainDenied(record: ReportedRecord, context: SecurityContext, documents: Documents): DeniedAccess {
  const { kind, action, resource, layer, count } = record
  const remedy = remedyFor({ kind, action, resource, layer }, context, documents)
  return {
    kind,
    action,
    resource,
    layer,
    reason: record.reason ?? usualReason(record, context),
    allow: remedy?.once[0] ?? null,
    always: remedy?.always ?? [],
    count,
  }
}

function usualReason(record: ReportedRecord, context: SecurityContext): string {
  if (record.kind === 'filesystem' && mountOf(record.resource, context.parts.mounts) === undefined) {
    return 'nothing is mounted there'
  }
  return `refused by the ${record.layer} layer`
}
