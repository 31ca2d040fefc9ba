// Small worlds for the property tests: for each kind, patterns over a tiny alphabet and every resource that could tell them
// apart, so that "for all" can be asked by enumeration.
import type { Action, GrantLimits, Kind, Layer, Request } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import type { TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'
import { defineKinds, kindNamed } from './kind-catalogue.js'

export const origin = { document: 'test', line: 1 }
/** Whose the tables of the property tests are. */
export const componentId = 'tiny'

/** One custom kind of each grammar. */
export const kinds = defineKinds([
  { name: 'crate', grammar: 'path', actions: ['open', 'seal'] },
  { name: 'badge', grammar: 'name', actions: ['show'] },
  { name: 'signal', grammar: 'topic', actions: ['raise', 'await'] },
  { name: 'token', grammar: 'exact', actions: ['spend', 'mint'] },
])

/** A custom kind or action of the tests, by its name. */
export function custom(name: string): Kind {
  const kind = kindNamed(name, kinds)
  if (kind === undefined) throw new Error(`there is no kind ${name}`)
  return kind
}

export type World = {
  readonly kind: Kind
  readonly actions: readonly Action[]
  readonly patterns: fc.Arbitrary<string>
  readonly resources: readonly string[]
}

const names = ['a', 'b', 'ab', 'ba']

/** All canonical paths of at most `depth` segments over an alphabet. */
export function enumeratePaths(depth: number, segments: readonly string[] = names): string[] {
  const all = ['/']
  let last = ['']
  for (let level = 0; level < depth; level++) {
    last = last.flatMap((path) => segments.map((name) => `${path}/${name}`))
    all.push(...last)
  }
  return all
}

export const pathPatternArbitrary = fc
  .array(fc.constantFrom('a', 'b', 'ab', '*', '**', '?', 'a*', '*b', '[ab]', '[!a]', '?*', '[!b]b'), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)

export const pathArbitrary = fc
  .array(fc.constantFrom(...names), { maxLength: 3 })
  .map((segments) => `/${segments.join('/')}`)

const joined = (separator: string, parts: readonly string[], max: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: max }).map((segments) => segments.join(separator))

/** Every name of one to `max` parts. */
function enumerateNames(separator: string, parts: readonly string[], max: number): string[] {
  let last = [...parts]
  const all = [...last]
  for (let level = 1; level < max; level++) {
    last = last.flatMap((name) => parts.map((part) => `${name}${separator}${part}`))
    all.push(...last)
  }
  return all
}

const hostPatterns = fc
  .tuple(
    fc.constantFrom('', '', 'udp://', 'http://', 'https://'),
    fc.constantFrom('*', 'a.b', '*.b', '*.a.b', 'c.a.b', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '[::1]', '[::]/0'),
    fc.constantFrom('', ':80', ':443', ':*', ':80-443'),
  )
  .map((parts) => parts.join(''))
const hosts = ['tcp', 'udp', 'http', 'https'].flatMap((protocol) =>
  ['b', 'a.b', 'x.b', 'c.a.b', 'd.c.a.b', '10.1.2.3', '10.1.2.4', '10.2.0.1', '[::1]', '[::2]'].flatMap((host) =>
    [80, 100, 443, 8080].map((port) => `${protocol}://${host}:${port}`),
  ),
)
const topicPatterns = fc
  .tuple(joined('.', ['a', 'b', '*'], 3), fc.constantFrom('', '', '.>'))
  .map((parts) => parts.join(''))
const topics = enumerateNames('.', ['a', 'b', 'c'], 4)
const variables = fc.constantFrom('A', 'AB', 'ABA', 'A*', 'AB*', '*', 'B*', 'BA')
const variableNames = ['A', 'B', 'AB', 'BA', 'ABA', 'ABB', 'C']
const paths = enumeratePaths(3)

