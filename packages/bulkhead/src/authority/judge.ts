// From a subject to what it may do now. Everything that has a say is asked here, in one place, and nothing is acted on.

import type { Grant, KindCatalogue } from '@bulkhead/capability'
import { type Manifest, parseManifest } from '@bulkhead/manifest'
import {
  childPolicyKey,
  defaultPolicyKey,
  type OperatorGrant as OperatorGrantRecord,
  type Policy,
  type PolicyKey,
  type PolicyVersion,
  type RoleLists,
  type Roles,
  rolesFor,
} from '@bulkhead/policy'
import {
  type ContextMount,
  type ContextParts,
  type ContextReduction,
  contextLimits,
  joinContext,
  missingRequirements,
  type NarrowedLimits,
  narrowLimits,
  reduceParts,
  type SecurityContext,
} from '@bulkhead/security-context'
import {
  type ApprovalPlan,
  determineTrust,
  fingerprintOf,
  planApproval,
  readComponentSignature,
  standingOf,
  surveyComponent,
  type Trust,
  type TrustVerdict,
} from '@bulkhead/trust'
import { type Action, BulkheadError, type ErrorCode, type Kind, parseDigest } from '@bulkhead/vocabulary'
import { manifestsKeptMax } from '../limits.js'
import type { Protection } from '../protection.js'
import type { AuthorityStores } from './authority-stores.js'
import { approvalSubjectOf, isPinned, manifestFileOf, type Subject } from './subject.js'

export type JudgePowers = {
  readonly stores: AuthorityStores
  readonly trust: Trust
  /** Whether nothing kept it from being trusted since it was taken in. */
  readonly mayBeTrusted: boolean
  readonly roles: Roles | undefined
  /** The shared policies that are in force for the child. */
  readonly shared: readonly Policy[]
  readonly devMode: boolean
  readonly protection: Protection
  /** Wall clock, milliseconds. */
  readonly now: number
  /** What the files looked like that trust is determined by, taken before they are read. */
  readonly marks: string
  /** Why the document that the tree names for the child was refused. */
  readonly refusedPolicy?: BulkheadError
  /** Judges as if this were the child's policy. */
  readonly candidate?: Policy
}

/** The policy that is in force for a child: its own, or the default of its kind. */
export type PolicyInForce = {
  readonly key: PolicyKey
  /** Absent for one that is only tried. */
  readonly version?: PolicyVersion
  readonly policy: Policy
}

export type Judgement = {
  readonly subject: Subject
  readonly manifest: Manifest | undefined
  readonly trust: TrustVerdict
  /** Why the trust could not be determined: a signature that does not prove what it should. */
  readonly trustFault?: BulkheadError
  readonly plan: ApprovalPlan
  /** What a reviewer's decision is bound to. */
  readonly fingerprint: string
  readonly policy?: PolicyInForce
  /** Why the policy could not be read; everything is denied then. */
  readonly policyFault?: BulkheadError
  readonly operator: readonly OperatorGrantRecord[]
  readonly limits: NarrowedLimits
  readonly marks: string
  /** Why the child may not start, or `undefined` when it may. */
  readonly obstacle?: Obstacle
  /** The context at a version, for a run with these mounts, arguments and variables; less what a rung takes away. */
  readonly contextAt: (version: number, run: RunFacts, reduction?: ContextReduction) => SecurityContext
}

export type Obstacle = { readonly code: ErrorCode; readonly reason: string; readonly hint: string }

