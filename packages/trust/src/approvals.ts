import type { Grant, KindCatalogue } from '@bulkhead/capability'
import { quote } from '@bulkhead/document'
import type { Store, Table } from '@bulkhead/state'
import { BulkheadError, parseChildId } from '@bulkhead/vocabulary'
import { type ApprovalEvent, nextApprovalState } from './approval.machine.js'
import {
  type ApprovalDecision,
  type ApprovalEntry,
  decisionCodec,
  entryCodec,
  subjectCodec,
} from './approval-records.js'
import { type ApprovalSubject, fingerprintOf } from './approval-subject.js'
import { decisionsPerChildMax, queueEntriesMax, reasonCharactersMax, reviewerCharactersMax } from './limits.js'
import { checkNarrowed } from './narrow.js'

/** What a reviewer says about the entry that they looked at. */
export type Verdict = {
  /** Of the entry as the reviewer saw it. */
  readonly fingerprint: string
  readonly reviewer: string
  readonly reason?: string
  /** Wall clock, milliseconds. */
  readonly now: number
}

/**
 * The review queue and the decisions, on the disk (SPEC 6). Every change is one transaction: a half-written decision is no
 * decision. A decision holds for one child and one fingerprint, and for nothing else.
 *
 * Tables: `queue` (who waits), `settled` (what became of whom), `decisions` (numbered, per child), `approved` (what each child
 * was when it was last approved, to show what changed since).
 *
 * @example
 * ```ts
 * const approvals = Approvals.open(await Store.open(state, 'approvals'))
 * const { fingerprint } = await approvals.request('ingest', subject, Date.now())
 * await approvals.approve('ingest', { fingerprint, reviewer: 'ana', now: Date.now() })
 * approvals.decisionFor('ingest', fingerprint)?.verdict // 'approved'
 * ```
 */
export class Approvals {
  readonly #store: Store
  readonly #kinds: KindCatalogue | undefined
  readonly #queue: Table<ApprovalEntry>
  readonly #settled: Table<ApprovalEntry>
  readonly #decisions: Table<ApprovalDecision>
  readonly #approved: Table<ApprovalSubject>

  private constructor(store: Store, kinds: KindCatalogue | undefined) {
    this.#store = store
    this.#kinds = kinds
    this.#queue = store.table('queue', entryCodec)
    this.#settled = store.table('settled', entryCodec)
    this.#decisions = store.table('decisions', decisionCodec)
    this.#approved = store.table('approved', subjectCodec)
  }

  /**
   * @param store whoever opened it closes it
   * @param options.kinds the host application's own kinds, which requests may name
   */
  static open(store: Store, options: { readonly kinds?: KindCatalogue } = {}): Approvals {
    return new Approvals(store, options.kinds)
  }

