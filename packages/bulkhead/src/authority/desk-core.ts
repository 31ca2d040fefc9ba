// What all acts of an operator share: one at a time, persisted, then on record, then bound (DESIGN D3).

import { dirname, join } from 'node:path'
import type { Binding } from '@bulkhead/admin'
import type { AdministrativeRecord, Journal } from '@bulkhead/audit'
import type { Policy, PolicyFetcher, Roles } from '@bulkhead/policy'
import { BulkheadError, type Clock, type HealthEventDraft } from '@bulkhead/vocabulary'
import { rejectionNoteMs } from '../limits.js'
import type { Protection } from '../protection.js'
import type { AuthorityStores } from './authority-stores.js'
import { type Judgement, judge } from './judge.js'
import type { SharedPolicies } from './shared-policies.js'
import type { Subject } from './subject.js'
import { markOf, ownersOf, type TrustWatch } from './trust-watch.js'

/** The running children, as far as the desk has to know of them. */
export type LivePort = {
  /** How a child stands, in the words of `bulkhead children`; `undefined` while no process runs it. */
  readonly stateOf: (child: string) => string | undefined
  /** The version of the table that binds a child now. */
  readonly versionOf: (child: string) => number | undefined
  /** Makes the component ready to start with this cap of linear memory; a failure is better known before than after. */
  readonly prepare: (child: string, memoryBytes: number) => Promise<void>
  /** Puts what was decided into force: resolves when no call that began under the old rules is inside any more. */
  readonly rebind: (children: readonly string[], effect?: Effect) => Promise<readonly Binding[]>
}

/** `widens`: nobody loses anything by it. Else whoever is inside a call under the old rules is waited for, or stopped. */
export type Effect = 'narrows' | 'widens'

/** No process runs the children: what is decided holds from their next start. */
export const noLivePort: LivePort = {
  stateOf: () => undefined,
  versionOf: () => undefined,
  prepare: async () => {},
  rebind: async (children) => children.map((child) => ({ child, within: 'next-start', stuck: false })),
}

export type DeskPowers = {
  readonly stores: AuthorityStores
  readonly journal: Journal
  readonly clock: Clock
  readonly protection: Protection
  readonly trust: TrustWatch
  readonly roles: Roles | undefined
  readonly shared: SharedPolicies
  /** Dev mode was asked for, is allowed by the trust document, and this is no production host. */
  readonly devMode: boolean
  readonly fetcher: PolicyFetcher | undefined
  readonly raise: (draft: HealthEventDraft) => void
}

/** Who does something, and why. */
export type Act = { readonly author: string; readonly reason: string }

export class DeskCore {
  readonly powers: DeskPowers
  /** Set when the tree runs. */
  live: LivePort = noLivePort
  /** Why the document that the tree file names for a child was refused: until a good one comes, the child is denied everything. */
  readonly refusedPolicies = new Map<string, BulkheadError>()
  /** Children that were found not to be trusted since they were taken in. */
  readonly #untrusted = new Set<string>()
  #closed = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(powers: DeskPowers) {
    this.powers = powers
  }

  /** Runs one act after the other: what one decides on is what the one before left. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new BulkheadError('actor-not-running', 'the runtime was stopped'))
    const done = this.#last.then(act)
    this.#last = done.catch(() => {})
    return done
  }

  /** Takes no more acts; resolves when none is under way. */
  async close(): Promise<void> {
    const last = this.inTurn(async () => {})
    this.#closed = true
    await last
  }

  get isClosed(): boolean {
    return this.#closed
  }

  now(): number {
    return this.powers.clock.wallMs()
  }

  /** @throws {BulkheadError} `usage`, with the children that are known. */
  subject(child: string): Subject {
    const found = this.powers.stores.subjects.get(child)
    if (found !== undefined) return found
    const known = [...this.powers.stores.subjects.all()].map(([name]) => name)
    throw new BulkheadError('usage', `there is no child \`${child}\``, {
      details: { child },
      hint: known.length === 0 ? 'no tree has run with this state directory yet' : `there are ${known.join(', ')}`,
    })
  }

  subjects(): readonly Subject[] {
    return [...this.powers.stores.subjects.all()].map(([, subject]) => subject)
  }

  /** What a child was judged by outside the state directory: it is judged again when this changes. */
  marksOf({ component }: Subject): string {
    return [
      this.powers.trust.mark,
      markOf(`${component.file}.sig`),
      markOf(join(dirname(component.file), 'component.sig')),
      ownersOf(component.file),
    ].join(' | ')
  }

  /**
   * @param candidate judges as if this were the policy of the child
   */
  async judge(subject: Subject, candidate?: Policy): Promise<Judgement> {
    const { child } = subject
    const judgement = await this.#judge(subject, !this.#untrusted.has(child), candidate)
    if (judgement.trust.level !== 'trusted') this.#untrusted.add(child)
    return judgement
  }

  /** Judges bytes that the child does not run yet: what it was found to be before counts for nothing, and this is not kept. */
  judgeAnew(subject: Subject, candidate?: Policy): Promise<Judgement> {
    return this.#judge(subject, true, candidate)
  }

  async #judge(subject: Subject, mayBeTrusted: boolean, candidate: Policy | undefined): Promise<Judgement> {
    const { child } = subject
    const marks = this.marksOf(subject)
    const { stores, trust, roles, shared, devMode, protection } = this.powers
    const refused = this.refusedPolicies.get(child)
    return await judge(subject, {
      stores,
      trust: trust.current,
      mayBeTrusted,
      roles,
      shared: shared.inForceFor(subject, this.live),
      devMode,
      protection,
      now: this.now(),
      marks,
      ...(refused === undefined ? {} : { refusedPolicy: refused }),
      ...(candidate === undefined ? {} : { candidate }),
    })
  }

  /** What a child was found to be before counts no more: it is taken in anew. */
  forgetTrust(child: string): void {
    this.#untrusted.delete(child)
  }

  /** A record that is on the disk before what it tells of takes effect. */
  note(subject: Subject | string, record: Omit<AdministrativeRecord, 'component'>): Promise<void> {
    const child = typeof subject === 'string' ? subject : subject.child
    const digest = typeof subject === 'string' ? {} : { digest: subject.component.digest }
    return this.powers.journal.note({ component: `component:${child}`, ...digest, ...record })
  }

  /** Makes a change of a child's authority, or of a policy; one that fails is put on record and told. */
  async orReject<Result>(name: string, change: () => Promise<Result>): Promise<Result> {
    try {
      return await change()
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      await this.#noteRejected(name, reason)
      this.raise('policy.rejected', name, { reason })
      throw thrown
    }
  }

  /** The refusal counts, not whether it could be told: a disk that refuses the one refuses the other, for as long as it is full. */
  async #noteRejected(name: string, reason: string): Promise<void> {
    let cancel = (): void => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.powers.clock.after(rejectionNoteMs, resolve)
    })
    await Promise.race([this.note(name, { event: 'policy-rejected', reason }).catch(() => {}), late])
    cancel()
  }

  raise(type: HealthEventDraft['type'], child: string, more: Partial<HealthEventDraft> = {}): void {
    const policyVersion = this.live.versionOf(child)
    this.powers.raise({
      supervisor: 'root',
      child,
      ...(policyVersion === undefined ? {} : { policyVersion }),
      ...more,
      type,
    })
  }

  async bind(child: string, effect: Effect = 'narrows'): Promise<Binding> {
    const [binding] = await this.live.rebind([child], effect)
    return binding ?? { child, within: 'next-start', stuck: false }
  }
}
