// Writes down what was known when a child reached `process` or `quarantine`, and tells those who want to know. All of it
// happens after the fact and beside the response: a child is isolated whether or not anybody can be told of it.

import { type IncidentBundle, type IncidentSources, incidentBundle, type Level } from '@bulkhead/supervisors'
import type { Clock, HealthEvent, HealthEventDraft } from '@bulkhead/vocabulary'
import { ChildPasts } from './child-past.js'
import type { Incident } from './incident.js'
import type { IncidentFiles } from './incident-files.js'
import { type HookPowers, type HookSpec, IncidentHooks } from './incident-hooks.js'
import { auditSettleMs, hooksStopMs, incidentsWaitingMax } from './limits.js'

/** What the tree knows of a child at the moment of the incident. */
export type IncidentFacts = Pick<
  IncidentSources,
  'tenant' | 'ledger' | 'mailbox' | 'digest' | 'codeDigest' | 'policy' | 'secrets'
> & {
  /** As the audit log names it. */
  readonly principal: string
}

export type IncidentPowers = {
  readonly files: IncidentFiles
  /** Its last records in the audit log. */
  readonly auditOf: (principal: string) => Promise<IncidentSources['audit']>
  readonly raise: (draft: HealthEventDraft) => void
  readonly clock: Clock
  readonly hooks: HookSpec
}

/** The tree whose children become incidents. */
export type IncidentTree = {
  /** `undefined`: it is no child, or was removed. */
  readonly factsOf: (child: string) => IncidentFacts | undefined
  readonly publish: HookPowers['publish']
}

type Waiting = {
  readonly event: HealthEvent
  readonly principal: string
  readonly sources: Omit<IncidentSources, 'audit'>
}

export class IncidentDesk {
  readonly #powers: IncidentPowers
  readonly #pasts = new ChildPasts()
  /** The rung on which each child was last seen; `thread` where it is not in here. */
  readonly #levels = new Map<string, Level>()
  readonly #waiting: Waiting[] = []
  readonly #told = new Set<Promise<void>>()
  #writing: Promise<void> | undefined
  #tree: IncidentTree | undefined
  #hooks: IncidentHooks | undefined

  constructor(powers: IncidentPowers) {
    this.#powers = powers
  }

  /** Before the tree's first child is started. */
  attach(tree: IncidentTree): void {
    this.#tree = tree
    this.#hooks = new IncidentHooks(this.#powers.hooks, { publish: tree.publish, clock: this.#powers.clock })
  }

  wrote(child: string, chunk: Uint8Array): void {
    this.#pasts.wrote(child, chunk)
  }

  note(event: HealthEvent): void {
    const { child } = event
    if (child === undefined || event.type === 'incident.recorded' || event.type === 'incident.failed') return
    this.#pasts.note(child, event)
    const from = this.#levels.get(child) ?? 'thread'
    const to = levelAfter(event)
    if (to !== undefined) this.#levels.set(child, to)
    if (isIncident(event)) this.#begin({ ...event, child }, from)
    if (event.type !== 'child.removed') return
    this.#levels.delete(child)
    this.#pasts.forget(child)
  }

  /** Waits until what happened is written down, and for hooks a short while; those that still run then are ended. */
  async close(): Promise<void> {
    await this.#writing
    const cancel = this.#powers.clock.after(hooksStopMs, () => this.#hooks?.abort())
    await Promise.all(this.#told)
    cancel()
  }

  #begin(event: HealthEvent & { readonly child: string }, from: Level): void {
    const { child } = event
    // First of all the bound: to look at a child takes time, and a tree that goes to pieces has none.
    if (this.#waiting.length >= incidentsWaitingMax) {
      this.#fail(event, `${incidentsWaitingMax} others wait to be written: this one is not kept`)
      return
    }
    const facts = this.#tree?.factsOf(child)
    if (facts === undefined) return
    const { principal, ...known } = facts
    const sources = {
      ...known,
      ...this.#pasts.of(child),
      child,
      incarnation: event.incarnation ?? 0,
      from,
      to: event.type === 'child.isolated' ? ('process' as const) : ('quarantine' as const),
      reason: event.reason ?? '',
      atMs: event.time,
    }
    this.#waiting.push({ event, principal, sources })
    this.#writing ??= this.#write()
  }

  async #write(): Promise<void> {
    await new Promise<void>((resolve) => this.#powers.clock.after(auditSettleMs, resolve))
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const { event, principal, sources } = next
      try {
        const audit = await this.#powers.auditOf(principal)
        await this.#keep(event, incidentBundle({ ...sources, audit }))
      } catch (thrown) {
        this.#fail(event, thrown instanceof Error ? thrown.message : String(thrown))
      }
    }
    this.#writing = undefined
  }

  async #keep(event: HealthEvent, bundle: IncidentBundle): Promise<void> {
    const { files } = this.#powers
    const incident = await files.add(bundle)
    this.#raise(event, 'incident.recorded', `incident ${incident.id}: ${bundle.reason}`)
    const file = files.pathOf(incident.id)
    if (this.#hooks === undefined || file === undefined) return
    const told = this.#tell(this.#hooks, incident, file, event)
    this.#told.add(told)
    void told.finally(() => this.#told.delete(told))
  }

  async #tell(hooks: IncidentHooks, incident: Incident, file: string, event: HealthEvent): Promise<void> {
    const outcomes = await hooks.tell(incident, file)
    for (const { hook, outcome, reason } of outcomes) {
      if (outcome !== 'done')
        this.#fail(event, `incident ${incident.id}: the ${hook} was not told: ${reason ?? outcome}`)
    }
    if (outcomes.length === 0) return
    await this.#powers.files
      .replace({ ...incident, hooks: outcomes })
      .catch((error: Error) => this.#fail(event, error.message))
  }

  #fail(event: HealthEvent, reason: string): void {
    this.#raise(event, 'incident.failed', reason)
  }

  #raise(event: HealthEvent, type: 'incident.recorded' | 'incident.failed', reason: string): void {
    const { supervisor, child, tenant, incarnation, level } = event
    this.#powers.raise({
      ...{ type, supervisor, reason },
      ...(child === undefined ? {} : { child }),
      ...(tenant === undefined ? {} : { tenant }),
      ...(incarnation === undefined ? {} : { incarnation }),
      ...(level === undefined ? {} : { level }),
    })
  }
}

/** After an exit: whoever is quarantined without one was so before, in an earlier life of the host or before it was stopped. */
function isIncident({ type, from }: HealthEvent): boolean {
  return type === 'child.isolated' || (type === 'child.quarantined' && from === 'evaluating')
}

const runLevels: ReadonlySet<string> = new Set<Level>(['thread', 'reduced', 'process', 'quarantine'])

function levelAfter({ type, level }: HealthEvent): Level | undefined {
  if (type === 'child.quarantined') return 'quarantine'
  return level !== undefined && runLevels.has(level) ? (level as Level) : undefined
}
