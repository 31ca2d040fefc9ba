import { CapabilitySet, compileTable, Decider, type Grant } from '@bulkhead/capability'
import { type Action, actionsByKind, type Kind, type Request } from '@bulkhead/vocabulary'
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRoles } from './parse-roles.js'
import { type RoleLists, rolesFor } from './roles-for.js'

const file = 'roles.csv'
const everything: readonly Grant[] = [
  { kind: 'filesystem', action: 'read', pattern: '/**', origin: { document: 'all' } },
  { kind: 'filesystem', action: 'write', pattern: '/**', origin: { document: 'all' } },
  { kind: 'storage', action: 'read', pattern: 'self:*', origin: { document: 'all' } },
]

function deciderWith(roles: RoleLists): Decider {
  return new Decider(
    compileTable({
      version: 1,
      componentId: 'ingest',
      forbidden: [],
      deny: [],
      layers: [{ layer: 'manifest', grants: everything }],
      operator: [],
      roles,
    }),
  )
}

describe('the rules of a child', () => {
  const roles = parseRoles(
    [
      'p, role:reader, filesystem:read, /data/**',
      'p, role:reader, filesystem:read, "/data/secret, old/**", deny',
      'p, role:keeper, filesystem:*, /keep/**',
      'p, component:ingest, storage:read, self:*',
      'g, role:keeper, role:reader',
      'g, component:ingest, role:keeper',
      'g, component:audit, role:reader',
    ].join('\n'),
    { file },
  )

  it('are its own and those of its roles, each with its place', async () => {
    const { roles: held, allow, deny } = await rolesFor(roles, 'ingest')
    expect(held).toEqual(['role:keeper', 'role:reader'])
    expect(allow.map(({ kind, action, pattern, origin }) => `${kind}.${action} ${pattern} ${origin.line}`)).toEqual([
      'filesystem.read /data/** 1',
      ...actionsByKind.filesystem.map((action) => `filesystem.${action} /keep/** 3`),
      'storage.read self:* 4',
    ])
    expect(deny).toEqual([
      {
        kind: 'filesystem',
        action: 'read',
        pattern: '/data/secret, old/**',
        origin: { document: file, line: 2, column: 35 },
      },
    ])
  })

  it('do not reach from one child to another', async () => {
    const { allow } = await rolesFor(roles, 'audit')
    expect(allow.map(({ pattern }) => pattern)).toEqual(['/data/**'])
  })

  it('are none for a child that the file does not name: it may do nothing', async () => {
    const lists = await rolesFor(roles, 'stranger')
    expect(lists).toEqual({ roles: [], allow: [], deny: [] })
    const request: Request = { kind: 'filesystem', action: 'read', resource: '/data/a' }
    expect(deciderWith(lists).decide(request)).toMatchObject({ verdict: 'denied', layer: 'role' })
    expect(deciderWith(await rolesFor(roles, 'ingest')).decide(request)).toMatchObject({ verdict: 'granted' })
  })

  it('filter what is granted, and deny overrides allow', async () => {
    const decider = deciderWith(await rolesFor(roles, 'ingest'))
    const layerOf = (action: Action, resource: string): string => {
      const decision = decider.decide({ kind: 'filesystem', action, resource })
      return decision.verdict === 'granted' ? 'granted' : decision.layer
    }
    expect(layerOf('read', '/data/a')).toBe('granted')
    expect(layerOf('read', '/data/secret, old/a')).toBe('role')
    expect(layerOf('write', '/data/a')).toBe('role')
    expect(layerOf('write', '/keep/a')).toBe('granted')
    expect(layerOf('delete', '/keep/a')).toBe('manifest')
  })

  it('follow ten links', async () => {
    const text = Array.from(
      { length: 10 },
      (_, n) => `g, ${n === 0 ? 'component:ingest' : `role:r${n}`}, role:r${n + 1}`,
    ).join('\n')
    const lists = await rolesFor(parseRoles(`${text}\np, role:r10, storage:read, self:a`, { file }), 'ingest')
    expect(lists.allow).toHaveLength(1)
    expect(lists.roles).toHaveLength(10)
  })

  it('of an empty file are none', async () => {
    expect((await rolesFor(parseRoles('', { file }), 'ingest')).allow).toEqual([])
  })

  it('may be asked for at the same time', async () => {
    const fresh = parseRoles('p, component:a, storage:read, self:a\np, component:b, storage:read, self:b', { file })
    const lists = await Promise.all(['a', 'b'].map((child) => rolesFor(fresh, child)))
    expect(lists.map(({ allow }) => allow[0]?.pattern)).toEqual(['self:a', 'self:b'])
  })
})

