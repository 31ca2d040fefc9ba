import { CapabilitySet, findRefusing, type Grant, type KindCatalogue, type PlainRule } from '@bulkhead/capability'
import { type Finding, quote } from '@bulkhead/document'
import { defaultForbidden } from '../forbidden.js'
import { conflictsMax } from './limits.js'
import type { Policy } from './policy.js'
import { groupRules } from './rule-order.js'

export type ConflictOptions = {
  /** Whom `self:` in a storage pattern means. */
  readonly componentId?: string
  /** The custom kinds that there are beside the built-in ones; default: none. */
  readonly kinds?: KindCatalogue
  /** What nothing can allow; default: the default list (SPEC 5). */
  readonly forbidden?: readonly PlainRule[]
}

/**
 * Rules of a policy that do nothing, or not what they seem to: an allow wholly under a deny or the forbidden list, a rule
 * that says the same as another one in other letters, a rule inside a wider one of the same action. Warnings, in the order
 * of the text: the policy holds with all of them. What is reported is certain; overlaps of several rules are not looked for.
 *
 * @example
 * ```ts
 * findConflicts(parsePolicy('[allow]\nfilesystem.read = ["/a/**", "/a/b"]\n', { file: 'p.toml' }))[0]?.message
 * // '`/a/b` does nothing: `/a/**` covers it'
 * ```
 */
export function findConflicts(policy: Policy, options: ConflictOptions = {}): readonly Finding[] {
  const shared = policy.shared ?? { allow: [], deny: [] }
  const findings = [policy, shared].flatMap(({ allow, deny }) => [
    ...withoutEffect(allow, deny, options),
    ...[...groupRules(allow), ...groupRules(deny)].flatMap(({ rules }) => shadowed(rules, options)),
  ])
  findings.sort((one, other) => one.line - other.line || one.column - other.column)
  const listed = findings.slice(0, conflictsMax)
  const last = listed.at(-1)
  const left = findings.length - listed.length
  if (last === undefined || left === 0) return listed
  return [...listed, { ...last, message: `${left} more warnings are not listed`, hint: 'mend the first ones first' }]
}

function withoutEffect(allow: readonly Grant[], deny: readonly Grant[], options: ConflictOptions): readonly Finding[] {
  const denies = setsOf(deny, options)
  return setsOf(allow, options).flatMap(({ rule, set }) => {
    const forbidden = findRefusing(options.forbidden ?? defaultForbidden, rule, options)
    if (forbidden !== undefined) return [forbiddenRule(rule, forbidden)]
    // What covers a rule may still not refuse it; what does not cover it never does, and is not asked.
    const near = denies.filter((other) => other.set.covers(set)).map((other) => other.rule)
    const denying = findRefusing(near, rule, options)
    if (denying === undefined) return []
    const message = `${quote(rule.pattern)} never has an effect: ${quote(denying.pattern)} is denied${place(denying)}`
    return [finding(rule, message, 'remove one of the two')]
  })
}

/** The forbidden list names files of the host; what is mounted at such a path may come from elsewhere. */
function forbiddenRule(grant: Grant, { pattern }: PlainRule): Finding {
  const effect =
    grant.kind === 'filesystem' ? 'does nothing for the file of the host that is named so' : 'never has an effect'
  const message = `${quote(grant.pattern)} ${effect}: the forbidden list has ${quote(pattern)}`
  return finding(grant, message, 'nothing overrides the forbidden list')
}

function shadowed(rules: readonly Grant[], options: ConflictOptions): readonly Finding[] {
  const sets = setsOf(rules, options)
  return sets.flatMap(({ rule, set }, index) => {
    const wider = sets.find((other, place) => {
      if (place === index || !other.set.covers(set)) return false
      return place < index || !set.covers(other.set)
    })
    if (wider === undefined) return []
    const message = set.covers(wider.set)
      ? `${quote(rule.pattern)} says the same as ${quote(wider.rule.pattern)}${place(wider.rule)}`
      : `${quote(rule.pattern)} does nothing: ${quote(wider.rule.pattern)}${place(wider.rule)} covers it`
    return [finding(rule, message, 'remove it, or narrow the other one')]
  })
}

/** Each rule as a set of its own, whose pattern is parsed once however often it is compared. */
function setsOf(rules: readonly Grant[], { componentId, kinds }: ConflictOptions) {
  const context = { ...(componentId === undefined ? {} : { componentId }), ...(kinds === undefined ? {} : { kinds }) }
  return rules.map((rule) => ({ rule, set: CapabilitySet.of([rule], context) }))
}

function place({ origin: { line } }: Grant): string {
  return line === undefined ? '' : ` in line ${line}`
}

function finding({ origin }: Grant, message: string, hint: string): Finding {
  return { file: origin.document, line: origin.line ?? 1, column: origin.column ?? 1, message, hint }
}
