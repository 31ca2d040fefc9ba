import type { Action, Kind } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CapabilitySet } from './capability-set.js'
import type { Grant } from './grant.js'
import {
  enumeratePaths,
  fileActions,
  fileGrantArbitrary,
  origin,
  pathPatternArbitrary,
  slowFileAllowed,
} from './slow-oracle.test.support.js'

const grant = (kind: Kind, action: Action, pattern: string): Grant => ({ kind, action, pattern, origin })
const read = (resource: string) => ({ kind: 'filesystem', action: 'read', resource }) as const
const setOf = (...grants: Grant[]) => CapabilitySet.of(grants, { componentId: 'ingest' })
const grantsArbitrary = fc.array(fileGrantArbitrary, { maxLength: 4 })
const paths = enumeratePaths(3)

const namesArbitrary = (separator: string, segments: readonly string[]) =>
  fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(separator))

/** Every name of one to four segments. */
function enumerateNames(separator: string, segments: readonly string[]): string[] {
  let last = [...segments]
  const all = [...last]
  for (let level = 1; level < 4; level++) {
    last = last.flatMap((name) => segments.map((segment) => `${name}${separator}${segment}`))
    all.push(...last)
  }
  return all
}

const hostsArbitrary = fc
  .tuple(
    fc.constantFrom('', 'udp://', 'http://', 'https://'),
    fc.constantFrom('*', 'a.b', '*.b', '*.a.b', 'c.a.b', '10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '[::1]', '[::]/0'),
    fc.constantFrom('', ':80', ':443', ':*', ':80-443'),
  )
  .map((parts) => parts.join(''))

const hostCandidates = ['tcp', 'udp', 'http', 'https'].flatMap((protocol) =>
  ['b', 'a.b', 'x.b', 'c.a.b', 'd.c.a.b', '10.1.2.3', '10.1.2.4', '10.2.0.1', '[::1]', '[::2]'].flatMap((host) =>
    [80, 100, 443, 8080].map((port) => `${protocol}://${host}:${port}`),
  ),
)

/** What a set allows of everything small, as a list to compare. */
function allowed(set: CapabilitySet): string[] {
  return fileActions.flatMap((action) =>
    paths
      .filter((resource) => set.check({ kind: 'filesystem', action, resource }) !== undefined)
      .map((path) => `${action} ${path}`),
  )
}

function slowlyAllowed(...lists: (readonly Grant[])[]): string[] {
  return fileActions.flatMap((action) =>
    paths
      .filter((path) => lists.every((list) => slowFileAllowed(list, action, path)))
      .map((path) => `${action} ${path}`),
  )
}

describe('CapabilitySet', () => {
  it('answers with the first rule that allows', () => {
    const set = setOf(grant('filesystem', 'read', '/data/**'), grant('filesystem', 'read', '/data/in/*'))
    expect(set.check(read('/data/in/a'))?.pattern).toBe('/data/**')
    expect(set.check(read('/etc/passwd'))).toBeUndefined()
    expect(set.check({ kind: 'filesystem', action: 'write', resource: '/data/in/a' })).toBeUndefined()
  })

  it('is empty when nothing is granted', () => {
    expect(setOf().check(read('/'))).toBeUndefined()
  })

  it('lets a write grant create, but a create grant not write', () => {
    const create = (resource: string) => ({ kind: 'filesystem', action: 'create', resource }) as const
    expect(setOf(grant('filesystem', 'write', '/d/*')).check(create('/d/x'))).toBeDefined()
    expect(setOf(grant('filesystem', 'write', '/d/*')).check({ ...create('/d/x'), action: 'delete' })).toBeUndefined()
    expect(setOf(grant('filesystem', 'create', '/d/*')).check({ ...create('/d/x'), action: 'write' })).toBeUndefined()
  })

  it('resolves the names that a connect rule covers, and no others', () => {
    const set = setOf(grant('network', 'connect', 'https://*.example.com'))
    expect(set.check({ kind: 'network', action: 'resolve', resource: 'api.example.com' })).toBeDefined()
    expect(set.check({ kind: 'network', action: 'resolve', resource: 'evil.com' })).toBeUndefined()
  })

  it('allows what its grants allow, by the slow oracle', () => {
    fc.assert(
      fc.property(grantsArbitrary, (grants) => {
        expect(allowed(setOf(...grants))).toEqual(slowlyAllowed(grants))
      }),
      { numRuns: 40 },
    )
  })

  it('intersects to exactly what both allow, by the slow oracle', () => {
    fc.assert(
      fc.property(grantsArbitrary, grantsArbitrary, (left, right) => {
        expect(allowed(setOf(...left).intersect(setOf(...right)))).toEqual(slowlyAllowed(left, right))
      }),
      { numRuns: 40 },
    )
  })

  it('covers only what it allows, by the slow oracle', () => {
    let covered = 0
    fc.assert(
      fc.property(grantsArbitrary, fileGrantArbitrary, grantsArbitrary, (grants, narrow, other) => {
        const set = setOf(...grants)
        expect(set.covers(set)).toBe(true)
        if (set.covers(narrow)) {
          covered++
          expect(slowlyAllowed(grants)).toEqual(expect.arrayContaining(slowlyAllowed([narrow])))
        }
        const both = set.intersect(setOf(...other))
        expect(set.covers(both)).toBe(true)
        if (both.covers(narrow)) {
          expect(slowlyAllowed(grants, other)).toEqual(expect.arrayContaining(slowlyAllowed([narrow])))
        }
      }),
      { numRuns: 300 },
    )
    expect(covered).toBeGreaterThan(5)
  })

  it.each([
    ['/data/**', '/data/in/*.csv', true],
    ['/data/**', '/data', true],
    ['/data/*', '/data/**', false],
    ['/a/**/b', '/a/**/x/b', true],
    ['/a/**/b', '/a/**', false],
    ['/a/*b*', '/a/xbx', true],
    ['/a/*b*', '/a/?b', true],
    ['/a/?', '/a/*', false],
    ['/a/x*', '/a/?', false],
    ['/a/[ab]', '/a/?', false],
    ['/a/?', '/a/[ab]', true],
    ['/a/[a-f]x', '/a/[b-c]x', true],
    ['/a/[!a-f]x', '/a/[!a-z]x', true],
    ['/a/[a-f]x', '/a/[!a]x', false],
  ])('files: %s covers %s: %s', (wide, narrow, expected) => {
    expect(setOf(grant('filesystem', 'read', wide)).covers(grant('filesystem', 'read', narrow))).toBe(expected)
  })

  it.each([
    ['network', 'connect', '*.example.com:*', 'https://a.example.com', true],
    ['network', 'connect', '*.example.com:*', '*.a.example.com:443', true],
    ['network', 'connect', '*.example.com:*', '*.example.org:443', false],
    ['network', 'connect', '*.example.com:*', 'udp://a.example.com:53', false],
    ['network', 'connect', 'a.example.com:443', 'a.example.com', false],
    ['network', 'connect', '10.0.0.0/8:*', '10.1.0.0/16:5432', true],
    ['network', 'connect', '10.1.0.0/16:*', '10.0.0.0/8:5432', false],
    ['network', 'connect', '10.0.0.0/16:*', '10.0.0.0/8:5432', false],
    ['storage', 'read', 'self:*', 'component:ingest:cache:*', true],
    ['storage', 'read', 'self:cache:*', 'self:*', false],
    ['storage', 'read', 'self:*:v', 'self:*', false],
    ['storage', 'read', 'self:*', 'self', false],
    ['messaging', 'publish', 'orders.>', 'orders.*', true],
    ['messaging', 'publish', 'orders.*', 'orders.>', false],
    ['messaging', 'publish', '*.new', 'orders.new', true],
    ['messaging', 'publish', 'orders.>', 'orders', false],
    ['environment', 'read', 'A*', 'AB*', true],
    ['environment', 'read', 'AB*', 'A*', false],
    ['process', 'spawn', '/usr/bin/*', '/usr/bin/env', true],
  ] as const)('%s.%s: %s covers %s: %s', (kind, action, wide, narrow, expected) => {
    expect(setOf(grant(kind, action, wide)).covers(grant(kind, action, narrow))).toBe(expected)
  })

  it.each([
    {
      kind: 'filesystem',
      action: 'read',
      pattern: pathPatternArbitrary,
      candidates: enumeratePaths(3),
    },
    {
      kind: 'storage',
      action: 'read',
      pattern: namesArbitrary(':', ['a', 'b', '*', 'self']),
      candidates: enumerateNames(':', ['a', 'b', 'component', 'ingest']),
    },
    {
      kind: 'messaging',
      action: 'publish',
      pattern: fc.tuple(namesArbitrary('.', ['a', 'b', '*']), fc.constantFrom('', '.>')).map((parts) => parts.join('')),
      candidates: enumerateNames('.', ['a', 'b', 'c']),
    },
    {
      kind: 'network',
      action: 'connect',
      pattern: hostsArbitrary,
      candidates: hostCandidates,
    },
    {
      kind: 'environment',
      action: 'read',
      pattern: fc.constantFrom('A', 'AB', 'ABA', 'A*', 'AB*', '*', 'B*', 'BA'),
      candidates: ['A', 'B', 'AB', 'BA', 'ABA', 'ABB', 'C'],
    },
  ] as const)('$kind: a pattern covers another only if it matches all that the other does', (grammar) => {
    let covered = 0
    fc.assert(
      fc.property(grammar.pattern, grammar.pattern, (wide, narrow) => {
        const [left, right] = [wide, narrow].map((pattern) => setOf(grant(grammar.kind, grammar.action, pattern)))
        if (left === undefined || right === undefined || !left.covers(right)) return
        if (wide !== narrow) covered++
        for (const resource of grammar.candidates) {
          const request = { kind: grammar.kind, action: grammar.action, resource }
          if (right.check(request) !== undefined && left.check(request) === undefined) {
            throw new Error(`${wide} does not match ${resource}, which ${narrow} matches`)
          }
        }
      }),
      { numRuns: 400 },
    )
    expect(covered).toBeGreaterThan(5)
  })

  it('attenuates to what it covers, and names the grant that it does not', () => {
    const set = setOf(grant('filesystem', 'read', '/data/**'))
    const narrow = set.attenuate([grant('filesystem', 'read', '/data/in/**')])
    expect(narrow.check(read('/data/in/a'))).toBeDefined()
    expect(narrow.check(read('/data/out/a'))).toBeUndefined()
    expect(() => set.attenuate([grant('filesystem', 'write', '/data/x')])).toThrow(
      '`filesystem.write /data/x` (test:1) is not covered by the set that it should narrow',
    )
  })

  it('does not intersect sets of different components', () => {
    const other = CapabilitySet.of([], { componentId: 'other' })
    expect(() => setOf().intersect(other)).toThrow('they have no intersection')
  })

  it('refuses an action that the kind does not have', () => {
    expect(() => setOf(grant('environment', 'write', 'A'))).toThrow('there is no action `environment.write`')
  })
})
