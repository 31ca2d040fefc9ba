// What an operator may ask; nothing here changes anything.

import type { ChildSummary, EffectiveReport, ExplanationReport, RecommendationReport } from '@bulkhead/admin'
import { type Grant, parseRequest } from '@bulkhead/capability'
import { type Generalisation, generalisations } from '@bulkhead/policy'
import { explainContext, explainRequest } from '@bulkhead/security-context'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { DeskCore } from './desk-core.js'
import { documentsOf } from './documents-of.js'
import { type Judgement, noRun } from './judge.js'
import { recommendApart } from './recommend-apart.js'

export type RecommendOptions = {
  /** How far names may be generalised; `none` unless said. */
  readonly generalise?: string
  /** Records since this instant: wall clock, milliseconds. */
  readonly since?: number
}

export class AnswersDesk {
  readonly #core: DeskCore
  readonly #auditDirectory: string

  constructor(core: DeskCore, auditDirectory: string) {
    this.#core = core
    this.#auditDirectory = auditDirectory
  }

  children(): Promise<readonly ChildSummary[]> {
    const summaries = this.#core.subjects().map(async (subject): Promise<ChildSummary> => {
      const { child, component } = subject
      const judgement = await this.#core.judge(subject)
      const { plan, trust, policy, operator } = judgement
      return {
        child,
        component: component.reference,
        digest: component.digest,
        ...this.#stateOf(judgement),
        trust: plan.state === 'bypassed' ? 'dev-mode' : trust.level,
        approval: plan.state,
        ...(policy?.version === undefined ? {} : { policy: policy.version.number }),
        operatorGrants: operator.length,
      }
    })
    return Promise.all(summaries)
  }

  /** Everything that decides what a child may do. */
  async effective(child: string): Promise<EffectiveReport> {
    const subject = this.#core.subject(child)
    const judgement = await this.#core.judge(subject)
    const { plan, trust, policy, policyFault } = judgement
    const report = explainContext(this.#contextOf(judgement), this.#documentsOf(judgement))
    const { componentId, granted, ungranted, denied, limits, roles, mounts } = report
    const policyVersion = this.#core.live.versionOf(child)
    return {
      ...{ child, componentId, granted, ungranted, denied, limits, mounts },
      ...(roles === undefined ? {} : { roles }),
      component: { reference: subject.component.reference, digest: subject.component.digest },
      ...this.#stateOf(judgement),
      trust: { level: plan.state === 'bypassed' ? 'dev-mode' : trust.level, reason: trust.reason },
      approval: { state: plan.state, reason: policyFault?.message ?? plan.reason },
      ...(policyVersion === undefined ? {} : { policyVersion }),
      ...(policy?.version === undefined
        ? {}
        : { policy: { version: policy.version.number, file: policy.version.file, key: policy.key } }),
    }
  }

  /** Whether a request would be allowed, and why. */
  async explain(child: string, text: string): Promise<ExplanationReport> {
    const request = parseRequest(text, this.#core.powers.stores.kinds)
    const judgement = await this.#core.judge(this.#core.subject(child))
    const { remedy, ...report } = explainRequest(request, this.#contextOf(judgement), this.#documentsOf(judgement))
    const note = remedy?.note ?? report.note
    return {
      ...report,
      child,
      allow: remedy?.once[0] ?? null,
      always: remedy?.always ?? [],
      ...(note === undefined ? {} : { note }),
    }
  }

  /** The least policy that covers what a child really did, by its audit log. */
  async recommend(child: string, options: RecommendOptions = {}): Promise<RecommendationReport> {
    const subject = this.#core.subject(child)
    const generalise = generalisationOf(options.generalise ?? 'none')
    const judgement = await this.#core.judge(subject)
    const { parts } = this.#contextOf(judgement)
    const { wanted: _wanted, ...recommendation } = await recommendApart({
      auditDirectory: this.#auditDirectory,
      child,
      ...(options.since === undefined ? {} : { since: options.since }),
      digest: subject.component.digest,
      input: {
        componentId: subject.componentId,
        kinds: this.#core.powers.stores.kinds,
        present: {
          allow: effectiveGrants(judgement, parts.operator),
          deny: [...parts.deny, ...(parts.sharedDeny ?? [])],
          ...(judgement.policy === undefined ? {} : { policy: judgement.policy.policy }),
        },
        generalise,
      },
    })
    return { child, ...recommendation }
  }

  #contextOf(judgement: Judgement) {
    return judgement.contextAt(this.#core.live.versionOf(judgement.subject.child) ?? 0, noRun(judgement.subject))
  }

  #documentsOf(judgement: Judgement) {
    return documentsOf(judgement, this.#core.powers.stores)
  }

  #stateOf({ subject, obstacle }: Judgement): { readonly state?: string } {
    const state = this.#core.live.stateOf(subject.child)
    if (state === undefined) return {}
    return { state: state === 'waiting' && obstacle !== undefined ? `waiting(${obstacle.code})` : state }
  }
}

/** What holds now, as one list: the narrowest side that there is, and what operators granted. */
function effectiveGrants({ manifest, plan, policy }: Judgement, operator: readonly Grant[]): readonly Grant[] {
  const approved = plan.kind === 'start' ? plan.narrow : []
  return [...(policy?.policy.allow ?? approved ?? manifest?.capabilities ?? []), ...operator]
}

function generalisationOf(text: string): Generalisation {
  const found = generalisations.find((one) => one === text)
  if (found !== undefined) return found
  throw new BulkheadError('usage', `\`${text}\` is no level of generalisation`, {
    hint: `one of ${generalisations.join(', ')}`,
  })
}
