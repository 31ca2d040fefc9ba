import { z } from 'zod'
import { defineCommands, type Handlers, type Requests } from './command-table.js'
import type { IncidentReport, IncidentSummary } from './incident-reports.js'
import { author, child, oneLine, reason, report } from './input-forms.js'
import { capabilitiesMax, capabilityCharactersMax, expiryMsMax } from './limits.js'
import type {
  Binding,
  ChildSummary,
  EffectiveReport,
  ExplanationReport,
  OperatorGrantReport,
  PolicyDiffReport,
  PolicyVersionReport,
  RecommendationReport,
  ReviewReport,
  ReviewSummary,
} from './reports.js'

/** `KIND.ACTION=PATTERN`, read where the catalogue of kinds is known. */
const capabilities = z.array(oneLine(capabilityCharactersMax).min(1)).min(1).max(capabilitiesMax)
const version = z.int().min(1)
const format = z.enum(['native', 'wassette'])
const document = {
  /** Exact text; its bytes in UTF-8 are what a signature is over. */
  text: z.string(),
  format,
  /** Name of the file, for findings and the history. */
  file: oneLine(4_096).min(1),
  reason: reason.default(''),
  author,
  /** A detached compact JWS over the text. */
  signature: z.string().optional(),
  /** The version that the caller has seen; another current one is `update-conflict`. 0: there was none. */
  expected: z.int().min(0).optional(),
}

const finding = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  message: z.string(),
  hint: z.string(),
})
const updated = z.object({
  version,
  /** `false`: the document in force has these very bytes. */
  changed: z.boolean(),
  warnings: z.array(finding),
  bound: z.array(report<Binding>()),
})
const changedGrants = z.object({
  /** What the command did, one line each, as `KIND.ACTION=PATTERN`. */
  changed: z.array(z.string()),
  /** How each of them was done: as an operator grant, or in the policy. */
  how: z.array(z.string()),
  /** The policy's new version, where it took one. */
  policyVersion: z.int().optional(),
  bound: report<Binding>(),
})
const decided = z.object({
  child: z.string(),
  fingerprint: z.string(),
  decision: z.enum(['approved', 'denied']),
  bound: report<Binding>(),
})

/**
 * What an operator may do to a tree, while it runs and while it does not. Each change is persisted and audited before it
 * takes effect.
 */
export const adminCommands = defineCommands({
  children: {
    description: 'the children that the state directory knows',
    input: z.strictObject({}),
    output: z.object({ children: z.array(report<ChildSummary>()) }),
  },
  'policy.show': {
    description: 'everything that decides what a child may do',
    input: z.strictObject({ child }),
    output: report<EffectiveReport>(),
  },
  'policy.history': {
    description: "the versions of a child's policy, newest first",
    input: z.strictObject({ child }),
    output: z.object({ versions: z.array(report<PolicyVersionReport>()) }),
  },
  'policy.text': {
    description: 'the text of one version; of the current one where none is named',
    input: z.strictObject({ child, version: version.optional() }),
    output: z.object({ version, text: z.string(), format, file: z.string() }),
  },
  'policy.update': {
    description: 'puts a new policy in force for a child',
    input: z.strictObject({ child, ...document }),
    output: updated,
  },
  'policy.rollback': {
    description: "puts an older version of a child's policy in force again, as a new one",
    input: z.strictObject({ child, to: version, reason: reason.default(''), author }),
    output: updated,
  },
  'policy.diff': {
    description: 'how two versions differ; by default the current one and the one before',
    input: z.strictObject({ child, from: version.optional(), to: version.optional() }),
    output: report<PolicyDiffReport>(),
  },
  'policy.default': {
    description: 'puts a policy in force for the children of a kind that have none of their own',
    input: z.strictObject({ kind: z.enum(['actor', 'command', 'service', 'library']), ...document }),
    output: updated,
  },
  grant: {
    description: 'grants a child something beside its documents',
    input: z.strictObject({
      child,
      capabilities,
      expiresMs: z.int().min(1).max(expiryMsMax).optional(),
      reason: reason.default(''),
      author,
    }),
    output: changedGrants,
  },
  revoke: {
    description: 'takes something from a child, also inside its running calls',
    input: z.strictObject({ child, capabilities, reason: reason.default(''), author }),
    output: changedGrants,
  },
  grants: {
    description: 'what operators granted, of one child or of all',
    input: z.strictObject({ child: child.optional() }),
    output: z.object({ grants: z.array(report<OperatorGrantReport>()) }),
  },
  explain: {
    description: 'whether a request would be allowed, and why',
    input: z.strictObject({ child, request: oneLine(capabilityCharactersMax).min(1) }),
    output: report<ExplanationReport>(),
  },
  reviews: {
    description: 'the components that wait for a decision',
    input: z.strictObject({}),
    output: z.object({ reviews: z.array(report<ReviewSummary>()) }),
  },
  review: {
    description: 'what one of them asks for, and what is risky in it',
    input: z.strictObject({ child, author }),
    output: report<ReviewReport>(),
  },
  approve: {
    description: 'lets a component run with what it asks for, or with less',
    input: z.strictObject({
      child,
      /** What the reviewer has seen; another one is `update-conflict`. */
      fingerprint: z.string().optional(),
      narrow: capabilities.optional(),
      reason: reason.default(''),
      author,
    }),
    output: decided,
  },
  deny: {
    description: 'refuses a component; it stays refused until it is approved or changes',
    input: z.strictObject({ child, fingerprint: z.string().optional(), reason: reason.min(1), author }),
    output: decided,
  },
  recommend: {
    description: 'the least policy that covers what a child really did',
    input: z.strictObject({
      child,
      /** How far names may be generalised, each level further than the one before. */
      generalise: z.enum(['none', 'siblings', 'directories', 'domains']).default('none'),
      /** Records since this instant; all by default. */
      since: z.int().optional(),
    }),
    output: report<RecommendationReport>(),
  },
  'incidents.list': {
    description: 'the times at which a child reached `process` or `quarantine`, oldest first',
    input: z.strictObject({ child: child.optional() }),
    output: z.object({ incidents: z.array(report<IncidentSummary>()) }),
  },
  'incidents.show': {
    description: 'what was known at one of them',
    input: z.strictObject({ id: z.int().min(1) }),
    output: report<IncidentReport>(),
  },
})

export type AdminCommands = typeof adminCommands
/** The code behind {@link adminCommands}. */
export type AdminHandlers = Handlers<AdminCommands>
/** Whoever can be asked {@link adminCommands}: a process over its socket, or a state directory that no process uses. */
export type AdminRequests = Requests<AdminCommands>
