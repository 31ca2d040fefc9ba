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
    ...allow.flatMap((grant) => withoutEffect(grant, deny, options)),
    ...[...groupRules(allow), ...groupRules(deny)].flatMap(({ rules }) => shadowed(rules, options)),
  ])
  findings.sort((one, other) => one.line - other.line || one.column - other.column)
  const listed = findings.slice(0, conflictsMax)
  const last = listed.at(-1)
  const left = findings.length - listed.length
  if (last === undefined || left === 0) return listed
  return [...listed, { ...last, message: `${left} more warnings are not listed`, hint: 'mend the first ones first' }]
}

function withoutEffect(grant: Grant, deny: readonly Grant[], options: ConflictOptions): readonly Finding[] {
  const forbidden = findRefusing(options.forbidden ?? defaultForbidden, grant, options)
  if (forbidden !== undefined) {
    const rule = `the forbidden list has ${quote(forbidden.pattern)}`
    // The list names files of the host; what is mounted at such a path may come from elsewhere.
    const message =
      grant.kind === 'filesystem' ? 'does nothing for the file of the host that is named so' : 'never has an effect'
    return [finding(grant, `${quote(grant.pattern)} ${message}: ${rule}`, 'nothing overrides the forbidden list')]
  }
  const denying = findRefusing(deny, grant, options)
  if (denying === undefined) return []
  const message = `${quote(grant.pattern)} never has an effect: ${quote(denying.pattern)} is denied${place(denying)}`
  return [finding(grant, message, 'remove one of the two')]
}

function shadowed(rules: readonly Grant[], { componentId, kinds }: ConflictOptions): readonly Finding[] {
  const context = { ...(componentId === undefined ? {} : { componentId }), ...(kinds === undefined ? {} : { kinds }) }
  const sets = rules.map((rule) => ({ rule, set: CapabilitySet.of([rule], context) }))
  return sets.flatMap(({ rule, set }, index) => {
    const wider = sets.find((other, place) => {
      if (place === index || !other.set.covers(set)) return false
      return place < index || !set.covers(other.set)
    })
    if (wider === undefined) return []
    const same = set.covers(wider.set)
    const message = same
      ? `${quote(rule.pattern)} says the same as ${quote(wider.rule.pattern)}${place(wider.rule)}`
      : `${quote(rule.pattern)} does nothing: ${quote(wider.rule.pattern)}${place(wider.rule)} covers it`
    return [finding(rule, message, 'remove it, or narrow the other one')]
  })
}

function place({ origin: { line } }: Grant): string {
  return line === undefined ? '' : ` in line ${line}`
}

function finding({ origin }: Grant, message: string, hint: string): Finding {
  return { file: origin.document, line: origin.line ?? 1, column: origin.column ?? 1, message, hint }
}
