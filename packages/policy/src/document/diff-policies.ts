import type { Grant } from '@bulkhead/capability'
import type { GrantLimits } from '@bulkhead/vocabulary'
import type { Policy, PolicyLimits } from './policy.js'
import { compareText, groupRules } from './rule-order.js'

/** A rule in a difference: what it says, without where it stands. */
export type DiffRule = {
  readonly kind: string
  readonly action: string
  readonly pattern: string
  readonly limits?: GrantLimits
}

/** The same pattern with other limits; `null` says that there is none. */
export type ChangedRule = Omit<DiffRule, 'limits'> & {
  readonly from: GrantLimits | null
  readonly to: GrantLimits | null
}

export type RulesDiff = {
  readonly added: readonly DiffRule[]
  readonly removed: readonly DiffRule[]
  readonly changed: readonly ChangedRule[]
}

/** A limit with its old and new value; `null` says that the policy has none. */
export type ChangedLimit = {
  readonly name: keyof PolicyLimits
  readonly from: number | null
  readonly to: number | null
}

/** What differs between two policies, section by section, in a fixed order. Plain JSON. */
export type PolicyDiff = {
  /** Whether the policies say the same. Order, comments and format do not count. */
  readonly same: boolean
  readonly description?: { readonly from: string | null; readonly to: string | null }
  readonly allow: RulesDiff
  readonly deny: RulesDiff
  readonly limits: readonly ChangedLimit[]
  readonly shared: {
    readonly components: { readonly added: readonly string[]; readonly removed: readonly string[] }
    readonly allow: RulesDiff
    readonly deny: RulesDiff
  }
}

/** What one would have to change in `from` to say what `to` says. */
export function diffPolicies(from: Policy, to: Policy): PolicyDiff {
  const description =
    from.description === to.description
      ? {}
      : { description: { from: from.description ?? null, to: to.description ?? null } }
  const allow = diffRules(from.allow, to.allow)
  const deny = diffRules(from.deny, to.deny)
  const limits = diffLimits(from.limits, to.limits)
  const shared = {
    components: diffNames(from.shared?.components ?? [], to.shared?.components ?? []),
    allow: diffRules(from.shared?.allow ?? [], to.shared?.allow ?? []),
    deny: diffRules(from.shared?.deny ?? [], to.shared?.deny ?? []),
  }
  const lists = [allow, deny, shared.allow, shared.deny].flatMap((rules) => Object.values(rules))
  const all: readonly (readonly unknown[])[] = [...lists, limits, shared.components.added, shared.components.removed]
  const same = from.description === to.description && all.every(({ length }) => length === 0)
  return { same, ...description, allow, deny, limits, shared }
}

function diffRules(from: readonly Grant[], to: readonly Grant[]): RulesDiff {
  const [before, after] = [byText(from), byText(to)]
  const added = [...after].filter(([text]) => !before.has(text)).map(([, grant]) => plainRule(grant))
  const removed = [...before].filter(([text]) => !after.has(text)).map(([, grant]) => plainRule(grant))
  const changed = [...before].flatMap(([text, grant]): readonly ChangedRule[] => {
    const now = after.get(text)
    if (now === undefined || sameLimits(grant.limits, now.limits)) return []
    const { kind, action, pattern } = grant
    return [{ kind, action, pattern, from: grant.limits ?? null, to: now.limits ?? null }]
  })
  return { added, removed, changed }
}

/** By kind, action and pattern, in canonical order. */
function byText(grants: readonly Grant[]): ReadonlyMap<string, Grant> {
  const ordered = groupRules(grants).flatMap(({ rules }) =>
    [...rules].sort((one, other) => compareText(one.pattern, other.pattern)),
  )
  return new Map(ordered.map((grant) => [`${grant.kind}.${grant.action}=${grant.pattern}`, grant]))
}

function plainRule({ kind, action, pattern, limits }: Grant): DiffRule {
  return limits === undefined ? { kind, action, pattern } : { kind, action, pattern, limits }
}

function sameLimits(one: GrantLimits | undefined, other: GrantLimits | undefined): boolean {
  return one?.maxFileSizeBytes === other?.maxFileSizeBytes && one?.connections === other?.connections
}

function diffLimits(from: PolicyLimits, to: PolicyLimits): readonly ChangedLimit[] {
  const names = [
    'memoryBytes',
    'cpuPercent',
    'deadlineMs',
    'handles',
    'messagesPerHour',
    'storageBytes',
    'networkBytesPerHour',
    'requestsPerHour',
    'logBytesPerHour',
  ] as const
  return names
    .filter((name) => from[name] !== to[name])
    .map((name) => ({ name, from: from[name] ?? null, to: to[name] ?? null }))
}

function diffNames(from: readonly string[], to: readonly string[]) {
  return {
    added: to.filter((name) => !from.includes(name)).sort(compareText),
    removed: from.filter((name) => !to.includes(name)).sort(compareText),
  }
}
