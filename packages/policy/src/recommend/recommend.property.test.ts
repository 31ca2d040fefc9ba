import type { Grant } from '@bulkhead/capability'
import type { Action, GrantLimits, Kind } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generalisations } from './generalisation.js'
import { recommend } from './recommend.js'
import { type Asked, componentId, deciderOf, observe, origin, tableOf } from './recommend.test.support.js'

const pathName = fc.constantFrom('a', 'b', 'c', '17', '18', '2024-01-02', '*', '[x]')
const path = fc
  .tuple(fc.constantFrom('/d', '/a', ''), fc.array(pathName, { minLength: 1, maxLength: 3 }))
  .map(([root, names]) => `${root}/${names.join('/')}`)
const dated = fc
  .tuple(fc.constantFrom('17', '18', '19', '20', 'x'), fc.constantFrom('', '/a', '/b', '/c', '/a/1', '/b/1'))
  .map(([name, rest]) => `/d/${name}${rest}`)
const host = fc.constantFrom(
  'a.x.example.com',
  'b.x.example.com',
  'c.x.example.com',
  'd.y.x.example.com',
  'example.com',
)
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '[::1]')
const endpoint = fc
  .tuple(
    fc.constantFrom('tcp://', 'http://', 'https://', 'udp://', ''),
    fc.oneof(host, address),
    fc.constantFrom(80, 443, 8080),
  )
  .map(([scheme, name, port]) => `${scheme}${name}:${port}`)
const topic = fc
  .array(fc.constantFrom('a', 'b', 'c', '1', '2', '3'), { minLength: 1, maxLength: 4 })
  .map((one) => one.join('.'))
const key = fc
  .tuple(
    fc.constantFrom('self', 'component:ingest', 'shared', 'component:other'),
    fc.array(fc.constantFrom('a', 'b', 'c', '1', '2', '3'), { minLength: 1, maxLength: 4 }),
  )
  .map(([space, names]) => [space, ...names].join(':'))
const variable = fc
  .array(fc.constantFrom('A', 'B', 'C', ''), { minLength: 1, maxLength: 3 })
  .map((one) => one.join('_'))

function of(kind: Kind, actions: readonly Action[], resource: fc.Arbitrary<string>): fc.Arbitrary<Asked> {
  return fc
    .record({ kind: fc.constant(kind), action: fc.constantFrom(...actions), resource })
    .map((one) => (one.action === 'resolve' ? { ...one, resource: hostOf(one.resource) } : one))
}
const questions: readonly fc.Arbitrary<Asked>[] = [
  of('filesystem', ['read'], path),
  of('filesystem', ['read', 'write', 'create', 'execute'], path),
  of('filesystem', ['write', 'create'], path),
  of('filesystem', ['read', 'write'], dated),
  of('network', ['connect'], endpoint),
  of('network', ['connect', 'bind', 'resolve'], endpoint),
  of(
    'network',
    ['connect', 'resolve'],
    host.map((name) => `https://${name}:443`),
  ),
  of('storage', ['write'], key),
  of('messaging', ['publish'], topic),
  of('environment', ['read'], variable),
  of('process', ['spawn'], path),
]
/** Many of one kind, so that there is something to generalise. */
const many = fc
  .constantFrom(...questions)
  .chain((question) => fc.array(question, { minLength: 12, maxLength: 40, size: 'max' }))
const limits = fc.constantFrom<(GrantLimits | undefined)[]>(
  undefined,
  { maxFileSizeBytes: 1024 },
  { maxFileSizeBytes: 0 },
)

function grant(kind: Kind, action: Action, pattern: string): Grant {
  return { kind, action, pattern, origin }
}
const wide: readonly Grant[] = [
  grant('filesystem', 'read', '/**'),
  grant('filesystem', 'execute', '/**'),
  grant('network', 'connect', '*:*'),
  grant('network', 'connect', 'udp://*:*'),
  grant('network', 'bind', '*:*'),
  grant('storage', 'read', 'self:*'),
  grant('storage', 'write', '*'),
  grant('messaging', 'publish', '>'),
  grant('environment', 'read', '*'),
  grant('process', 'spawn', '/**'),
]
const writing = fc
  .array(
    fc.tuple(
      fc.constantFrom('/**', '/a/**', '/b/*', '/*/17', '/a/b'),
      fc.constantFrom<Action>('write', 'create'),
      limits,
    ),
    {
      maxLength: 3,
    },
  )
  .map((rules) =>
    rules.map(([pattern, action, limit]) => ({
      ...grant('filesystem', action, pattern),
      ...(limit && { limits: limit }),
    })),
  )
