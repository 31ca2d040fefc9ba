import type { Grant } from '@bulkhead/capability'

/** What changes from the rules in force to the recommended ones. A rule is the same when pattern and limits are. */
export type GrantDiff = {
  readonly added: readonly Grant[]
  /** With the place where each stands now. */
  readonly removed: readonly Grant[]
  readonly kept: readonly Grant[]
}

export function diffGrants(present: readonly Grant[], next: readonly Grant[]): GrantDiff {
  const [before, after] = [byKey(present), byKey(next)]
  return {
    added: [...after].flatMap(([key, grant]) => (before.has(key) ? [] : [grant])),
    removed: [...before].flatMap(([key, grant]) => (after.has(key) ? [] : [grant])),
    kept: [...before].flatMap(([key, grant]) => (after.has(key) ? [grant] : [])),
  }
}

function byKey(grants: readonly Grant[]): ReadonlyMap<string, Grant> {
  return new Map(grants.map((grant) => [grantKey(grant), grant]))
}

export function grantKey({ kind, action, pattern, limits }: Grant): string {
  return JSON.stringify([kind, action, pattern, limits?.maxFileSizeBytes, limits?.connections])
}
