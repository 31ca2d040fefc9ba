import { CapabilitySet, findRefusing, type Grant, type KindCatalogue, type PlainRule } from '@bulkhead/capability'
import { type Finding, quote } from '@bulkhead/document'
import { defaultForbidden } from '../forbidden.js'
import { type ComparedRule, RuleComparer } from './compare-rules.js'
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
 * of the text: the policy holds with all of them. What is reported is certain; overlaps of several rules are not looked for,
 * and a policy of thousands of long patterns is not compared to its end, which the last warning says.
 *
 * @example
 * ```ts
 * findConflicts(parsePolicy('[allow]\nfilesystem.read = ["/a/**", "/a/b"]\n', { file: 'p.toml' }))[0]?.message
 * // '`/a/b` does nothing: `/a/**` covers it'
 * ```
 */
export function findConflicts(policy: Policy, options: ConflictOptions = {}): readonly Finding[] {
  const shared = policy.shared ?? { allow: [], deny: [] }
  const comparer = new RuleComparer()
  const findings = [policy, shared].flatMap(({ allow, deny }) => [
    ...withoutEffect(allow, deny, comparer, options),
    ...[...groupRules(allow), ...groupRules(deny)].flatMap(({ rules }) => shadowed(rules, comparer, options)),
  ])
  findings.sort((one, other) => one.line - other.line || one.column - other.column)
  const listed = findings.slice(0, conflictsMax)
  const place = listed.at(-1) ?? { file: policy.file, line: 1, column: 1 }
  const left = findings.length - listed.length
  return [
    ...listed,
    ...(left === 0 ? [] : [{ ...place, message: `${left} more warnings are not listed`, hint: 'mend the first ones' }]),
    ...(comparer.isSpent ? [{ ...place, message: 'not all rules were compared with each other', hint: fewer }] : []),
  ]
}

const fewer = 'fewer or shorter patterns could be'

function withoutEffect(
  allow: readonly Grant[],
  deny: readonly Grant[],
  comparer: RuleComparer,
  options: ConflictOptions,
): readonly Finding[] {
  const denies = setsOf(deny, options)
  return setsOf(allow, options).flatMap((allowed) => {
    const { rule } = allowed
    const forbidden = findRefusing(options.forbidden ?? defaultForbidden, rule, options)
    if (forbidden !== undefined) return [forbiddenRule(rule, forbidden)]
    // What covers a rule may still not refuse it; what does not cover it never does, and is not asked.
    const near = denies.filter((other) => coverings.has(comparer.relation(other, allowed))).map((other) => other.rule)
    const denying = findRefusing(near, rule, options)
    if (denying === undefined) return []
    const message = `${quote(rule.pattern)} never has an effect: ${quote(denying.pattern)} is denied${place(denying)}`
    return [finding(rule, message, 'remove one of the two')]
  })
}

const coverings: ReadonlySet<string> = new Set(['wider', 'same'])

/** The forbidden list names files of the host; what is mounted at such a path may come from elsewhere. */
function forbiddenRule(grant: Grant, { pattern }: PlainRule): Finding {
  const effect =
    grant.kind === 'filesystem' ? 'does nothing for the file of the host that is named so' : 'never has an effect'
  const message = `${quote(grant.pattern)} ${effect}: the forbidden list has ${quote(pattern)}`
  return finding(grant, message, 'nothing overrides the forbidden list')
}

function shadowed(rules: readonly Grant[], comparer: RuleComparer, options: ConflictOptions): readonly Finding[] {
  const sets = setsOf(rules, options)
  return sets.flatMap((one, index) => {
    for (const [place, other] of sets.entries()) {
      const relation = place === index ? 'other' : comparer.relation(other, one)
      // Of rules that say the same the first one stays.
      if (relation === 'wider' || (relation === 'same' && place < index))
        return [shadowedBy(one.rule, other.rule, relation)]
    }
    return []
  })
}

function shadowedBy(rule: Grant, wider: Grant, relation: 'wider' | 'same'): Finding {
  const message =
    relation === 'same'
      ? `${quote(rule.pattern)} says the same as ${quote(wider.pattern)}${place(wider)}`
      : `${quote(rule.pattern)} does nothing: ${quote(wider.pattern)}${place(wider)} covers it`
  return finding(rule, message, 'remove it, or narrow the other one')
}

function setsOf(rules: readonly Grant[], { componentId, kinds }: ConflictOptions): readonly ComparedRule[] {
  const context = { ...(componentId === undefined ? {} : { componentId }), ...(kinds === undefined ? {} : { kinds }) }
  return rules.map((rule) => ({ rule, set: CapabilitySet.of([rule], context) }))
}

function place({ origin: { line } }: Grant): string {
  return line === undefined ? '' : ` in line ${line}`
}

function finding({ origin }: Grant, message: string, hint: string): Finding {
  return { file: origin.document, line: origin.line ?? 1, column: origin.column ?? 1, message, hint }
}
