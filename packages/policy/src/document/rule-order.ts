import type { Grant } from '@bulkhead/capability'
import { type Action, builtinActionsOf, type Kind, kinds } from '@bulkhead/vocabulary'

/** The rules of one kind and action. */
export type RuleGroup = { readonly kind: Kind; readonly action: Action; readonly rules: readonly Grant[] }

/**
 * Rules by kind and action: built-in ones in the order of the vocabulary, custom ones after them by name. Inside a group
 * the order stays.
 */
export function groupRules(grants: readonly Grant[]): readonly RuleGroup[] {
  const groups = new Map<string, Grant[]>()
  for (const grant of grants) {
    const key = `${grant.kind}.${grant.action}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [grant])
    else group.push(grant)
  }
  return [...groups.values()]
    .flatMap((rules) => {
      const [first] = rules
      return first === undefined ? [] : [{ kind: first.kind, action: first.action, rules }]
    })
    .sort(compareGroups)
}

function compareGroups(one: RuleGroup, other: RuleGroup): number {
  const builtin: readonly Kind[] = kinds
  return (
    compareNames(builtin, one.kind, other.kind) || compareNames(builtinActionsOf(one.kind), one.action, other.action)
  )
}

/** Names of the list in its order, then the others by name. */
function compareNames(known: readonly string[], one: string, other: string): number {
  const place = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length)
  return place(one) - place(other) || compareText(one, other)
}

/** By code unit: the same order everywhere, whatever the language of the machine. */
export function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1
}
