// A child gets other bytes while the tree runs.
//
// ORDER: verified, judged, shown; approved where it asks for more; tried beside the one that runs; then, in one turn of the
// desk, it becomes what the child is. The old instance is stopped in order, finishes the message that it has in hand, and its
// handles are closed by the fence; only then is the new one started, as the next incarnation. Mailbox and subscriptions are
// the child's, not the instance's: what comes meanwhile waits. For a while afterwards a fault takes all of it back.
//
// INVARIANT (own bytes): no context is taken for other bytes than those that the next start runs (`RunningTree.#rebind` too).

import type { PreparedComponent } from '@bulkhead/component'
import type { Tree } from '@bulkhead/manifest'
import type { SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, type HealthEventDraft, parseChildId } from '@bulkhead/vocabulary'
import type { TreeChild, TreeRoster } from '../administration/tree-roster.js'
import type { Desk } from '../authority/desk.js'
import type { Act } from '../authority/desk-core.js'
import type { Judgement } from '../authority/judge.js'
import { identityOf } from '../ladder/child-identity.js'
import { upgradeProbationMs } from '../limits.js'
import type { Exchange } from '../messages/exchange.js'
import { hasMailbox } from '../messages/message-member.js'
import { roleOf } from '../messages/message-role.js'
import { nowhere } from '../messages/nowhere.js'
import { type PlannedChild, planCalled } from '../plan-tree.js'
import { type PreparePowers, prepareCandidate } from '../prepare-child.js'
import type { Protection } from '../protection.js'
import type { Engine } from '../run-actor.js'
import { differenceOf, inheritedNarrow, isWider, type UpgradeDifference } from './difference.js'
import { Probation } from './probation.js'
import { probe } from './probe.js'

export type UpgradeOptions = Act & {
  /** Another manifest than the tree file names. */
  readonly manifest?: string
  /** Approves what it asks for beyond what was approved before. */
  readonly approve: boolean
}

/** What an upgrade came to. */
export type UpgradeReport = {
  readonly child: string
  /** `approval-required`: it asks for more, and nobody has said yes; nothing was changed. */
  readonly outcome: 'upgraded' | 'approval-required'
  readonly from: UpgradedComponent
  readonly to: UpgradedComponent
  /** What it asks for, as far as that is other than before. */
  readonly difference: UpgradeDifference
  readonly isWider: boolean
  /** For how long a fault takes it back. */
  readonly probationMs: number
}

export type UpgradedComponent = { readonly component: string; readonly digest: string; readonly version?: string }

export type UpgradePowers = Omit<PreparePowers, 'desk'> & {
  readonly tree: Tree
  readonly roster: TreeRoster
  readonly supervision: SupervisionTree
  readonly exchange: Exchange
  readonly desk: Desk
  readonly engine: Engine
  readonly protection: Protection
  readonly raise: (draft: HealthEventDraft) => void
  /** Puts the child's newest rules for messages and files into force for everybody else. */
  readonly settle: (child: TreeChild) => Promise<void>
}

type Candidate = {
  readonly planned: PlannedChild
  readonly component: PreparedComponent
  readonly judgement: Judgement
}
/** What a child was before. */
type Former = Pick<TreeChild, 'planned' | 'role'> & Pick<Candidate, 'component' | 'judgement'>

export class Upgrades {
  readonly #powers: UpgradePowers
  readonly #probations = new Map<string, Probation>()
  readonly #underWay = new Set<string>()
  #waiting: (() => void)[] = []

  constructor(powers: UpgradePowers) {
    this.#powers = powers
  }

  /** See `Runtime.upgrade`. */
  async upgrade(id: string, file: string, options: UpgradeOptions): Promise<UpgradeReport> {
    const child = this.#powers.roster.children.get(id)
    if (child === undefined) {
      throw new BulkheadError('usage', `the tree has no child \`${id}\``, { hint: '`bulkhead ps` shows its children' })
    }
    if (this.#underWay.has(id) || this.#probations.has(id)) {
      throw new BulkheadError('update-conflict', `\`${id}\` is being upgraded already`, {
        hint: 'wait until its probation is over',
      })
    }
    this.#underWay.add(id)
    try {
      return await this.#upgrade(child, file, options)
    } finally {
      this.#underWay.delete(id)
    }
  }

  /** Whether a child is being upgraded, or on probation after it. */
  isBusy(id: string): boolean {
    return this.#underWay.has(id) || this.#probations.has(id)
  }

