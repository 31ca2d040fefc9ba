import type { ChildSpec, Tree } from '@bulkhead/manifest'
import type { ChildPlan, ChildRun, PoolTemplate, StartTerms } from '@bulkhead/supervisors'
import { Fault, parseChildId } from '@bulkhead/vocabulary'
import type { TreeMember, TreeRoster } from './administration/tree-roster.js'
import type { Desk } from './authority/desk.js'
import { identityOf } from './ladder/child-identity.js'
import type { Rung } from './ladder/rungs.js'
import { idleMsOf, sleepsUntilCalled } from './lifetimes/lifetime-rules.js'
import { startMsMax } from './limits.js'
import type { Planner } from './plan-supervision.js'
import type { SecretDesk } from './secrets/secret-desk.js'
import { type StartPowers, startMember } from './start-member.js'

export type PlanPowers = Omit<StartPowers, 'secrets' | 'inject'> & {
  readonly tree: Tree
  readonly roster: TreeRoster
  readonly desk: Desk
  readonly secrets: SecretDesk
}

/** How supervision is told of children: their terms, what wakes them, and how an incarnation of them is started. */
export class MemberPlans {
  readonly #powers: PlanPowers

  constructor(powers: PlanPowers) {
    this.#powers = powers
  }

  /** What each child of the tree file is planned as. */
  planner(): Planner {
    return {
      membersOf: (spec) =>
        spec.memberIds.flatMap((id) => {
          const member = this.#powers.roster.members.get(id)
          return member === undefined ? [] : [this.member(member)]
        }),
      templateOf: (spec) => this.#template(spec),
    }
  }

  #template(spec: ChildSpec): PoolTemplate {
    const child = this.#powers.roster.children.get(spec.id)
    if (child === undefined) throw new Fault('internal', `the template of \`${spec.id}\` was not prepared`)
    const {
      admission: _admission,
      dormancy: _dormancy,
      id: _id,
      port: _port,
      ...shared
    } = this.member({ id: spec.id, child })
    return {
      ...shared,
      own: (id) => this.#own({ id, child }),
      port: (id) => ({
        start: (incarnation, terms) =>
          this.#startRun(this.#powers.roster.members.get(id) ?? { id, child }, incarnation, terms),
      }),
    }
  }

  /** What each member has for itself: its memory, and its mailbox, which wakes it. */
  #own({ id, child: { live, planned } }: TreeMember): Pick<ChildPlan, 'admission' | 'dormancy'> {
    const { desk, ladder, exchange } = this.#powers
    const judged = live.admission(
      () => desk.isStillJudged(live.judgement),
      () => desk.judgeAgain(live.id),
    )
    const admission = ladder.admission(id, live, judged)
    const sleeps = sleepsUntilCalled(planned.spec.lifetime, live.judgement.subject.kind)
    const dormancy = sleeps ? exchange.dormancy(id) : undefined
    return dormancy === undefined ? { admission } : { admission, dormancy }
  }

  /** What one member is planned as. */
  member(member: TreeMember): ChildPlan {
    const { planned, live } = member.child
    const { spec } = planned
    return {
      id: parseChildId(member.id),
      restart: spec.restart ?? (isPermanent(live.judgement.subject.kind) ? 'permanent' : 'transient'),
      ...(spec.expect === undefined ? {} : { expect: spec.expect }),
      shutdownMs: spec.shutdownMs,
      significant: spec.significant,
      trust: () => (spec.trustedEscalates && live.judgement.trust.level === 'trusted' ? 'trusted' : 'unknown'),
      ...this.#own(member),
      identity: identityOf(spec, this.#powers.tree, live),
      // Above `thread` the component may have to be built first; an actor that has begun has a shorter time of its own.
      startMs: startMsMax,
      port: { start: (incarnation, terms) => this.#startRun(member, incarnation, terms) },
    }
  }

  #startRun({ id, child, args }: TreeMember, incarnation: number, terms: StartTerms): ChildRun {
    const { live, role, planned } = child
    const { secrets, ladder } = this.#powers
    const powers = {
      ...this.#powers,
      secrets: () => secrets.valuesOf(planned.spec),
      inject: () => secrets.injectionsOf(planned.spec),
    }
    const begin = (rung: Rung): ChildRun =>
      startMember({ id, incarnation, live, role, rung, args, idleMs: idleMsOf(planned.spec.lifetime) }, powers)
    return ladder.rungs.start(terms, live, planned.componentFile, begin, secrets.has(planned.spec))
  }
}

/** What waits for work is always there; a program ends. */
export function isPermanent(kind: string | undefined): boolean {
  return kind === 'actor' || kind === 'service'
}
