import type { Action, Kind } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { CapabilitySet } from './capability-set.js'
import type { Grant } from './grant.js'
import { custom, kinds, origin } from './small-worlds.test.support.js'

const grant = (kind: Kind, action: Action, pattern: string): Grant => ({ kind, action, pattern, origin })
const read = (resource: string) => ({ kind: 'filesystem', action: 'read', resource }) as const
const setOf = (...grants: Grant[]) => CapabilitySet.of(grants, { componentId: 'ingest' })

describe('CapabilitySet', () => {
  it('answers with the first rule that allows', () => {
    const set = setOf(grant('filesystem', 'read', '/data/**'), grant('filesystem', 'read', '/data/in/*'))
    expect(set.check(read('/data/in/a'))?.pattern).toBe('/data/**')
    expect(set.check(read('/etc/passwd'))).toBeUndefined()
    expect(set.check({ kind: 'filesystem', action: 'write', resource: '/data/in/a' })).toBeUndefined()
  })

  it('allows nothing that is not a request', () => {
    const set = setOf(grant('filesystem', 'read', '/**'), grant('network', 'connect', '*:*'))
    const check = (kind: string, action: string, resource: string) =>
      set.check({ kind: kind as Kind, action: action as Action, resource })
    expect(check('filesystem', 'read', '/a')).toBeDefined()
    expect(check('files', 'read', '/a')).toBeUndefined()
    expect(check('filesystem', 'peek', '/a')).toBeUndefined()
    expect(check('filesystem', 'read', 'a')).toBeUndefined()
    expect(check('network', 'connect', 'a b:1')).toBeUndefined()
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

  it('speaks of custom kinds, and intersects only with what speaks of the same', () => {
    const show = grant(custom('badge'), kinds.get('badge')?.actions[0] ?? 'read', 'guest-*')
    const badges = CapabilitySet.of([show], { componentId: 'ingest', kinds })
    const request = { kind: show.kind, action: show.action, resource: 'guest-7' }
    expect(badges.check(request)?.pattern).toBe('guest-*')
    expect(badges.attenuate([{ ...show, pattern: 'guest-1*' }]).check(request)).toBeUndefined()
    expect(badges.intersect(badges).check(request)?.pattern).toBe('guest-*')
    expect(() => setOf(show)).toThrow('`badge` is not a kind')
    expect(() => badges.intersect(setOf())).toThrow('the sets speak of different custom kinds')
  })

  it('covers no grant with wider limits', () => {
    const write = (maxFileSizeBytes: number): Grant => ({
      ...grant('filesystem', 'write', '/out/**'),
      limits: { maxFileSizeBytes },
    })
    expect(setOf(write(10)).covers(write(10))).toBe(true)
    expect(setOf(write(10)).covers(write(11))).toBe(false)
    expect(setOf(write(10)).covers(grant('filesystem', 'write', '/out/x'))).toBe(false)
    expect(setOf(grant('filesystem', 'write', '/out/x')).covers({ ...write(10), pattern: '/out/x' })).toBe(true)
  })

  it('refuses an action that the kind does not have', () => {
    expect(() => setOf(grant('environment', 'write', 'A'))).toThrow('there is no action `environment.write`')
  })
})