  /** Takes what supervision says. Synchronous: after a fault the next start is decided in the same step. */
  heard(draft: HealthEventDraft): void {
    const member = draft.child === undefined ? undefined : this.#powers.roster.members.get(draft.child)
    if (member !== undefined) this.#probations.get(member.child.live.id)?.heard(draft)
    for (const look of this.#waiting.splice(0)) look()
  }

  close(): void {
    for (const probation of this.#probations.values()) probation.end()
  }

  async #upgrade(child: TreeChild, file: string, options: UpgradeOptions): Promise<UpgradeReport> {
    const { live } = child
    const before = live.judgement
    const { planned, component, judgement: first } = await this.#examine(child, file, options.manifest)
    this.#refuseQuarantined(child, component, file)
    const wider = isWider(before, first)
    const report = {
      child: live.id,
      ...{ from: describe(before), to: describe(first), difference: differenceOf(before, first), isWider: wider },
      probationMs: this.#probationMs,
    }
    const judgement = await this.#approved(before, first, wider, options)
    if (judgement === undefined) return { ...report, outcome: 'approval-required' }
    const candidate = { planned, component: await this.#fitting(component, planned, judgement), judgement }
    await this.#probe(child, candidate)
    const former = { planned: child.planned, role: child.role, component: live.component, judgement: before }
    await this.#powers.desk.succeed(judgement.subject, (newest) =>
      this.#swap(child, { ...candidate, judgement: newest }),
    )
    this.#onProbation(child, former)
    await this.renew(child)
    this.#powers.raise({
      ...this.#about(child, 'child.upgraded', report.from, report.to),
      reason: onProbation(this.#probationMs),
    })
    return { ...report, outcome: 'upgraded' }
  }

  /** Verifies and judges the bytes; nothing is kept of it. */
  async #examine(child: TreeChild, file: string, manifest: string | undefined): Promise<Candidate> {
    const { tree, protection, desk, engine } = this.#powers
    const { approved: _approved, ...rest } = child.planned.spec
    const spec = { ...rest, component: file, ...(manifest === undefined ? {} : { manifest }) }
    const planned = planCalled(spec, tree, protection, engine.kinds, `upgrade of ${child.live.id}`)
    const { subject, component } = await prepareCandidate(planned, tree, this.#powers)
    const { subject: before } = child.live.judgement
    if (subject.component.digest === before.component.digest && subject.manifest?.digest === before.manifest?.digest) {
      throw new BulkheadError('usage', `\`${file}\` is what \`${child.live.id}\` runs`, { hint: 'name other bytes' })
    }
    const { handles, servesHttp } = roleOf(component, subject.kind)
    if (servesHttp !== child.role.servesHttp) {
      const [is, wanted] = servesHttp ? ['answers', 'answers none'] : ['answers no', 'answers them']
      throw new BulkheadError(
        'component-invalid',
        `\`${file}\` ${is} HTTP requests, and \`${child.live.id}\` ${wanted}`,
        {
          hint: 'change the tree file, and start it again',
        },
      )
    }
    if (handles !== child.role.handles) {
      const [is, wanted] = handles ? ['handles', 'handles none'] : ['handles no', 'handles them']
      throw new BulkheadError('component-invalid', `\`${file}\` ${is} messages, and \`${child.live.id}\` ${wanted}`, {
        hint: 'change the tree file, and start it again',
      })
    }
    const judgement = await desk.tryOut(subject)
    if (judgement.trustFault !== undefined) throw judgement.trustFault
    return { planned, component, judgement }
  }

