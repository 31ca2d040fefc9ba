// What a host application may ask and do about authority: the desk, with the author filled in.

import type {
  EffectiveReport,
  ExplanationReport,
  OperatorGrantReport,
  PolicyDiffReport,
  PolicyVersionReport,
  RecommendationReport,
  ReviewReport,
  ReviewSummary,
} from '@bulkhead/admin'
import type { PolicyFormat, RegistryMetrics } from '@bulkhead/policy'
import { hostAuthor } from './audit/host-author.js'
import type { ApproveOptions, Decided } from './authority/approval-desk.js'
import type { Desk } from './authority/desk.js'
import type { ChangedGrants, ChangedPolicy } from './authority/desk-types.js'

/** Who acts, and why; both stand in the audit log. */
export type ActOptions = {
  /** Default: `host application`. */
  readonly author?: string
  readonly reason?: string
}

/** A policy document: its text, and its name, by whose ending the format is known. */
export type PolicyInput = {
  readonly text: string
  /** `ingest.policy.toml` is native, `*.yaml` and `*.yml` are Wassette's. */
  readonly file: string
  readonly format?: PolicyFormat
  readonly signature?: string
  /** The version that the caller has seen; 0: there was none. Another current one is `update-conflict`. */
  readonly expected?: number
}

/** Of the checks that running components asked for since their start. */
export type CheckMetrics = {
  readonly granted: number
  readonly denied: number
  readonly cacheHits: number
  readonly cacheMisses: number
  /** Mean of the sampled uncontended checks, in nanoseconds; absent before the first sample. */
  readonly latencyNs?: number
  /** Denied out of all, 0 to 1. */
  readonly denialRate: number
}

export type PolicyMetrics = RegistryMetrics & { readonly checks: CheckMetrics }

/** `runtime.policy`: what children may do, and how that changes. Children are named as in the tree. */
export type PolicyApi = {
  /** Everything that decides what a child may do: each grant with its origins, each refusal with its remedy. */
  readonly show: (child: string) => Promise<EffectiveReport>
  /** Whether a request, as `KIND.ACTION=RESOURCE`, would be allowed, and why. Asks nothing of the guest; not audited. */
  readonly explain: (child: string, request: string) => Promise<ExplanationReport>
  /** The versions of a child's policy, newest first; at most 20. */
  readonly history: (child: string) => readonly PolicyVersionReport[]
  readonly text: (child: string, version?: number) => { readonly version: number; readonly text: string }
  /** Resolves when the new version binds, also inside running calls. A failure leaves the old one in force. */
  readonly update: (child: string, document: PolicyInput, options?: ActOptions) => Promise<ChangedPolicy>
  /** The policy of the children of a kind that have none of their own. */
  readonly setDefault: (kind: string, document: PolicyInput, options?: ActOptions) => Promise<ChangedPolicy>
  readonly diff: (child: string, from?: number, to?: number) => Promise<PolicyDiffReport>
  readonly rollback: (child: string, to: number, options?: ActOptions) => Promise<ChangedPolicy>
  readonly recommend: (
    child: string,
    options?: { readonly generalise?: string; readonly since?: number },
  ) => Promise<RecommendationReport>
  readonly metrics: () => PolicyMetrics
}

/** `runtime.approvals`: components that nobody has decided about. */
export type ApprovalsApi = {
  readonly list: () => Promise<readonly ReviewSummary[]>
  /**
   * What a component asks for, in words, with risks and changes. Marks it as being looked at, unless `marks` is `false`: for
   * those who may look and not decide.
   */
  readonly review: (child: string, options?: ActOptions & { readonly marks?: boolean }) => Promise<ReviewReport>
  readonly approve: (child: string, options?: ActOptions & ApproveOptions) => Promise<Decided>
  readonly deny: (
    child: string,
    options: ActOptions & { readonly reason: string; readonly fingerprint?: string },
  ) => Promise<Decided>
}

export type GrantOptions = ActOptions & {
  /** The grant ends by itself after this many milliseconds. */
  readonly expiresMs?: number
}

export type DeskApi = {
  readonly policy: PolicyApi
  readonly approvals: ApprovalsApi
  readonly grant: (
    child: string,
    capabilities: string | readonly string[],
    options?: GrantOptions,
  ) => Promise<ChangedGrants>
  readonly revoke: (
    child: string,
    capabilities: string | readonly string[],
    options?: ActOptions,
  ) => Promise<ChangedGrants>
  readonly grants: (child?: string) => readonly OperatorGrantReport[]
}

/** @param desk throws where there is none */
export function deskApi(desk: () => Desk, checks: () => CheckMetrics): DeskApi {
  return {
    policy: {
      show: async (child) => desk().answers.effective(child),
      explain: async (child, request) => desk().answers.explain(child, request),
      history: (child) => desk().policies.history(child),
      text: (child, version) => desk().policies.text(child, version),
      update: async (child, document, options) => desk().policies.update(child, document, actOf(options)),
      setDefault: async (kind, document, options) => desk().policies.setDefault(kind, document, actOf(options)),
      diff: async (child, from, to) => desk().policies.diff(child, from, to),
      rollback: async (child, to, options) => desk().policies.rollback(child, to, actOf(options)),
      recommend: async (child, options = {}) => desk().answers.recommend(child, options),
      metrics: () => ({ ...desk().registryMetrics(), checks: checks() }),
    },
    approvals: {
      list: async () => desk().approvals.list(),
      review: async (child, options) =>
        desk().approvals.review(child, options?.marks === false ? undefined : actOf(options).author),
      approve: async (child, options = {}) => desk().approvals.approve(child, options, actOf(options)),
      deny: async (child, options) => desk().approvals.deny(child, options, actOf(options)),
    },
    grant: async (child, capabilities, options = {}) => {
      const { expiresMs } = options
      const act = { ...actOf(options), ...(expiresMs === undefined ? {} : { expiresMs }) }
      return desk().grants.grant(child, listOf(capabilities), act)
    },
    revoke: async (child, capabilities, options) => desk().grants.revoke(child, listOf(capabilities), actOf(options)),
    grants: (child) => desk().grants.list(child),
  }
}

function actOf(options: ActOptions = {}) {
  return { author: options.author ?? hostAuthor, reason: options.reason ?? '' }
}

function listOf(capabilities: string | readonly string[]): readonly string[] {
  return typeof capabilities === 'string' ? [capabilities] : capabilities
}
