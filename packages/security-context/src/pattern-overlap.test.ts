import {
  compileEnvironmentPattern,
  compileHostPattern,
  compileNamespacePattern,
  compilePathPattern,
  compileTopicPattern,
  defineKinds,
} from '@bulkhead/capability'
import type { Kind } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternsOverlap } from './pattern-overlap.js'

const kinds = defineKinds([
  { name: 'crm-path', grammar: 'path', actions: ['find'] },
  { name: 'crm-name', grammar: 'name', actions: ['find'] },
  { name: 'crm-topic', grammar: 'topic', actions: ['find'] },
  { name: 'crm-exact', grammar: 'exact', actions: ['find'] },
])
const owner = { componentId: 'ingest', kinds }
const custom = (name: string): Kind => kinds.get(name)?.name ?? 'process'

const overlap = (kind: Kind, left: string, right: string): boolean => {
  const answer = patternsOverlap(kind, left, right, owner)
  expect(patternsOverlap(kind, right, left, owner)).toBe(answer)
  return answer
}

describe('patternsOverlap', () => {
  it.each([
    ['filesystem', '/data/**', '/data', true],
    ['filesystem', '/', '/**', true],
    ['filesystem', '/', '/*', false],
    ['filesystem', '/data/*/x', '/data/a/**', true],
    ['filesystem', '/data/*/x', '/data/a/y', false],
    ['filesystem', '/a*', '/*b', true],
    ['filesystem', '/a*c', '/b*', false],
    ['filesystem', '/a?', '/[!a]*', false],
    ['filesystem', '/[ab]', '/[bc]', true],
    ['filesystem', '/[ab]', '/c', false],
    ['filesystem', '/[]x]', '/]', true],
    ['filesystem', '/[!]]', '/]', false],
    ['filesystem', '/**/x', '/a/b/x', true],
    ['process', '/usr/bin/*', '/usr/bin/true', true],
    ['network', '*.example.com:443', 'api.example.com:*', true],
    ['network', '*.example.com:443', 'example.com:443', false],
    ['network', '*.example.com:443', '*.api.example.com:443', true],
    ['network', 'https://a.example', 'a.example:443', true],
    ['network', 'udp://a.example:53', 'a.example:53', false],
    ['network', 'a.example:80', 'a.example:443', false],
    ['network', '10.0.0.0/8:5432', '10.1.0.0/16:*', true],
    ['network', '10.0.0.0/8:5432', '11.0.0.0/16:*', false],
    ['network', '10.0.0.0/8:5432', '*.example.com:*', false],
    ['network', '*:443', '10.0.0.1:443', true],
    ['network', 'a.example:443', '*:443', true],
    ['storage', 'self:*', 'component:ingest:cache', true],
    ['storage', 'self:*', 'component:other:*', false],
    ['storage', 'self:*', 'self', false],
    ['messaging', 'orders.*', 'orders.>', true],
    ['messaging', 'orders.>', 'orders', false],
    ['messaging', 'orders.*.new', 'orders.eu.old', false],
    ['environment', 'INGEST_*', 'INGEST_MODE', true],
    ['environment', 'INGEST_*', 'IN*', true],
    ['environment', 'INGEST', 'INGEST_MODE', false],
    [custom('crm-path'), '/a/*', '/a/b', true],
    [custom('crm-name'), 'customer-*', 'customer-7', true],
    [custom('crm-topic'), 'a.*', 'a.b', true],
    [custom('crm-exact'), 'a*', 'ab', false],
    [custom('crm-exact'), 'a*', 'a*', true],
  ] as const)('%s: %s and %s: %s', (kind, left, right, expected) => {
    expect(overlap(kind, left, right)).toBe(expected)
  })

  // What a pattern may be made of, and a candidate of the same, so that both often fit.
  const word = fc.constantFrom('a', 'b', 'ab')
  const segment = fc.array(fc.constantFrom('a', 'b', '*', '?', '[ab]', '[!a]'), { minLength: 1, maxLength: 3 })
  const glob = segment.map((parts) => parts.join('')).filter((text) => text !== '**' && !text.includes('**'))
  const paths = fc.array(fc.oneof(glob, fc.constant('**')), { maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
  const pathCandidates = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), { maxLength: 3 })
    .map((parts) => `/${parts.join('/')}`)
  const words = (separator: string, more: string) =>
    fc
      .tuple(fc.array(fc.oneof(word, fc.constant('*')), { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([parts, open]) => [...parts, ...(open ? [more] : [])].join(separator))
  const names = fc.tuple(word, fc.boolean()).map(([name, open]) => `${name}${open ? '*' : ''}`)
  const hosts = fc
    .tuple(
      fc.constantFrom('', 'udp://', 'https://'),
      fc.constantFrom('a.b', '*.b', '*', '10.0.0.1', '10.0.0.0/8', '*.a.b'),
      fc.constantFrom(':443', ':1-500', ':*'),
    )
    .map((parts) => parts.join(''))
  const hostCandidates = fc
    .tuple(
      fc.constantFrom('tcp://', 'udp://', 'https://'),
      fc.constantFrom('a.b', 'c.b', 'x.a.b', '10.0.0.1'),
      fc.constantFrom(':443', ':80'),
    )
    .map((parts) => parts.join(''))

  const grammars: readonly [
    Kind,
    fc.Arbitrary<string>,
    fc.Arbitrary<string>,
    (pattern: string, one: string) => boolean,
  ][] = [
    ['filesystem', paths, pathCandidates, (pattern, one) => compilePathPattern(pattern).matches(one)],
    ['network', hosts, hostCandidates, (pattern, one) => compileHostPattern(pattern).matches(one)],
    [
      'storage',
      words(':', '*'),
      fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':')),
      (pattern, one) => compileNamespacePattern(pattern, owner).matches(one),
    ],
    [
      'messaging',
      words('.', '>'),
      fc.array(word, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
      (pattern, one) => compileTopicPattern(pattern).matches(one),
    ],
    ['environment', names, word, (pattern, one) => compileEnvironmentPattern(pattern).matches(one)],
  ]

  it.each(grammars)('%s: is never false where both match one thing', (kind, patterns, candidates, matches) => {
    let met = 0
    fc.assert(
      fc.property(patterns, patterns, candidates, (left, right, candidate) => {
        if (!matches(left, candidate) || !matches(right, candidate)) return
        met++
        expect(overlap(kind, left, right)).toBe(true)
      }),
      { numRuns: 1500 },
    )
    expect(met).toBeGreaterThan(20)
  })

  it('is true for paths without classes only where something matches both', () => {
    const plain = fc
      .array(fc.oneof(fc.constantFrom('a', 'b', '*', 'a*', '*b', '?', 'b?'), fc.constant('**')), { maxLength: 3 })
      .map((parts) => `/${parts.join('/')}`)
    const alphabet = ['a', 'b', 'c', 'ab', 'aa', 'ba', 'bb', 'bc', 'abb', 'aab']
    const all = [
      '/',
      ...below(['']),
      ...below(below([''])),
      ...below(below(below(['']))),
      ...below(below(below(below(['']))).slice(0, 1500)),
    ]
    function below(parents: readonly string[]): string[] {
      return parents.flatMap((parent) => alphabet.map((name) => `${parent}/${name}`))
    }
    fc.assert(
      fc.property(plain, plain, (left, right) => {
        if (!overlap('filesystem', left, right)) return
        const [one, other] = [compilePathPattern(left), compilePathPattern(right)]
        expect(all.some((path) => one.matches(path) && other.matches(path))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
