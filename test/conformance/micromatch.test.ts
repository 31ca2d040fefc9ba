import { createRequire } from 'node:module'
import { compilePathPattern } from '@bulkhead/capability'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

// micromatch ships no types; this is the one function that serves as the oracle.
const micromatch = createRequire(import.meta.url)('micromatch') as {
  isMatch: (candidate: string, pattern: string, options: Readonly<Record<string, boolean>>) => boolean
}

// The grammar that both have: no braces, no extended globs, no negation of a whole pattern, hidden names like all others.
// micromatch has three ways of its own: it reads `!` in a class as a member and `^` as negation; it lets a leading `**`
// be empty only in relative patterns, so that both sides lose their first `/`; and a last `**` after a segment that ends
// in `*` is never empty to it, so that those patterns are left out.
const options = { dot: true, nobrace: true, noext: true, nonegate: true }
const oracle = (source: string, candidate: string) =>
  micromatch.isMatch(candidate.slice(1), source.slice(1).replaceAll('[!', '[^'), options)
const inCommon = (source: string) => !/\*(\/\*\*)+$/.test(source)
const segment = fc.constantFrom(
  'a',
  'b',
  'ab',
  '.a',
  '*',
  '**',
  '?',
  'a*',
  '*b',
  '*a*',
  '?b',
  '[ab]',
  'a[a-c]',
  '[!a]',
  '[!b]*',
  'a[!b]',
  '*[!a]b',
  '*.txt',
)
const pattern = fc
  .array(segment, { minLength: 1, maxLength: 5 })
  .map((segments) => `/${segments.join('/')}`)
  .filter(inCommon)
const name = fc.constantFrom('a', 'b', 'c', 'ab', 'bb', 'aab', '.a', 'x.txt', 'ac')
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`)

describe('the path matcher and micromatch', () => {
  it('agree on the common grammar', () => {
    let matched = 0
    fc.assert(
      fc.property(pattern, path, (source, candidate) => {
        const ours = compilePathPattern(source).matches(candidate)
        if (ours) matched++
        expect([source, candidate, ours]).toEqual([source, candidate, oracle(source, candidate)])
      }),
      { numRuns: 5000 },
    )
    expect(matched).toBeGreaterThan(100)
  })
})
