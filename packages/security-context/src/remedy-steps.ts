import type { Capability, Grant } from '@bulkhead/capability'
import type { Layer } from '@bulkhead/vocabulary'
import type { Documents, PastPolicy } from './documents.js'
import { capabilityWord, csvField, originOf, placeOf, tomlString } from './hint-text.js'
import { joinContext, type SecurityContext } from './join.js'
import { narrowPatternsPerHintMax } from './limits.js'
import type { Refusal } from './refusals.js'

/** The lines and commands that end each refusal: what is to be taken out, and what is to be written. */
export type Steps = { readonly lifted: readonly string[]; readonly granted: readonly string[] }

type Asking = {
  readonly wanted: Capability
  /** Whether another context would not refuse it by deny rules and policy. */
  readonly passes: (context: SecurityContext) => boolean
  readonly context: SecurityContext
  readonly documents: Documents
  /** Layers without a rule that allows it. */
  readonly silent: ReadonlySet<Layer>
}

/** The steps for every refusal that a line or a command ends. Mounts have their own. */
export function stepsFor(
  wanted: Capability,
  passes: Asking['passes'],
  refusals: readonly Refusal[],
  context: SecurityContext,
  documents: Documents,
): Steps {
  const silent = new Set(refusals.filter(({ allowed }) => !allowed).map(({ layer }) => layer))
  const asking: Asking = { wanted, passes, context, documents, silent }
  const lifted = refusals.flatMap(({ layer, rules }) =>
    layer === 'role' ? rules.map(roleDenyStep) : unique(rules.map((rule) => denyStep(rule, asking))),
  )
  const granted = [...silent].flatMap((layer) => grantSteps[layer]?.(asking) ?? [])
  const denied = refusals.filter(({ layer }) => layer === 'deny').flatMap(({ rules }) => rules)
  return { lifted, granted: unique([...granted, ...applyStep(denied, asking)]) }
}

/** What to know where a layer refuses that no document of the child can widen. */
export function fixedNote(refusals: readonly Refusal[]): string | undefined {
  return refusals.map(({ layer }) => fixedNotes[layer]).find((note) => note !== undefined)
}

const fixedNotes: Partial<Record<Layer, string>> = {
  ceiling: "the supervisor's ceiling refuses it, and nothing that is granted to the child alone lifts that",
  reduction: 'it was taken from the child because of what the child did, and comes back when that is released',
}

const grantSteps: Partial<Record<Layer, (asking: Asking) => readonly string[]>> = {
  manifest: manifestSteps,
  approval: approvalSteps,
  policy: policySteps,
  role: roleSteps,
}

/** `filesystem.read = ["/data/x"] in Component.toml:7` */
function manifestSteps({ wanted, documents }: Asking): readonly string[] {
  return [`${nativeLine(wanted)} in ${placeOf(documents.manifest, 'Component.toml')}`]
}

/**
 * Where the manifest changes, what was approved are other bytes, so it is approved again as it was; else the reviewer
 * narrowed it, and widens what was left.
 */
function approvalSteps({ wanted, context, documents, silent }: Asking): readonly string[] {
  const child = documents.child ?? 'CHILD'
  const { standing, approval = [] } = context.parts
  if (standing?.approval === 'bypassed') return []
  if (documents.approved !== undefined) {
    return [`the digest of the changed manifest in approved in ${placeOf(documents.approved, 'bulkhead.toml')}`]
  }
  const whole = silent.has('manifest') || approval.length === 0 || approval.length >= narrowPatternsPerHintMax
  const narrow = whole ? [] : [...approval, wanted].map((grant) => ` --narrow ${capabilityWord(grant)}`)
  return [`bulkhead approve ${child}${narrow.join('')}`]
}

function policySteps({ wanted, documents }: Asking): readonly string[] {
  const { policy, child } = documents
  // The file no longer says what is in force: taking it again would undo what was revoked since.
  if (policy?.edited === true && child !== undefined) return [`bulkhead grant ${child} ${capabilityWord(wanted)}`]
  const line = policy?.format === 'wassette' ? wassetteLine(wanted) : `${nativeLine(wanted)} under [allow]`
  return [`${line} in ${placeOf(policy, 'the policy')}`, ...(policy?.apply === undefined ? [] : [policy.apply])]
}

function roleSteps({ wanted, context, documents }: Asking): readonly string[] {
  const { kind, action, pattern } = wanted
  const fields = ['p', context.principal, `${kind}:${action}`, pattern].map(csvField)
  return [`${fields.join(', ')} in ${placeOf(documents.roles, 'roles.csv')}`]
}

function roleDenyStep({ kind, action, pattern, origin }: Grant): string {
  return `without the rule that denies ${kind}:${action} on ${tomlString(pattern)} in ${originOf(origin)}`
}

function denyStep(rule: Grant, asking: Asking): string {
  const { kind, action, pattern, origin } = rule
  const { context, documents } = asking
  if (documents.child === undefined && origin.document === 'deny') return `without --deny ${capabilityWord(rule)}`
  const { policy } = documents
  const own = context.parts.deny.includes(rule)
  const version = own && policy?.edited === true ? versionWithout(asking) : undefined
  if (version !== undefined) return `bulkhead policy rollback ${documents.child} ${version}`
  return `without ${tomlString(pattern)} in ${kind}.${action} under [deny] in ${originOf(origin)}`
}

/** A rule that is taken out of the policy's file binds until the file is taken again. */
function applyStep(denied: readonly Grant[], { context, documents: { policy } }: Asking): readonly string[] {
  const own = denied.some((rule) => context.parts.deny.includes(rule))
  return own && policy?.edited !== true && policy?.apply !== undefined ? [policy.apply] : []
}

/** The newest earlier version of the policy under which nothing of the policy's own refuses the request. */
function versionWithout({ passes, context, documents }: Asking): number | undefined {
  return documents.policy?.past?.find((past) => passes(contextUnder(past, context)))?.version
}

/** A guest may be refused ten thousand names by one rule: what an earlier version would be is compiled once. */
const contextsUnder = new WeakMap<SecurityContext, Map<PastPolicy, SecurityContext>>()

function contextUnder(past: PastPolicy, context: SecurityContext): SecurityContext {
  const known = contextsUnder.get(context) ?? new Map<PastPolicy, SecurityContext>()
  contextsUnder.set(context, known)
  const made = known.get(past) ?? joinContext({ ...context.parts, policy: past.allow, deny: past.deny, sharedDeny: [] })
  known.set(past, made)
  return made
}

/** A line of a manifest or of a native policy, in the grammar of both. */
function nativeLine({ kind, action, pattern }: Capability): string {
  return `${kind}.${action} = [${tomlString(pattern)}]`
}

function wassetteLine({ kind, action, pattern }: Capability): string {
  return kind === 'environment'
    ? `{ key: ${tomlString(pattern)} } under permissions.environment.allow`
    : `{ uri: ${tomlString(`fs://${pattern}`)}, access: ["${action}"] } under permissions.storage.allow`
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}