  /**
   * Asks for a review. The same request again changes nothing; another one of the same child takes its place and starts
   * anew, also when somebody is looking at the old one. What was decided already is not asked again: its entry is answered.
   *
   * @param now wall clock, milliseconds
   * @throws {BulkheadError} `approval-queue-full` when 1,000 others wait.
   */
  request(child: string, subject: ApprovalSubject, now: number): Promise<ApprovalEntry> {
    const fingerprint = fingerprintOf(subject)
    parseChildId(child)
    return this.#store.transact(() => {
      const known = this.#find(child)
      if (known?.fingerprint === fingerprint) return known
      const earlier = this.decisionFor(child, fingerprint)
      if (earlier !== undefined)
        return this.#settle({ child, state: earlier.verdict, fingerprint, subject, requestedAt: now })
      const state = known === undefined ? 'pending' : next(known, { type: 'change' })
      if (this.#queue.get(child) === undefined) this.#checkRoom()
      const entry: ApprovalEntry = { child, state, fingerprint, subject, requestedAt: now }
      this.#settled.remove(child)
      this.#queue.put(child, entry)
      return entry
    })
  }

  /** Who waits, the longest first. */
  reviews(): readonly ApprovalEntry[] {
    return [...this.#queue.entries()].map(([, entry]) => entry).sort((a, b) => a.requestedAt - b.requestedAt)
  }

  /** A child's entry, waiting or decided. */
  entry(child: string): ApprovalEntry | undefined {
    return this.#find(child)
  }

  /** What the child was when it was last approved, for {@link describeRequest}. */
  lastApproved(child: string): ApprovalSubject | undefined {
    return this.#approved.get(child)
  }

  /**
   * Marks an entry as being looked at. Another reviewer may take over.
   *
   * @throws {BulkheadError} `approval-not-found` when it does not wait.
   */
  begin(child: string, reviewer: string): Promise<ApprovalEntry> {
    checkReviewer(reviewer)
    return this.#store.transact(() => {
      const known = this.#find(child) ?? notFound(child)
      const entry: ApprovalEntry = { ...known, state: next(known, { type: 'begin' }), reviewer }
      this.#queue.put(child, entry)
      return entry
    })
  }

  /**
   * Approves what the reviewer saw, or less of it. Also ends an earlier denial.
   *
   * @param verdict.narrow what is left of the request; each must be covered by something requested
   * @throws {BulkheadError} `approval-not-found`; `update-conflict` when the entry is another one now; `grant-refused`,
   *   listing what was not asked for; `usage` for a name or reason that cannot be kept.
   */
  approve(child: string, verdict: Verdict & { readonly narrow?: readonly Grant[] }): Promise<ApprovalDecision> {
    return this.#decide(child, 'approved', verdict, (entry) => {
      if (verdict.narrow !== undefined) checkNarrowed(verdict.narrow, entry.subject, this.#kinds)
      this.#approved.put(child, entry.subject)
      return verdict.narrow === undefined ? {} : { narrow: verdict.narrow }
    })
  }

  /** Denies what the reviewer saw; it sticks until it is approved explicitly, or is another one. @throws see {@link approve}. */
  deny(child: string, verdict: Verdict & { readonly reason: string }): Promise<ApprovalDecision> {
    return this.#decide(child, 'denied', verdict, () => ({}))
  }

  /** The last decision about exactly this fingerprint of this child. */
  decisionFor(child: string, fingerprint: string): ApprovalDecision | undefined {
    return this.history(child).find((decision) => decision.fingerprint === fingerprint)
  }

  /** The decisions about a child, the newest first. */
  history(child: string): readonly ApprovalDecision[] {
    return [...this.#decisions.entries(prefixOf(child))].map(([, decision]) => decision).reverse()
  }

  /** Takes a child out of the queue: it is gone, or no longer asks. Decisions stay. Whether it was there. */
  withdraw(child: string): Promise<boolean> {
    return this.#store.transact(() => this.#queue.remove(child))
  }

  #find(child: string): ApprovalEntry | undefined {
    return this.#queue.get(child) ?? this.#settled.get(child)
  }

  #decide(
    child: string,
    verdict: ApprovalDecision['verdict'],
    { fingerprint, reviewer, reason, now }: Verdict,
    decideMore: (entry: ApprovalEntry) => Pick<ApprovalDecision, 'narrow'>,
  ): Promise<ApprovalDecision> {
    checkReviewer(reviewer)
    checkReason(reason, verdict)
    return this.#store.transact(() => {
      const entry = this.#find(child) ?? notFound(child)
      if (entry.fingerprint !== fingerprint) throw changed(child, entry, fingerprint)
      const state = next(entry, { type: verdict === 'approved' ? 'approve' : 'deny' })
      const words = reason === undefined ? {} : { reason }
      const decision = { child, fingerprint, verdict, reviewer, time: now, ...words, ...decideMore(entry) }
      this.#append(decision)
      this.#settle({ ...entry, state, reviewer })
      return decision
    })
  }

  #append(decision: ApprovalDecision): void {
    const keys = this.#decisions.keys({ prefix: prefixOf(decision.child) })
    const number = Number(keys.at(-1)?.split('|')[1] ?? 0) + 1
    for (const key of keys.slice(0, Math.max(0, keys.length + 1 - decisionsPerChildMax))) this.#decisions.remove(key)
    this.#decisions.put(`${prefixOf(decision.child)}${String(number).padStart(10, '0')}`, decision)
  }

  #settle(entry: ApprovalEntry): ApprovalEntry {
    this.#queue.remove(entry.child)
    this.#settled.put(entry.child, entry)
    return entry
  }

  #checkRoom(): void {
    if (this.#queue.keys().length < queueEntriesMax) return
    throw new BulkheadError('approval-queue-full', `${queueEntriesMax} components wait for a review already`, {
      details: { limit: queueEntriesMax },
      hint: 'decide some of them: `bulkhead review`, then `bulkhead approve` or `bulkhead deny`',
    })
  }
}

/** No child id holds a `|`. */
function prefixOf(child: string): string {
  return `${child}|`
}

function next({ child, state }: ApprovalEntry, event: ApprovalEvent): ApprovalEntry['state'] {
  return nextApprovalState(state, event) ?? notFound(child, `\`${child}\` is ${state}: it waits for no review`)
}

function notFound(child: string, message = `${quote(child)} does not wait for a review`): never {
  throw new BulkheadError('approval-not-found', message, {
    details: { child },
    hint: 'list who does with `bulkhead review`',
  })
}

function changed(child: string, entry: ApprovalEntry, fingerprint: string): BulkheadError {
  return new BulkheadError('update-conflict', `\`${child}\` changed while under review: it is another request now`, {
    details: { child, expected: fingerprint, found: entry.fingerprint },
    hint: `look at it again with \`bulkhead review ${child}\``,
  })
}

function checkReviewer(reviewer: string): void {
  if (reviewer.trim() !== '' && reviewer.length <= reviewerCharactersMax) return
  throw new BulkheadError('usage', `a reviewer has a name of 1 to ${reviewerCharactersMax} characters`)
}

function checkReason(reason: string | undefined, verdict: ApprovalDecision['verdict']): void {
  const isBlank = reason === undefined || reason.trim() === ''
  if (verdict === 'denied' && isBlank) {
    throw new BulkheadError('usage', 'a denial needs a reason', { hint: 'add `--reason "…"`' })
  }
  if (!isBlank && reason.length > reasonCharactersMax) {
    throw new BulkheadError('usage', `a reason has at most ${reasonCharactersMax} characters`)
  }
}
