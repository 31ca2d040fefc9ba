import type { RegistryMetrics } from '@bulkhead/policy'
import type { Documents } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import { AnswersDesk } from './answers-desk.js'
import { ApprovalDesk } from './approval-desk.js'
import { DeskCore, type DeskPowers, type LivePort } from './desk-core.js'
import { documentsOf } from './documents-of.js'
import { GrantDesk } from './grant-desk.js'
import type { Judgement } from './judge.js'
import { PolicyDesk } from './policy-desk.js'
import type { Subject } from './subject.js'

/** A judgement that may come. */
export type Foreseen = { readonly judgement: Judgement; readonly hasNewPolicy: boolean }

/** How long after a failure a child is judged again. */
const judgeAgainMs = 1_000

/**
 * Where authority is decided on: everything that an operator may ask and do about the children of a state directory,
 * whether a process runs them or not. Each change is persisted, then on record, then bound.
 */
export class Desk {
  readonly grants: GrantDesk
  readonly policies: PolicyDesk
  readonly approvals: ApprovalDesk
  readonly answers: AnswersDesk
  readonly #core: DeskCore

  /** @param auditDirectory of the log, for recommendations */
  constructor(powers: DeskPowers, auditDirectory: string) {
    this.#core = new DeskCore(powers)
    this.policies = new PolicyDesk(this.#core)
    this.grants = new GrantDesk(this.#core, this.policies)
    this.approvals = new ApprovalDesk(this.#core)
    this.answers = new AnswersDesk(this.#core, auditDirectory)
  }

  /** Binds the desk to the children that run. */
  attach(live: LivePort): void {
    this.#core.live = live
    this.grants.armExpiry()
  }

  /**
   * Takes a child of the tree in: takes its policy from where the tree file says, judges it, asks for a review where one is
   * needed, and puts all of it on record.
   */
  enroll(subject: Subject, policyLocation: string | undefined): Promise<Judgement> {
    return this.#core.inTurn(async () => {
      const { stores } = this.#core.powers
      await stores.subjects.put(subject.child, subject)
      this.#core.forgetTrust(subject.child)
      await this.grants.forgetOtherDigests(subject)
      if (policyLocation !== undefined) await this.policies.takeFrom(subject, policyLocation)
      const judgement = await this.#core.judge(subject)
      await this.#recordStanding(judgement)
      await this.approvals.enqueue(judgement)
      return judgement
    })
  }

  /** What would be judged of a child with other bytes. Nothing is kept of it. */
  tryOut(subject: Subject): Promise<Judgement> {
    return this.#core.inTurn(() => this.#core.judgeAnew(subject))
  }

  /**
   * What {@link enroll} would judge, and whether the document that the tree file names is another policy than is in force.
   * Nothing is kept of it.
   *
   * @throws {BulkheadError} for a policy that would be refused.
   */
  foresee(subject: Subject, policyLocation: string | undefined): Promise<Foreseen> {
    return this.#core.inTurn(async () => {
      const policy = policyLocation === undefined ? undefined : await this.policies.foresee(subject, policyLocation)
      return { judgement: await this.#core.judgeAnew(subject, policy), hasNewPolicy: policy !== undefined }
    })
  }

  /**
   * A child has other bytes from now on: they are judged, and put on record before `swap` puts them into its place.
   *
   * @throws {BulkheadError} what keeps it from starting with them; then everything stays as it was.
   */
  succeed(subject: Subject, swap: (judgement: Judgement) => void): Promise<void> {
    return this.#core.inTurn(async () => {
      const judgement = await this.#core.judgeAnew(subject)
      if (judgement.obstacle !== undefined) {
        const { code, reason, hint } = judgement.obstacle
        throw new BulkheadError(code, `\`${subject.child}\` would not start: ${reason}`, { hint })
      }
      await this.#recordStanding(judgement)
      await this.#core.powers.stores.subjects.put(subject.child, subject)
      this.#core.forgetTrust(subject.child)
      swap(judgement)
    })
  }

  /** Where the documents of a judged child stand, for hints. */
  documentsOf(judgement: Judgement): Documents {
    return documentsOf(judgement, this.#core.powers.stores)
  }

  /** Whether what a child was judged by outside the state directory is still the same: the trust document, its signature. */
  isStillJudged({ marks, subject }: Judgement): boolean {
    return marks === this.#core.marksOf(subject)
  }

  /** Judges a child again, puts the outcome on record and binds it. */
  judgeAgain(child: string): void {
    void this.#core
      .inTurn(async () => {
        const judgement = await this.judge(child)
        await this.#recordStanding(judgement)
        await this.approvals.enqueue(judgement)
        await this.#core.live.rebind([child])
      })
      .catch((thrown) => {
        // Until it is judged it does not start: what stood in the way may have gone by then.
        this.#core.raise('policy.rejected', child, { reason: String(thrown) })
        if (!this.#core.isClosed) this.#core.powers.clock.after(judgeAgainMs, () => this.judgeAgain(child))
      })
  }

  /** A child came or went: what it shares with others may begin or cease to be in force. */
  standingChanged(child: string): void {
    const sharers = this.#core.powers.shared.sharersOf(child)
    if (sharers.length === 0) return
    void this.#core
      .inTurn(async () => void (await this.#core.live.rebind(sharers)))
      .catch((thrown) => this.#core.raise('policy.rejected', child, { reason: String(thrown) }))
  }

  /** Judges a child anew. */
  judge(child: string): Promise<Judgement> {
    return this.#core.judge(this.#core.subject(child))
  }

  /** The tree file names these children from now on: what is shared by name may begin or cease to be in force. */
  treeHas(children: ReadonlySet<string>): void {
    this.#core.powers.shared.treeHas(children)
  }

  /** Forgets children that the tree no longer has: nobody can ask about them, and none of them waits for a review. */
  keepOnly(children: ReadonlySet<string>): Promise<void> {
    return this.#core.inTurn(async () => {
      const { subjects, approvals } = this.#core.powers.stores
      for (const { child } of this.#core.subjects()) {
        if (children.has(child)) continue
        await subjects.remove(child)
        await approvals.withdraw(child)
      }
    })
  }

  /** Forgets a child that is gone: nobody can ask about it, and it waits for no review. */
  forget(child: string): Promise<void> {
    return this.#core.inTurn(async () => {
      const { subjects, approvals } = this.#core.powers.stores
      await subjects.remove(child)
      await approvals.withdraw(child)
    })
  }

  registryMetrics(): RegistryMetrics {
    return this.#core.powers.stores.registry.metrics()
  }

  /** Resolves when no act is under way; timers end. */
  async close(): Promise<void> {
    this.grants.close()
    await this.#core.close()
  }

  async #recordStanding({ subject, trust, plan, policy }: Judgement): Promise<void> {
    const core = this.#core
    await core.note(subject, { event: 'trust-determined', trust: trust.level, reason: trust.reason })
    if (plan.state === 'bypassed') await core.note(subject, { event: 'dev-mode-bypass', reason: plan.reason })
    const inForce =
      policy?.version === undefined ? 'the approved manifest' : `version ${policy.version.number} of ${policy.key}`
    await core.note(subject, {
      event: 'policy-loaded',
      approval: plan.state,
      reason: `${inForce}; ${plan.reason}`,
      ...(policy?.version === undefined
        ? {}
        : { policyVersion: policy.version.number, details: { hash: policy.version.hash } }),
    })
  }
}