  /** Whoever runs these bytes would not run: what they did elsewhere has to be forgiven first. */
  #refuseQuarantined({ planned, live }: TreeChild, { codeDigest }: PreparedComponent, file: string): void {
    const { supervision, tree } = this.#powers
    const { tenant = '' } = identityOf(planned.spec, tree, live)
    const past = supervision.pastOf({ tenant, codeDigest })
    if (past?.level !== 'quarantine') return
    const why = past.because === undefined ? '' : `: ${past.because}`
    throw new BulkheadError(
      'component-quarantined',
      `\`${file}\` is quarantined for what it did as another child${why}`,
      {
        hint: 'bulkhead release CHILD --reason TEXT, where CHILD is one that ran it; then upgrade',
      },
    )
  }

  /** The judgement by which it may start; `undefined` when it asks for more and nobody has said yes. */
  async #approved(
    before: Judgement,
    found: Judgement,
    wider: boolean,
    { approve, author, reason }: UpgradeOptions,
  ): Promise<Judgement | undefined> {
    const { desk } = this.#powers
    const { plan, subject } = found
    if (plan.kind === 'start') return found
    if (plan.code !== 'approval-required') {
      throw new BulkheadError(plan.code, `\`${subject.component.reference}\` may not run: ${plan.reason}`)
    }
    if (wider && !approve) return undefined
    const narrow = wider ? undefined : inheritedNarrow(before, found)
    await desk.approvals.approveUpgrade(found, narrow, { author, reason })
    return await desk.tryOut(subject)
  }

  async #fitting(found: PreparedComponent, planned: PlannedChild, { limits }: Judgement): Promise<PreparedComponent> {
    const { builder, signal } = this.#powers
    const memoryBytesMax = limits.memoryBytes.value
    const component = await builder.prepare({ file: planned.componentFile }, { memoryBytesMax, signal })
    if (component.digest === found.digest) return component
    throw new BulkheadError('component-digest-mismatch', `\`${planned.componentFile}\` was changed meanwhile`, {
      hint: 'upgrade once more',
    })
  }

  async #probe({ live, role }: TreeChild, { planned, component, judgement }: Candidate): Promise<void> {
    // A program runs when it is started: there is no trying it beside another.
    if (!hasMailbox(role) || judgement.obstacle !== undefined) return
    const { engine, desk, exchange } = this.#powers
    const { plan, trust } = judgement
    await probe(
      {
        file: planned.componentFile,
        component,
        context: live.contextBy(judgement),
        documents: desk.documentsOf(judgement),
        standing: { trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level, approval: plan.state },
        messages: nowhere(exchange, roleOf(component, judgement.subject.kind)),
      },
      engine,
    )
  }

  /** From here on the next start is another component's. */
  #swap(child: TreeChild, { planned, component, judgement }: Candidate): void {
    child.planned = planned
    child.role = roleOf(component, judgement.subject.kind)
    child.live.take(judgement, this.#powers.desk.documentsOf(judgement), component)
  }

  /** Has every member that runs run anew, and resolves when none of them is what it was. */
  async renew(child: TreeChild): Promise<void> {
    const { supervision, roster, exchange } = this.#powers
    const members = roster.membersOf(child.live.id).map(parseChildId)
    const before = new Map(members.map((id) => [id, supervision.child(id)?.incarnation]))
    for (const id of members) supervision.renew(id)
    exchange.setRole(child.live.id, child.role)
    await this.#until(() =>
      members.every((id) => {
        const view = supervision.child(id)
        const isOver = view === undefined || !['stopping', 'killing', 'starting', 'evaluating'].includes(view.state)
        return isOver && (view?.state !== 'running' || view.incarnation !== before.get(id))
      }),
    )
    await this.#powers.settle(child)
    child.live.announce()
  }

  #onProbation(child: TreeChild, former: Former): void {
    const { live } = child
    const { clock } = this.#powers.engine
    const passed = (): void => void this.#probations.delete(live.id)
    const failed = (reason: string): void => {
      passed()
      const to = describe(live.judgement)
      // Before the next start is made, which would be the new one's again.
      this.#swap(child, former)
      void this.#rollBack(child, former, to, reason)
    }
    this.#probations.set(live.id, new Probation(clock, this.#probationMs, failed, passed))
  }

  async #rollBack(child: TreeChild, former: Former, to: UpgradedComponent, reason: string): Promise<void> {
    const { desk, raise } = this.#powers
    const from = describe(former.judgement)
    raise({ ...this.#about(child, 'child.upgrade-rolled-back', to, from), reason })
    try {
      // Whatever was decided about the child meanwhile holds for what it is again, too.
      await desk.succeed(former.judgement.subject, (newest) => this.#swap(child, { ...former, judgement: newest }))
    } catch (thrown) {
      desk.judgeAgain(child.live.id)
      raise({ ...this.#about(child, 'policy.rejected', to, from), reason: String(thrown) })
    }
    await this.renew(child)
  }

  #about(
    child: TreeChild,
    type: HealthEventDraft['type'],
    from: UpgradedComponent,
    to: UpgradedComponent,
  ): HealthEventDraft {
    return { type, supervisor: child.supervisor, child: child.live.id, from: inShort(from), to: inShort(to) }
  }

  get #probationMs(): number {
    return Math.ceil(upgradeProbationMs / this.#powers.tree.timeScale)
  }

  /** Looks again after everything that supervision says, and resolves when it is so. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(() => queueMicrotask(resolve)))
  }
}

function describe({ subject, manifest }: Judgement): UpgradedComponent {
  const { reference, digest } = subject.component
  const version = manifest?.component.version
  return { component: reference, digest, ...(version === undefined ? {} : { version }) }
}

function inShort({ version, digest }: UpgradedComponent): string {
  const short = digest.slice(0, 19)
  return version === undefined ? short : `${version} (${short})`
}

function onProbation(ms: number): string {
  return `a fault within ${Math.ceil(ms / 1_000)} s takes it back`
}