/** What only a run has. */
export type RunFacts = {
  readonly mounts: readonly ContextMount[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  readonly configuration?: readonly (readonly [name: string, value: string])[]
  readonly secretNames?: readonly string[]
}

/** Judges a child by everything that is known and decided now. */
export async function judge(subject: Subject, powers: JudgePowers): Promise<Judgement> {
  const { stores, roles, now } = powers
  const manifest = manifestOf(subject, stores.kinds)
  const { trust, trustFault } = await trustOf(subject, powers)
  const request = approvalSubjectOf(subject, manifest)
  const fingerprint = fingerprintOf(request)
  const decision = stores.approvals.decisionFor(subject.child, fingerprint)
  const plan = planApproval({
    trust,
    pinned: isPinned(subject),
    ...(decision === undefined ? {} : { decision }),
    devMode: powers.devMode,
    requireSignatures: powers.trust.requireSignatures,
  })
  const { policy, policyFault } = policyOf(subject, powers)
  const roleLists = roles === undefined ? undefined : await rolesFor(roles, subject.child)
  // A policy that cannot be read denies everything, and so does a denial: what an operator granted beside as well.
  const isRefused = policyFault !== undefined || plan.kind === 'wait'
  const operator = isRefused ? [] : stores.grants.list(subject.child, parseDigest(subject.component.digest), now)
  const limits = limitsOf(subject, manifest, policy?.policy)
  const parts = partsOf({ subject, manifest, trust, plan, policy, policyFault, operator, roleLists, limits, powers })
  const judged = { subject, manifest, trust, plan, fingerprint, operator, limits, marks: powers.marks }
  const contextAt = (version: number, run: RunFacts, reduction?: ContextReduction): SecurityContext => {
    const whole = { ...parts, ...run, policyVersion: version }
    return joinContext(reduction === undefined ? whole : reduceParts(whole, reduction))
  }
  const obstacle =
    trustFault === undefined
      ? obstacleOf(subject, plan, contextAt(0, noRun(subject)), policyFault)
      : obstacleFrom(subject, trustFault)
  return {
    ...judged,
    ...(trustFault === undefined ? {} : { trustFault }),
    ...(policy === undefined ? {} : { policy }),
    ...(policyFault === undefined ? {} : { policyFault }),
    ...(obstacle === undefined ? {} : { obstacle }),
    contextAt,
  }
}

/** The mounts as they were written, for questions about a child that does not run: nothing is opened by them. */
export function noRun(subject: Subject): RunFacts {
  return {
    mounts: subject.mounts.map((mount) => ({ ...mount, device: 0n, inode: 0n })),
    args: [],
    environment: subject.variables.map((name) => [name, ''] as const),
  }
}

// A child is judged again and again, and its manifest is the same for as long as its digest and its name are.
// What it means depends on the kinds that it was read by.
const manifests = new WeakMap<KindCatalogue, Map<string, Manifest>>()

function manifestOf({ manifest }: Subject, kinds: KindCatalogue): Manifest | undefined {
  if (manifest === undefined) return undefined
  const read = manifests.get(kinds) ?? new Map<string, Manifest>()
  manifests.set(kinds, read)
  const key = `${manifest.digest} ${manifest.file}`
  const known = read.get(key)
  if (known !== undefined) return known
  const parsed = parseManifest(manifest.text, { file: manifest.file, kinds })
  // What lies in the state directory is believed for what it says, not for the digest that stands beside it.
  if (parsed.digest !== manifest.digest) return parsed
  if (read.size >= manifestsKeptMax) read.clear()
  read.set(key, parsed)
  return parsed
}

async function trustOf(
  subject: Subject,
  { trust, now, mayBeTrusted }: JudgePowers,
): Promise<{ readonly trust: TrustVerdict; readonly trustFault?: BulkheadError }> {
  const { component, manifest } = subject
  try {
    const signature = readComponentSignature(component.file)
    const facts = {
      componentDigest: component.digest,
      manifestDigest: manifest?.digest ?? null,
      ...(signature === undefined ? {} : { signature }),
      ...surveyed(subject),
      now,
    }
    const verdict = await determineTrust(facts, trust)
    return { trust: verdict.level === 'trusted' && !mayBeTrusted ? heldDown(verdict) : verdict }
  } catch (thrown) {
    // Whatever kept it from being determined: what is granted can still be taken away, and nothing starts on it.
    const trustFault = thrown instanceof BulkheadError ? thrown : unreadable(component.file, thrown)
    return { trust: { level: 'unknown', revoked: false, reason: trustFault.message, keys: [] }, trustFault }
  }
}

function unreadable(file: string, cause: unknown): BulkheadError {
  return new BulkheadError('component-not-found', `what lies beside \`${file}\` cannot be read: ${String(cause)}`, {
    cause,
    hint: 'put the component back, then restart the tree',
  })
}

/** SPEC 6: while a tree runs, trust goes down by itself and never up. */
function heldDown(verdict: TrustVerdict): TrustVerdict {
  const reason = `${verdict.reason}; it was not trusted before, and is from the next start of the tree on`
  return { level: 'unknown', revoked: verdict.revoked, reason, keys: verdict.keys }
}

function surveyed(subject: Subject) {
  try {
    return surveyComponent(subject.component.file, manifestFileOf(subject))
  } catch {
    // One of them is gone since it was read: then nothing is known of where they lay.
    return {}
  }
}

function policyOf(
  subject: Subject,
  { stores: { registry }, candidate, refusedPolicy, trust }: JudgePowers,
): { readonly policy?: PolicyInForce; readonly policyFault?: BulkheadError } {
  if (candidate !== undefined) return { policy: { key: childPolicyKey(subject.child), policy: candidate } }
  if (refusedPolicy !== undefined) return { policyFault: refusedPolicy }
  try {
    const keys = [
      childPolicyKey(subject.child),
      ...(subject.kind === undefined ? [] : [defaultPolicyKey(subject.kind)]),
    ]
    for (const key of keys) {
      const version = registry.current(key)
      const policy = registry.currentPolicy(key, subject.componentId)
      if (version === undefined || policy === undefined) continue
      refuseWithdrawn(version, trust)
      return { policy: { key, version, policy } }
    }
    return {}
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError)) throw thrown
    return { policyFault: thrown }
  }
}