const deny = fc.subarray([
  grant('filesystem', 'read', '/a/b'),
  grant('filesystem', 'read', '/**/c'),
  grant('filesystem', 'write', '/a/17/**'),
  grant('network', 'connect', 'b.x.example.com:*'),
  grant('storage', 'write', 'self:a:*'),
  grant('messaging', 'publish', 'a.*'),
  grant('environment', 'read', 'A_B'),
])
const world = fc.record({
  accesses: fc.tuple(many, many).map((lists) => lists.flat()),
  others: fc.tuple(many, many).map((lists) => lists.flat()),
  writing,
  deny,
})

describe('what is recommended', () => {
  it('covers all that was granted, takes in nothing that was refused, and only grows from level to level', () => {
    fc.assert(
      fc.property(world, ({ accesses, others, writing, deny }) => {
        const present = [...wide, ...writing]
        const inForce = deciderOf({ layers: [{ layer: 'approval', grants: present }], deny })
        const observed = observe(inForce, accesses)
        const tables = generalisations.map((generalise) =>
          tableOf(recommend({ componentId, accesses: observed, present: { allow: present, deny }, generalise })),
        )
        for (const [index, table] of tables.entries()) {
          for (const access of observed) {
            const { kind, action, resource } = access
            const { verdict } = table.decide({ kind, action, resource })
            expect([access, verdict]).toEqual([access, access.verdict])
          }
          const next = tables[index + 1]
          for (const request of next === undefined ? [] : [...accesses, ...others]) {
            const before = table.decide(request)
            if (before.verdict === 'denied') continue
            const after = next?.decide(request)
            expect([request, after?.verdict]).toEqual([request, 'granted'])
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is nothing but what was used, and under no wider limits, where nothing is generalised', () => {
    fc.assert(
      fc.property(world, ({ accesses, others, writing, deny }) => {
        const present = [...wide, ...writing]
        const inForce = deciderOf({ layers: [{ layer: 'approval', grants: present }], deny })
        const used = observe(inForce, accesses).filter(({ verdict }) => verdict === 'granted')
        const table = tableOf(recommend({ componentId, accesses: used, present: { allow: present, deny } }))
        const implied = new Set(used.flatMap(impliedBy))
        const direct = new Set(used.map(nameOf))
        for (const request of [...accesses, ...others]) {
          const decision = table.decide(request)
          expect([request, decision.verdict]).toEqual([request, implied.has(nameOf(request)) ? 'granted' : 'denied'])
          if (!direct.has(nameOf(request)) || decision.verdict === 'denied') continue
          const before = inForce.decide(request)
          expect(before.verdict === 'granted' && before.limits).toEqual(decision.limits)
        }
      }),
      { numRuns: 40 },
    )
  })
})

/** One spelling of each access. */
function nameOf({ kind, action, resource }: Asked): string {
  const scheme = kind === 'network' && action !== 'resolve' && !resource.includes('://') ? 'tcp://' : ''
  return `${kind} ${action} ${scheme}${resource.replace(/^component:ingest:/, 'self:')}`
}

/** What a rule for exactly this access allows, by the rules of SPEC 2.1 and 3.2. */
function impliedBy(access: Asked): readonly string[] {
  const { kind, action, resource } = access
  const name = nameOf(access)
  if (kind === 'filesystem' && action === 'write') return [name, name.replace('write', 'create')]
  if (kind !== 'network' || action === 'resolve') return [name]
  const overTcp = name.includes('tcp://') ? ['http://', 'https://'].map((scheme) => name.replace('tcp://', scheme)) : []
  return [name, ...overTcp, ...(action === 'connect' ? [`network resolve ${hostOf(resource)}`] : [])]
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/^.*:\/\//, '').replace(/:\d+$/, '')
}
