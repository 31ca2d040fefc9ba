import type { Binding, ReviewReport, ReviewSummary } from '@bulkhead/admin'
import { checkPattern, type Grant, type KindCatalogue, parseCapability } from '@bulkhead/capability'
import { type ApprovalEntry, type ApprovalSubject, describeRequest } from '@bulkhead/trust'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Act, DeskCore } from './desk-core.js'
import { wordsOf } from './grant-desk.js'
import type { Judgement } from './judge.js'
import { approvalSubjectOf, type Subject } from './subject.js'

export type Decided = {
  readonly child: string
  readonly fingerprint: string
  readonly decision: 'approved' | 'denied'
  readonly bound: Binding
}

/** What a reviewer has seen, and what is left of the request. */
export type ApproveOptions = { readonly fingerprint?: string; readonly narrow?: readonly string[] }

/** The review queue, and the decisions about it (SPEC 6). */
export class ApprovalDesk {
  readonly #core: DeskCore

  constructor(core: DeskCore) {
    this.#core = core
  }

  /** Puts a child that nobody has decided about into the queue; takes one out that needs no decision. */
  async enqueue({ subject, manifest, plan }: Judgement): Promise<void> {
    const { approvals } = this.#core.powers.stores
    const { child } = subject
    if (plan.kind === 'start' || plan.code !== 'approval-required') {
      const state = approvals.entry(child)?.state
      // Whoever is looking at it looks at another request than the one that it is now.
      if (state === 'pending' || state === 'reviewing') await approvals.withdraw(child)
      return
    }
    const request = approvalSubjectOf(subject, manifest)
    const before = approvals.entry(child)
    const entry = await this.#queue(subject, request)
    if (entry === undefined || before?.fingerprint === entry.fingerprint) return
    await this.#core.note(subject, {
      event: 'approval-requested',
      reason: plan.reason,
      details: { fingerprint: entry.fingerprint },
    })
    this.#core.raise('approval.requested', child, { reason: plan.reason })
  }

  /** A full queue keeps the child waiting, and nobody else from starting; `undefined` then. */
  async #queue(subject: Subject, request: ApprovalSubject): Promise<ApprovalEntry | undefined> {
    const { child } = subject
    try {
      return await this.#core.powers.stores.approvals.request(child, request, this.#core.now())
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError) || thrown.code !== 'approval-queue-full') throw thrown
      await this.#core.note(subject, { event: 'approval-requested', reason: `not queued: ${thrown.message}` })
      this.#core.raise('approval.requested', child, { reason: `not queued: ${thrown.message}` })
      return undefined
    }
  }

  async list(): Promise<readonly ReviewSummary[]> {
    const { approvals, subjects } = this.#core.powers.stores
    const summaries = approvals.reviews().map(async (entry): Promise<ReviewSummary> => {
      const subject = subjects.get(entry.child)
      const trust = subject === undefined ? 'unknown' : (await this.#core.judge(subject)).trust.level
      const { child, state, fingerprint, requestedAt, reviewer } = entry
      return {
        ...{ child, state, fingerprint, trust, requestedAt },
        capabilities: entry.subject.capabilities.length,
        risks: describeRequest(entry.subject, approvals.lastApproved(child)).risks.length,
        ...(reviewer === undefined ? {} : { reviewer }),
      }
    })
    return Promise.all(summaries)
  }

  /**
   * What a child asks for, in words; marks it as being looked at, when it waits.
   *
   * @param author who looks; `undefined`: somebody whom nobody knows, so that nothing is marked
   */
  review(child: string, author: string | undefined): Promise<ReviewReport> {
    return this.#core.inTurn(async () => {
      const subject = this.#core.subject(child)
      const judgement = await this.#core.judge(subject)
      const { approvals } = this.#core.powers.stores
      const { plan, fingerprint } = judgement
      const isAsked = plan.kind === 'wait' && plan.code === 'approval-required'
      // Looking at one that asks for nothing does not make it ask.
      if (isAsked) await this.#entryOf(judgement)
      const isMarked = isAsked && author !== undefined
      const known = isMarked ? await approvals.begin(child, author) : approvals.entry(child)
      const entry = known?.fingerprint === fingerprint ? known : undefined
      const request = approvalSubjectOf(subject, judgement.manifest)
      const reviewer = entry?.reviewer
      return {
        child,
        state: plan.kind === 'start' ? plan.state : (entry?.state ?? plan.state),
        ...(reviewer === undefined ? {} : { reviewer }),
        trust: { level: judgement.trust.level, reason: judgement.trust.reason },
        requestedAt: entry?.requestedAt ?? this.#core.now(),
        reference: subject.component.reference,
        request: describeRequest(request, approvals.lastApproved(child)),
        history: approvals.history(child).map(({ verdict, reviewer: by, time, reason, fingerprint, narrow }) => ({
          ...{ fingerprint, verdict, reviewer: by, time },
          ...(reason === undefined ? {} : { reason }),
          ...(narrow === undefined ? {} : { narrow: narrow.map(wordsOf) }),
        })),
      }
    })
  }

  /**
   * Lets a component run with what it asks for, or with less.
   *
   * @throws {BulkheadError} `update-conflict` when it is another request than the reviewer saw; `grant-refused` when
   *   `narrow` holds what was not asked for; `approval-denied` for what is revoked; `signature-invalid` where a signature is
   *   required: neither can be approved by hand.
   */
  approve(child: string, options: ApproveOptions, act: Act): Promise<Decided> {
    return this.#core.inTurn(async () => {
      const judgement = await this.#core.judge(this.#core.subject(child))
      refuseWhatNobodyMayApprove(judgement, this.#core.powers.trust.current.requireSignatures)
      const { componentId } = judgement.subject
      const narrow = options.narrow?.map((text) => capabilityOf(text, componentId, this.#core.powers.stores.kinds))
      await this.#entryOf(judgement)
      const decision = await this.#core.powers.stores.approvals.approve(child, {
        fingerprint: options.fingerprint ?? judgement.fingerprint,
        ...this.#by(act),
        ...(narrow === undefined ? {} : { narrow }),
      })
      return this.#decided(judgement, decision.verdict, act, narrow)
    })
  }

  /** Refuses a component; it stays refused until it is approved, or is another request. It loses what it may do at once. */
  deny(child: string, options: Pick<ApproveOptions, 'fingerprint'>, act: Act): Promise<Decided> {
    return this.#core.inTurn(async () => {
      const judgement = await this.#core.judge(this.#core.subject(child))
      await this.#entryOf(judgement)
      const decision = await this.#core.powers.stores.approvals.deny(child, {
        fingerprint: options.fingerprint ?? judgement.fingerprint,
        ...this.#by(act),
        reason: act.reason,
      })
      return this.#decided(judgement, decision.verdict, act)
    })
  }

  /** An operator lets a child be upgraded to other bytes; nothing is bound, since it does not run them yet. */
  approveUpgrade(judgement: Judgement, narrow: readonly Grant[] | undefined, act: Act): Promise<void> {
    return this.#core.inTurn(async () => {
      refuseWhatNobodyMayApprove(judgement, this.#core.powers.trust.current.requireSignatures)
      const { subject, fingerprint } = judgement
      await this.#entryOf(judgement)
      const by = { fingerprint, ...this.#by(act) }
      await this.#core.powers.stores.approvals.approve(subject.child, narrow === undefined ? by : { ...by, narrow })
      const reason = [`approved by ${act.author}, for an upgrade`, act.reason].filter((part) => part !== '').join(': ')
      await this.#core.note(subject, {
        event: 'approval-decided',
        approval: 'approved',
        reason,
        details: { fingerprint },
      })
    })
  }

  /** An entry of what the child is now: there is none of one that never had to wait. */
  async #entryOf({ subject, manifest, fingerprint }: Judgement): Promise<ApprovalEntry> {
    const { approvals } = this.#core.powers.stores
    const known = approvals.entry(subject.child)
    if (known?.fingerprint === fingerprint) return known
    return approvals.request(subject.child, approvalSubjectOf(subject, manifest), this.#core.now())
  }

  #by({ author, reason }: Act) {
    return { reviewer: author, now: this.#core.now(), ...(reason === '' ? {} : { reason }) }
  }

  async #decided(
    { subject, fingerprint }: Judgement,
    decision: Decided['decision'],
    act: Act,
    narrow?: readonly Grant[],
  ): Promise<Decided> {
    const { child } = subject
    const left =
      narrow === undefined
        ? ''
        : `, narrowed to ${narrow.length === 1 ? '1 capability' : `${narrow.length} capabilities`}`
    const noted = this.#core.note(subject, {
      event: 'approval-decided',
      approval: decision,
      reason: [`${decision} by ${act.author}${left}`, act.reason].filter((part) => part !== '').join(': '),
      details: { fingerprint },
    })
    try {
      await noted
    } catch (thrown) {
      // A denial holds from when it was persisted, whether or not it could be told.
      if (decision === 'denied') await this.#core.bind(child)
      throw thrown
    }
    const bound = await this.#core.bind(child)
    this.#core.raise('approval.decided', child, { to: decision, reason: `${decision} by ${act.author}${left}` })
    return { child, fingerprint, decision, bound }
  }
}

function refuseWhatNobodyMayApprove({ plan, trust, trustFault, subject }: Judgement, requireSignatures: boolean): void {
  if (trustFault !== undefined) throw trustFault
  if (plan.kind !== 'wait') return
  if (!trust.revoked && plan.code !== 'signature-invalid') return
  throw new BulkheadError(plan.code, `\`${subject.child}\` cannot be approved: ${plan.reason}`, {
    details: { child: subject.child },
    hint: requireSignatures
      ? 'have it signed by a key that the trust document names'
      : 'take the revocation back in the trust document',
  })
}

function capabilityOf(text: string, componentId: string, kinds: KindCatalogue): Grant {
  const { kind, action, pattern } = parseCapability(text, kinds)
  checkPattern(pattern, { kind, action, componentId, kinds, port: 'required' })
  return { kind, action, pattern, origin: { document: 'bulkhead approve --narrow' } }
}
