import type { Grant } from '@bulkhead/capability'
import type { Action, BuiltinKind, GrantLimits } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import type { Policy } from './policy.js'
import { groupRules } from './rule-order.js'

const segment = fc.constantFrom('a', 'b c', '*', '*.csv', '[ab]', "it's", '"q"', 'ü', '😀', '#', '$x')
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '/**'))
  .map(([segments, tail]) => `/${segments.join('/')}${tail}`)
const host = fc.constantFrom('a.b', '*.example.com', '10.0.0.0/8', '127.0.0.1', '[::1]', '[fd00::]/8', '*')
const port = fc.oneof(fc.integer({ min: 1, max: 65_535 }).map(String), fc.constantFrom('*', '80-90'))
const scheme = fc.constantFrom('', 'udp://', 'http://', 'https://', 'tcp://')
const hostPattern = fc.tuple(scheme, host, port).map(([before, whom, at]) => `${before}${whom}:${at}`)
const maxFileSize = fc.record({ maxFileSizeBytes: fc.integer({ min: 0, max: 2 ** 40 }) })
const connections = fc.record({ connections: fc.integer({ min: 0, max: 65_536 }) })

type Draft = {
  readonly kind: BuiltinKind
  readonly action: Action
  readonly pattern: string
  readonly limits?: GrantLimits
}

function rules(
  kind: BuiltinKind,
  actions: readonly Action[],
  pattern: fc.Arbitrary<string>,
  limits?: fc.Arbitrary<GrantLimits>,
): fc.Arbitrary<Draft> {
  const rule = fc.record({ kind: fc.constant(kind), action: fc.constantFrom(...actions), pattern })
  if (limits === undefined) return rule
  return fc.tuple(rule, fc.option(limits)).map(([one, limit]) => (limit === null ? one : { ...one, limits: limit }))
}

const variable = fc.constantFrom('A', 'PATH', 'INGEST_*', 'x"y')
const words = [
  rules('filesystem', ['read', 'delete', 'execute'], path),
  rules('network', ['connect'], hostPattern),
  rules('network', ['resolve'], host),
  rules('environment', ['read'], variable),
] as const
const denied = fc.oneof(
  ...words,
  rules('filesystem', ['write', 'create'], path),
  rules('storage', ['write'], fc.constant('self:*')),
)
const allowed = fc.oneof(
  ...words,
  rules('filesystem', ['write', 'create'], path, maxFileSize),
  rules('network', ['connect'], hostPattern, connections),
  rules('network', ['bind'], fc.constant('*:8080')),
  rules('messaging', ['publish', 'subscribe'], fc.constantFrom('orders.*', '>')),
  rules('storage', ['read'], fc.constantFrom('self:*', 'shared:x')),
  rules('process', ['spawn'], path),
)

/** Each pattern once a list, in the order in which a policy is rendered. */
function listOf(draft: fc.Arbitrary<Draft>): fc.Arbitrary<readonly Grant[]> {
  const selector = (rule: Draft): string => `${rule.kind}.${rule.action}=${rule.pattern}`
  return fc.uniqueArray(draft, { selector, maxLength: 12 }).map((drafts) => {
    const grants = drafts.map((rule): Grant => ({ ...rule, origin: { document: 'made.toml' } }))
    return groupRules(grants).flatMap((group) => group.rules)
  })
}

const limits = fc.record(
  {
    memoryBytes: fc.integer({ min: 0, max: 4 * 1024 ** 3 }),
    cpuPercent: fc.integer({ min: 1, max: 100_000 }),
    deadlineMs: fc.integer({ min: 1, max: 24 * 86_400_000 }),
    handles: fc.integer({ min: 0, max: 65_536 }),
    messagesPerHour: fc.nat(3_600_000_000),
    storageBytes: fc.nat(1_000_000_000),
    networkBytesPerHour: fc.nat(1_000_000_000),
    requestsPerHour: fc.nat(3_600_000_000),
    logBytesPerHour: fc.nat(1_000_000_000),
  },
  { requiredKeys: [] },
)
const description = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '' && !text.includes('\0') && !/\p{Cs}/u.test(text))
const components = fc.uniqueArray(fc.constantFrom('a', 'b', 't/c'), { minLength: 1 })

/** Policies of all kinds, as a native document could say them. */
export const anyPolicy: fc.Arbitrary<Policy> = fc
  .record(
    {
      description,
      shared: fc.record({ components, allow: listOf(allowed), deny: listOf(denied) }),
      allow: listOf(allowed),
      deny: listOf(denied),
      limits,
    },
    { requiredKeys: ['allow', 'deny', 'limits'] },
  )
  .map((policy) => ({ file: 'made.toml', format: 'native', ...policy, warnings: [] }))

const below = fc
  .tuple(path, fc.constantFrom('/*', '/**'))
  .map(([start, tail]) => (start.endsWith('/**') ? start : start + tail))
const files = fc
  .tuple(below, fc.constantFrom<readonly Action[]>(['read'], ['write', 'delete'], ['create'], ['delete'], ['execute']))
  .map(([pattern, actions]) => actions.map((action): Draft => ({ kind: 'filesystem', action, pattern })))
const somePort = port.filter((text) => !text.includes('-'))
const connection = fc
  .tuple(scheme, host, somePort)
  .map(([before, whom, at]): Draft[] => [{ kind: 'network', action: 'connect', pattern: `${before}${whom}:${at}` }])
const plainVariable = fc
  .constantFrom('A', 'PATH', 'x"y')
  .map((pattern): Draft[] => [{ kind: 'environment', action: 'read', pattern }])
const speakableList = fc.array(fc.oneof(files, connection, plainVariable), { maxLength: 12 }).map((groups) => {
  const origin = { document: 'made.toml' }
  const grants = new Map(
    groups.flat().map((rule) => [`${rule.kind}.${rule.action}=${rule.pattern}`, { ...rule, origin }]),
  )
  return [...grants.values()]
})

/** Policies for which Wassette's format has words. */
export const speakablePolicy: fc.Arbitrary<Policy> = fc
  .record(
    {
      description,
      shared: fc.record({ components, allow: speakableList, deny: speakableList }),
      allow: speakableList,
      deny: speakableList,
      limits: fc.record(
        { memoryBytes: fc.integer({ min: 1, max: 4 * 1024 ** 3 }), cpuPercent: fc.integer({ min: 1, max: 100_000 }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['allow', 'deny', 'limits'] },
  )
  .map((policy) => ({ file: 'made.toml', format: 'native', ...policy, warnings: [] }))
