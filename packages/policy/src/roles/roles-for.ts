import type { Grant } from '@bulkhead/capability'
import { Fault } from '@bulkhead/vocabulary'
import type { Enforcer } from 'casbin'
import { roleModel } from './role-model.js'
import type { RoleRule, Roles } from './roles.js'

/** What a role file says about one child. A subject without rules has two empty lists: it may do nothing. */
export type RoleLists = {
  /** The roles that the child has, also through others, in the order in which they were found. */
  readonly roles: readonly string[]
  readonly allow: readonly Grant[]
  readonly deny: readonly Grant[]
}

/**
 * Resolves, with casbin, which rules of a role file hold for a child: its own and those of all its roles. They make the
 * layer `role` of the compiled table. Each rule keeps its file, line and column; a rule for `kind:*` becomes one grant an
 * action.
 *
 * @example
 * ```ts
 * const roles = parseRoles('p, role:reader, filesystem:read, /data/**\ng, component:ingest, role:reader', { file: 'roles.csv' })
 * const { allow } = await rolesFor(roles, 'ingest')
 * allow[0] // { kind: 'filesystem', action: 'read', pattern: '/data/**', origin: { document: 'roles.csv', line: 1, column: 31 } }
 * ```
 */
export async function rolesFor(roles: Roles, childId: string): Promise<RoleLists> {
  const enforcer = await enforcerOf(roles)
  const subject = `component:${childId}`
  const permissions = await enforcer.getImplicitPermissionsForUser(subject)
  const rules = permissions.map((permission) => ruleOf(roles, permission)).sort(byPlace)
  return {
    roles: await enforcer.getImplicitRolesForUser(subject),
    allow: rules.filter(({ effect }) => effect === 'allow').flatMap(grantsOf),
    deny: rules.filter(({ effect }) => effect === 'deny').flatMap(grantsOf),
  }
}

// An enforcer belongs to a role file and goes with it. A promise, so that two who ask at once share one.
const enforcers = new WeakMap<Roles, Promise<Enforcer>>()

function enforcerOf(roles: Roles): Promise<Enforcer> {
  const known = enforcers.get(roles)
  if (known !== undefined) return known
  const made = makeEnforcer(roles)
  enforcers.set(roles, made)
  return made
}

/** Loaded when the first role file is there: casbin takes longer to load than all else that decides. */
async function makeEnforcer(roles: Roles): Promise<Enforcer> {
  const { newEnforcer, newModelFromString, StringAdapter } = await import('casbin')
  return newEnforcer(newModelFromString(roleModel), new StringAdapter(casbinText(roles)))
}

/**
 * The role file as casbin is shown it. In the place of each pattern stands the rule's number: no text of the file that
 * casbin's reader could take for something else reaches it, and what comes back leads to its line.
 */
function casbinText({ rules, memberships }: Roles): string {
  return [
    '# resolved, never matched',
    ...rules.map(({ subject, kind, effect }, index) => `p, ${subject}, ${kind}, ${index}, ${effect}`),
    ...memberships.map(({ member, role }) => `g, ${member}, ${role}`),
  ].join('\n')
}

function ruleOf(roles: Roles, permission: readonly string[]): RoleRule {
  const rule = roles.rules[Number(permission[2])]
  if (rule !== undefined) return rule
  throw new Fault('internal', 'the resolver of roles answered with a rule that it was not given')
}

function byPlace(a: RoleRule, b: RoleRule): number {
  return a.origin.line - b.origin.line
}

function grantsOf({ kind, actions, pattern, origin }: RoleRule): readonly Grant[] {
  return actions.map((action) => ({ kind, action, pattern, origin }))
}
