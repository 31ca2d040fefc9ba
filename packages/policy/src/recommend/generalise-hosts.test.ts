import { describe, expect, it } from 'vitest'
import type { Generalisation } from './generalisation.js'
import type { ObservedAccess } from './observed-access.js'
import { parentDomain } from './parent-domain.js'
import { recommend } from './recommend.js'
import { componentId, patternsOf, rule } from './recommend.test.support.js'

function access(action: string, resource: string, verdict: 'granted' | 'denied' = 'granted'): ObservedAccess {
  return {
    kind: 'network',
    action,
    resource,
    verdict,
    layer: verdict === 'granted' ? 'policy' : 'deny',
  } as ObservedAccess
}

function generalised(level: Generalisation, ...accesses: readonly ObservedAccess[]): readonly string[] {
  return patternsOf(recommend({ componentId, accesses, present: { allow: [] }, generalise: level }))
}

function connects(level: Generalisation, ...resources: readonly string[]): readonly string[] {
  return generalised(level, ...resources.map((resource) => access('connect', resource)))
}

const three = ['https://a.api.example.com:443', 'https://b.api.example.com:443', 'https://c.api.example.com:443']

describe('hosts', () => {
  it('are written as short as they can be said', () => {
    expect(
      connects(
        'none',
        'https://API.example.com:443',
        'http://api.example.com:80',
        'http://api.example.com:8080',
        'tcp://db.example.com:5432',
        'udp://10.0.0.1:53',
        'tcp://[2001:db8::1]:443',
        'cache.example.com:6379',
      ),
    ).toEqual([
      '[2001:db8::1]:443',
      'cache.example.com:6379',
      'db.example.com:5432',
      'http://api.example.com',
      'http://api.example.com:8080',
      'https://api.example.com',
      'udp://10.0.0.1:53',
    ])
  })

  it('are said with every port only where none was asked for', () => {
    expect(connects('domains', 'a.api.example.com', 'b.api.example.com', 'c.api.example.com')).toEqual([
      'a.api.example.com:*',
      'b.api.example.com:*',
      'c.api.example.com:*',
    ])
    expect(connects('none', '10.0.0.1', '::1', '[::2]')).toEqual(['10.0.0.1:*', '[::1]:*', '[::2]:*'])
  })

  it('are generalised at their level only', () => {
    expect(connects('directories', ...three)).toHaveLength(3)
    expect(connects('domains', ...three)).toEqual(['https://*.api.example.com'])
    expect(connects('domains', ...three.slice(1))).toHaveLength(2)
  })

  it('are generalised by protocol and port each for itself', () => {
    const [a = '', b = '', c = ''] = three
    expect(connects('domains', a, b, c.replace('443', '8443'))).toHaveLength(3)
    expect(connects('domains', a, b, c.replace('https', 'tcp'))).toHaveLength(3)
  })

  it('below a wildcard need no line of their own', () => {
    expect(connects('domains', ...three, 'https://x.y.api.example.com:443')).toEqual(['https://*.api.example.com'])
    const below = ['a', 'b', 'c'].map((name) => `https://${name}.eu.api.example.com:443`)
    expect(connects('domains', ...three, ...below)).toEqual(['https://*.api.example.com'])
  })

  it('that `tcp` stands for need no line of their own', () => {
    expect(connects('none', 'https://a.example.com:443', 'tcp://a.example.com:443')).toEqual(['a.example.com:443'])
    expect(connects('domains', ...three.map((one) => one.replace('https', 'tcp')), ...three)).toEqual([
      '*.api.example.com:443',
    ])
  })

  it('are not generalised over what was refused', () => {
    const granted = three.map((resource) => access('connect', resource))
    const withRefused = (refused: ObservedAccess): number => generalised('domains', ...granted, refused).length
    expect(withRefused(access('connect', 'https://vault.api.example.com:443', 'denied'))).toBe(3)
    expect(withRefused(access('resolve', 'vault.api.example.com', 'denied'))).toBe(3)
    expect(withRefused(access('connect', 'tcp://vault.api.example.com:443', 'denied'))).toBe(1)
    expect(withRefused(access('connect', 'https://vault.api.example.com:444', 'denied'))).toBe(1)
    expect(withRefused(access('connect', 'https://vault.other.example.com:443', 'denied'))).toBe(1)
    expect(withRefused(access('connect', 'https://10.0.0.1:443', 'denied'))).toBe(1)
  })

  it('of `tcp` are not generalised over a refused `https`', () => {
    const granted = three.map((resource) => access('connect', resource.replace('https', 'tcp')))
    expect(
      generalised('domains', ...granted, access('connect', 'https://vault.api.example.com:443', 'denied')),
    ).toHaveLength(3)
  })

  it('are not generalised over a deny rule', () => {
    const accesses = three.map((resource) => access('connect', resource))
    const lines = (pattern: string): number =>
      recommend({
        componentId,
        accesses,
        present: { allow: [], deny: [rule('network', 'connect', pattern)] },
        generalise: 'domains',
      }).lines.length
    expect(lines('https://vault.api.example.com')).toBe(3)
    expect(lines('https://vault.example.com')).toBe(1)
  })

  it('are bound to by name and port', () => {
    const binds = ['a', 'b', 'c'].map((name) => access('bind', `tcp://${name}.api.example.com:8080`))
    expect(generalised('domains', ...binds)).toHaveLength(3)
  })
})

describe('names to resolve', () => {
  it('are implied by what may be connected to', () => {
    expect(generalised('none', access('resolve', 'a.example.com'), access('connect', 'a.example.com:443'))).toEqual([
      'a.example.com:443',
    ])
    expect(
      generalised('domains', ...three.map((one) => access('connect', one)), access('resolve', 'z.api.example.com')),
    ).toEqual(['https://*.api.example.com'])
  })

  it('have lines of their own otherwise', () => {
    const resolves = ['a', 'b', 'c'].map((name) => access('resolve', `${name}.api.example.com`))
    expect(generalised('none', ...resolves)).toHaveLength(3)
    expect(generalised('domains', ...resolves)).toEqual(['*.api.example.com'])
    expect(generalised('domains', ...resolves, access('resolve', 'x.api.example.com', 'denied'))).toHaveLength(3)
  })
})

describe('the parent of a wildcard', () => {
  it.each([
    ['eu.api.example.com', 'api.example.com'],
    ['a.eu.api.example.com', 'eu.api.example.com'],
    ['a.api.example.de', 'api.example.de'],
    ['a.api.example.co.uk', 'api.example.co.uk'],
    ['a.b.example.tokyo.jp', undefined],
    ['a.b.c.example.tokyo.jp', 'b.c.example.tokyo.jp'],
    ['api.example.com', undefined],
    ['example.com', undefined],
    ['localhost', undefined],
    ['a.example.co.uk', undefined],
    ['a.b.user.github.io', undefined],
    ['a.b.s3.amazonaws.com', undefined],
    ['a.b.c.notamazonaws.com', 'b.c.notamazonaws.com'],
  ])('of %s is %s', (name, parent) => {
    expect(parentDomain(name)).toBe(parent)
  })
})
