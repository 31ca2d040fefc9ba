import { CapabilitySet, type Grant } from '@bulkhead/capability'
import type { Action, GrantLimits, Kind } from '@bulkhead/vocabulary'
import type { TalliedAccess } from './access-tally.js'
import type { DraftLine } from './draft-line.js'
import { type Naming, ownKey } from './exact-pattern.js'
import type { Generalisation } from './generalisation.js'
import { generaliseHosts } from './generalise-hosts.js'
import { generaliseNames } from './generalise-names.js'
import type { PatternGrammar } from './kind-grammar.js'
import { type NameGrammar, pathNames, plainNames, storageNames, topicNames, variableNames } from './name-grammar.js'
import { clearOfNames } from './refused-names.js'

/** Accesses that one rule could be for: of one kind and action, and under the same limits now. */
export type AccessGroup = {
  readonly kind: Kind
  readonly action: Action
  readonly grammar: PatternGrammar
  readonly limits: GrantLimits | undefined
  readonly members: readonly TalliedAccess[]
}

export type DraftRules = {
  readonly level: Generalisation
  readonly naming: Naming
  /** What no wildcard may cover. */
  readonly refused: readonly TalliedAccess[]
  readonly deny: readonly Grant[]
}

/** Patterns that cover a group; a pattern that several ways lead to is one line. */
export function draftLines(group: AccessGroup, rules: DraftRules): readonly DraftLine[] {
  const { kind, action, grammar, members } = group
  const refused = rules.refused.filter((access) => access.kind === kind && answers(action, access.action))
  const swallowsNoDeny = denyFree(group, rules)
  if (grammar === 'host') {
    return generaliseHosts(members, { action, level: rules.level, refused, mayCover: swallowsNoDeny })
  }
  const names = nameGrammars(rules.naming.componentId)[grammar]
  const clear = clearOfNames(refused, names)
  return joined(
    generaliseNames(members, {
      grammar: names,
      // What is executed is named: the next file in the same directory is another program.
      level: kind === 'process' || action === 'execute' ? 'none' : rules.level,
      mayCover: (pattern) => clear(pattern) && swallowsNoDeny(names.join(pattern)),
    }),
  )
}

/** Whether a rule for one action answers a request for another (SPEC 2.1, 3.2). */
function answers(rule: Action, asked: Action): boolean {
  return rule === asked || (rule === 'write' && asked === 'create') || (rule === 'connect' && asked === 'resolve')
}

/** Whether a pattern takes in no deny rule whole: who reads it would believe what is not so. */
function denyFree({ kind, action }: AccessGroup, { deny, naming }: DraftRules): (pattern: string) => boolean {
  const own = deny.filter((rule) => rule.kind === kind && answers(action, rule.action))
  if (own.length === 0) return () => true
  return (pattern) => {
    const wide = CapabilitySet.of([{ kind, action, pattern, origin }], naming)
    return !own.some((rule) => wide.covers(rule))
  }
}

const origin = { document: 'recommendation' }

function nameGrammars(componentId: string): Record<Exclude<PatternGrammar, 'host'>, NameGrammar> {
  const namespace = { ...storageNames, split: (name: string) => storageNames.split(ownKey(name, componentId)) }
  return {
    path: pathNames,
    topic: topicNames,
    namespace,
    variable: variableNames,
    name: plainNames,
    exact: plainNames,
  }
}

function joined(lines: readonly DraftLine[]): readonly DraftLine[] {
  const byPattern = new Map<string, DraftLine>()
  for (const line of lines) {
    const known = byPattern.get(line.pattern)
    byPattern.set(line.pattern, known === undefined ? line : { ...known, members: [...known.members, ...line.members] })
  }
  return [...byPattern.values()]
}