/** What was accepted once is in force only as long as it would be accepted still. */
function refuseWithdrawn({ number, file, signature }: PolicyVersion, trust: Trust): void {
  const hint = 'sign it with `bulkhead policy sign`, then `bulkhead policy update`'
  if (signature === undefined && trust.requireSignatures) {
    const message = `version ${number} (${file}) is not signed, and ${trust.file} requires it`
    throw new BulkheadError('signature-invalid', message, { hint })
  }
  const standing = signature === undefined ? 'trusted' : standingOf(signature, trust)
  if (standing === 'revoked' || (standing === 'unknown' && trust.requireSignatures)) {
    const what = standing === 'revoked' ? 'revokes' : 'trusts no longer'
    const message = `version ${number} (${file}) is signed by a key that ${trust.file} ${what}`
    throw new BulkheadError('signature-invalid', message, { hint })
  }
}

function limitsOf(subject: Subject, manifest: Manifest | undefined, policy: Policy | undefined): NarrowedLimits {
  const sources = [
    ...(manifest === undefined ? [] : [{ document: manifest.file, limits: manifest.quotas }]),
    { document: subject.tree.file, limits: subject.limits },
    ...(policy === undefined ? [] : [{ document: policy.file, limits: policy.limits }]),
  ]
  const { file } = subject.tree
  return narrowLimits(
    sources,
    subject.ceiling && { document: `${file} (ceiling of its supervisor)`, limits: subject.ceiling },
  )
}

type Found = {
  readonly subject: Subject
  readonly manifest: Manifest | undefined
  readonly trust: TrustVerdict
  readonly plan: ApprovalPlan
  readonly policy: PolicyInForce | undefined
  readonly policyFault: BulkheadError | undefined
  readonly operator: readonly OperatorGrantRecord[]
  readonly roleLists: RoleLists | undefined
  readonly limits: NarrowedLimits
  readonly powers: JudgePowers
}

function partsOf(found: Found): Omit<ContextParts, keyof RunFacts | 'policyVersion'> {
  const { subject, manifest, plan, policy, policyFault, operator, roleLists, limits, powers } = found
  const asked = manifest?.capabilities ?? []
  const approved = plan.kind === 'start' ? (plan.narrow ?? asked) : []
  const allowed = policyFault === undefined ? policy?.policy.allow : []
  return {
    principal: `component:${subject.child}`,
    componentId: subject.componentId,
    kinds: powers.stores.kinds,
    layers: [{ layer: 'manifest', grants: asked }],
    approval: approved,
    ...(allowed === undefined ? {} : { policy: allowed }),
    sharedAllow: powers.shared.flatMap(({ shared }) => shared?.allow ?? []),
    operator: operator.map(asGrant),
    deny: policy?.policy.deny ?? [],
    sharedDeny: powers.shared.flatMap(({ shared }) => shared?.deny ?? []),
    ...(roleLists === undefined ? {} : { roles: { allow: roleLists.allow, deny: roleLists.deny } }),
    forbidden: powers.protection.rules,
    ownDirectories: powers.protection.directories,
    limits: contextLimits(limits.memoryBytes.value, limits.handles.value, limits.cpuPercent.value),
    narrowed: limits,
    standing: { trust: found.plan.state === 'bypassed' ? 'dev-mode' : found.trust.level, approval: plan.state },
  }
}

function asGrant(record: OperatorGrantRecord): Grant & { readonly grantedBy: string; readonly expiresAt?: number } {
  const { kind, action, pattern, grantedBy, expiresAt } = record
  const origin = { document: `bulkhead grant, by ${grantedBy}` }
  return {
    kind: kind as Kind,
    action: action as Action,
    pattern,
    origin,
    grantedBy,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

function obstacleOf(
  { child }: Subject,
  plan: ApprovalPlan,
  context: SecurityContext,
  policyFault: BulkheadError | undefined,
): Obstacle | undefined {
  if (plan.kind === 'wait') {
    const hint =
      plan.code === 'approval-required'
        ? `bulkhead review ${child}, then bulkhead approve ${child}`
        : `bulkhead review ${child}`
    return { code: plan.code, reason: plan.reason, hint }
  }
  const [missing, ...others] = missingRequirements(context, { child })
  if (missing === undefined) return undefined
  const what = `${missing.kind}.${missing.action}=${missing.pattern}`
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  const because = policyFault === undefined ? missing.reason : `its policy is not valid: ${policyFault.message}`
  return {
    code: 'capability-required',
    reason: `it needs ${what}${more}: ${because}`,
    hint: missing.remedy?.once[0] ?? `bulkhead policy show ${child}`,
  }
}

function obstacleFrom({ child }: Subject, fault: BulkheadError): Obstacle {
  return { code: fault.code, reason: fault.message, hint: fault.hint ?? `bulkhead review ${child}` }
}