const builtin: readonly World[] = [
  {
    kind: 'filesystem',
    actions: ['read', 'write', 'create', 'delete', 'execute'],
    patterns: pathPatternArbitrary,
    resources: paths,
  },
  { kind: 'process', actions: ['spawn'], patterns: pathPatternArbitrary, resources: paths },
  { kind: 'network', actions: ['connect', 'bind', 'resolve'], patterns: hostPatterns, resources: hosts },
  {
    kind: 'storage',
    actions: ['read', 'write', 'delete'],
    patterns: joined(':', ['self', 'a', '*', 'shared', 'component'], 3),
    resources: [
      ...enumerateNames(':', ['self', 'a', 'b', 'shared'], 3),
      ...['component', 'component:tiny', 'component:tiny:a', 'component:other:a', 'component:tiny:a:b', 'a:b:a:b'],
    ],
  },
  { kind: 'messaging', actions: ['publish', 'subscribe', 'request'], patterns: topicPatterns, resources: topics },
  { kind: 'environment', actions: ['read'], patterns: variables, resources: variableNames },
]
const registered: readonly World[] = [
  worldOf('crate', pathPatternArbitrary, paths),
  worldOf('badge', variables, [...variableNames, 'A=B', 'A B', '*']),
  worldOf('signal', topicPatterns, topics),
  worldOf('token', fc.constantFrom('A', 'A*', '*', 'a/b'), ['A', 'AB', 'A*', '*', 'a/b', 'a']),
]

/** Every kind that there is. */
export const worlds: readonly World[] = [...builtin, ...registered]
/** Files, the only kind with two names for everything. */
export const files = worldNamed('filesystem')

export function worldNamed(kind: string): World {
  const world = worlds.find((candidate) => candidate.kind === kind)
  if (world === undefined) throw new Error(`there is no world of ${kind}`)
  return world
}

/** Every request that can be made in a world. Files have host paths of their own, on which other rules match. */
export function requestsIn({ kind, actions, resources }: World): readonly Request[] {
  return actions.flatMap((action) =>
    resources.map((resource) =>
      kind === 'filesystem' ? { kind, action, resource, hostPath: hostPathOf(resource) } : { kind, action, resource },
    ),
  )
}

/** Where the files of the tests lie. */
export function hostPathOf(path: string): string {
  return path === '/' ? '/a' : `/a${path}`
}

/** Grants of a world, some with limits where limits mean anything. */
export function grantIn(world: World): fc.Arbitrary<Grant> {
  return fc
    .record({
      action: fc.constantFrom(...world.actions),
      pattern: world.patterns,
      limit: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    })
    .map(({ action, pattern, limit }) => {
      const limits = limit === undefined ? undefined : limitsFor(world.kind, action, limit)
      return { kind: world.kind, action, pattern, origin, ...(limits === undefined ? undefined : { limits }) }
    })
}

function limitsFor(kind: Kind, action: Action, limit: number): GrantLimits | undefined {
  if (kind === 'filesystem' && (action === 'write' || action === 'create')) return { maxFileSizeBytes: limit }
  return kind === 'network' && action === 'connect' ? { connections: limit } : undefined
}

/** Whole specifications over one world: every list, with roles and without. */
export function specIn(world: World): fc.Arbitrary<TableSpec> {
  const grants = (maxLength: number): fc.Arbitrary<Grant[]> => fc.array(grantIn(world), { maxLength })
  const layer = fc.constantFrom<Layer>('manifest', 'approval', 'policy', 'ceiling')
  return fc.record({
    version: fc.constant(1),
    componentId: fc.constant(componentId),
    kinds: fc.constant(kinds),
    forbidden: grants(1),
    deny: grants(2),
    layers: fc.array(fc.record({ layer, grants: grants(6) }), { maxLength: 3 }),
    operator: grants(2),
    roles: fc.option(fc.record({ allow: grants(5), deny: grants(1) }), { nil: undefined, freq: 2 }),
  })
}

function worldOf(name: string, patterns: fc.Arbitrary<string>, resources: readonly string[]): World {
  const kind = custom(name)
  return { kind, actions: kinds.get(name)?.actions ?? [], patterns, resources }
}