// Casbin decides by itself, with a matcher that only borrows the patterns: whatever rules there are, the table agrees.
const oracleModel = `
[request_definition]
r = sub, act, obj
[policy_definition]
p = sub, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && matches(p.act, p.obj, r.act, r.obj)
`

function matches(ruleAction: string, pattern: string, asked: string, resource: string): boolean {
  const [kind, action] = ruleAction.split(':') as [Kind, string]
  const [askedKind, askedAction] = asked.split(':') as [Kind, Action]
  if (kind !== askedKind) return false
  const known: readonly Action[] = actionsByKind[kind as keyof typeof actionsByKind]
  const grants = known
    .filter((one) => action === '*' || one === action)
    .map((one) => ({ kind, action: one, pattern, origin: { document: 'oracle' } }))
  const set = CapabilitySet.of(grants, { componentId: 'ingest' })
  return set.check({ kind, action: askedAction, resource }) !== undefined
}

const actionAndPattern = fc.oneof(
  fc.tuple(
    fc.constantFrom('filesystem:read', 'filesystem:write', 'filesystem:create', 'filesystem:*'),
    fc.constantFrom('/a', '/a/*', '/a/**', '/**', '/b', '/b/[ab]'),
  ),
  fc.tuple(fc.constantFrom('storage:read', 'storage:*'), fc.constantFrom('self:*', 'self:a', 'self:*:a')),
)
const subject = fc.constantFrom('component:ingest', 'component:other', 'role:a', 'role:b', 'role:c')
const ruleLine = fc
  .tuple(subject, actionAndPattern, fc.constantFrom('', ', allow', ', deny'))
  .map(([who, [action, pattern], effect]) => `p, ${who}, ${action}, ${pattern}${effect}`)
// From left to right only, so that there are no circles.
const memberLine = fc
  .constantFrom(
    ...['component:ingest', 'component:other', 'role:a', 'role:b'].flatMap((member, index) =>
      ['role:a', 'role:b', 'role:c'].slice(Math.max(0, index - 1)).map((role) => `g, ${member}, ${role}`),
    ),
  )
  .filter((line) => {
    const [, member, role] = line.split(', ')
    return member !== role
  })
const question = fc.oneof(
  fc.tuple(
    fc.constantFrom('filesystem:read', 'filesystem:write', 'filesystem:create', 'filesystem:delete'),
    fc.constantFrom('/a', '/b', '/a/a', '/a/b/c', '/b/a', '/c'),
  ),
  fc.tuple(fc.constantFrom('storage:read', 'storage:write'), fc.constantFrom('self:a', 'self:b', 'self:b:a')),
)

describe('the resolved table', () => {
  it('answers as casbin itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(ruleLine, { maxLength: 8 }),
        fc.array(memberLine, { maxLength: 4 }),
        fc.array(question, { minLength: 1, maxLength: 12 }),
        async (rules, members, questions) => {
          const text = ['# rules', ...rules, ...members].join('\n')
          const lists = await rolesFor(parseRoles(text, { file }), 'ingest')
          const all = everything.concat(
            actionsByKind.filesystem.map((action) => grantOf('filesystem', action, '/**')),
            actionsByKind.storage.map((action) => grantOf('storage', action, 'self:*')),
          )
          const decider = new Decider(
            compileTable({
              version: 1,
              componentId: 'ingest',
              forbidden: [],
              deny: [],
              layers: [{ layer: 'manifest', grants: all }],
              operator: [],
              roles: lists,
            }),
          )
          const enforcer = await newEnforcer(newModelFromString(oracleModel), new StringAdapter(text))
          await enforcer.addFunction('matches', matches)
          for (const [what, resource] of questions) {
            const [kind, action] = what.split(':') as [Kind, Action]
            const ours = decider.decide({ kind, action, resource }).verdict === 'granted'
            expect([what, resource, ours]).toEqual([
              what,
              resource,
              await enforcer.enforce('component:ingest', what, resource),
            ])
          }
        },
      ),
      { numRuns: 150 },
    )
  })
})

function grantOf(kind: Kind, action: Action, pattern: string): Grant {
  return { kind, action, pattern, origin: { document: 'all' } }
}
