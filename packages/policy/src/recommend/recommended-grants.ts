import type { Grant } from '@bulkhead/capability'
import type { GrantLimits } from '@bulkhead/vocabulary'
import type { TalliedAccess } from './access-tally.js'
import type { DraftLine } from './draft-line.js'
import { type AccessGroup, draftLines } from './draft-lines.js'
import { canBeSaid, type Naming } from './exact-pattern.js'
import type { Generalisation } from './generalisation.js'
import { grantKey } from './grant-diff.js'
import { type DraftGrant, withoutImplied } from './implied-lines.js'
import { grammarOf } from './kind-grammar.js'
import { loggedResourceBytesMax } from './limits.js'
import type { PresentRules } from './present-rules.js'
import type { SortedAccesses } from './sort-accesses.js'

export type GrantRules = {
  readonly level: Generalisation
  readonly naming: Naming
  readonly deny: readonly Grant[]
  readonly rules: PresentRules
}

export type RecommendedGrants = {
  readonly grants: readonly DraftGrant[]
  /** Rules in force that stay, because only they cover something. */
  readonly kept: ReadonlySet<Grant>
  /** What nothing covers: no pattern can say it, and no rule in force allows it. */
  readonly unsayable: readonly TalliedAccess[]
}

/** What to grant for what is wanted: by exact or generalised patterns, and where there are none by the rule in force. */
export function recommendedGrants({ wanted, refused }: SortedAccesses, options: GrantRules): RecommendedGrants {
  const { level, naming, deny, rules } = options
  const groups = new Map<string, AccessGroup & { readonly members: TalliedAccess[] }>()
  const kept = new Map<Grant, TalliedAccess[]>()
  const unsayable: TalliedAccess[] = []
  for (const access of wanted) {
    const { kind, action } = access
    const grammar = grammarOf(kind, naming.kinds)
    const cut = isCut(access.resource)
    if (grammar !== undefined && !cut && canBeSaid(access, grammar, naming)) {
      const limits = limitsFor(access, rules.ruleFor(access))
      const key = JSON.stringify([kind, action, limits])
      const group = groups.get(key) ?? { kind, action, grammar, limits, members: [] }
      groups.set(key, group)
      group.members.push(access)
      continue
    }
    const rule = cut ? rules.ruleNamed(access.rule, access) : rules.ruleFor(access)
    if (rule === undefined) unsayable.push(access)
    else keep(kept, rule, access)
  }
  const drafted = [...groups.values()].flatMap((group) =>
    // A rule under one limit does not stretch to what is under another.
    draftLines(group, { level, naming, deny, refused: [...refused, ...othersThan(group, groups)] }).map((draft) => ({
      grant: grantFor(group, draft),
      draft,
    })),
  )
  const grants = new Map(withoutImplied(drafted, naming).map((line) => [grantKey(line.grant), line]))
  for (const [grant, members] of kept) {
    const draft: DraftLine = { pattern: grant.pattern, how: 'kept', members }
    grants.set(grantKey(grant), { grant: withOurOrigin(grant), draft })
  }
  return { grants: [...grants.values()], kept: new Set(kept.keys()), unsayable }
}

function keep(kept: Map<Grant, TalliedAccess[]>, rule: Grant, access: TalliedAccess): void {
  const members = kept.get(rule)
  if (members === undefined) kept.set(rule, [access])
  else members.push(access)
}

/** The audit log cuts long names, and shows it by an ellipsis at their end. */
function isCut(resource: string): boolean {
  return resource.endsWith('…') && new TextEncoder().encode(resource).byteLength > loggedResourceBytesMax - 4
}

/** A limit on connections says nothing about resolving names. */
function limitsFor({ action }: TalliedAccess, rule: Grant | undefined): GrantLimits | undefined {
  return action === 'resolve' ? undefined : rule?.limits
}

function othersThan(group: AccessGroup, groups: ReadonlyMap<string, AccessGroup>): readonly TalliedAccess[] {
  return [...groups.values()].flatMap((other) =>
    other !== group && other.kind === group.kind && other.action === group.action ? other.members : [],
  )
}

const origin = { document: 'recommendation' }

function grantFor({ kind, action, limits }: AccessGroup, { pattern }: DraftLine): Grant {
  return { kind, action, pattern, origin, ...(limits !== undefined && { limits }) }
}

function withOurOrigin({ kind, action, pattern, limits }: Grant): Grant {
  return { kind, action, pattern, origin, ...(limits !== undefined && { limits }) }
}
