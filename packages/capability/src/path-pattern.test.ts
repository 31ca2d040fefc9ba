import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePathPattern } from './path-pattern.js'
import { PatternError } from './pattern-error.js'
import { slowPathMatches } from './slow-oracle.test.support.js'
import { enumeratePaths, pathPatternArbitrary } from './small-worlds.test.support.js'

function errorOf(source: string): PatternError {
  try {
    compilePathPattern(source)
  } catch (thrown) {
    if (thrown instanceof PatternError) return thrown
    throw thrown
  }
  throw new Error(`${source} compiled`)
}

describe('compilePathPattern', () => {
  it.each([
    ['/data/**', '/data', true],
    ['/data/**', '/data/a/b', true],
    ['/data/**', '/database', false],
    ['/a/**/b', '/a/b', true],
    ['/a/**/b', '/a/x/y/b', true],
    ['/a/**/b', '/a/x/y/c', false],
    ['/', '/', true],
    ['/', '/a', false],
    ['/**', '/', true],
    ['/a/*', '/a/.hidden', true],
    ['/a/*', '/a', false],
    ['/a/?', '/a/😀', true],
    ['/a/[😀-😂]', '/a/😁', true],
    ['/a/[b-d]', '/a/a', false],
    ['/a/[b-d]', '/a/b', true],
    ['/a/[b-d]', '/a/d', true],
    ['/a/[b-d]', '/a/e', false],
    ['/a/[bd]', '/a/c', false],
    ['/a/[!b-d]', '/a/c', false],
    ['/a/[!b-d]', '/a/\u{10ffff}', true],
    ['/a/[]x]', '/a/]', true],
    ['/a/[!]x]', '/a/]', false],
    ['/a/[!]x]', '/a/y', true],
    ['/a/[{]b[}]', '/a/{b}', true],
    ['/a/[\\]', '/a/\\', true],
    ['/a/b]', '/a/b]', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(compilePathPattern(pattern).matches(path)).toBe(expected)
  })

  it.each(['', 'a', 'a/b', '/a/', '//', '/a//b', '/a/.', '/a/..', '/./a', '/a/\0', '/a/\ud800'])(
    'never matches the candidate %j, which is not canonical',
    (path) => {
      expect(compilePathPattern('/**').matches(path)).toBe(false)
      expect(compilePathPattern('/**').matches('/a/b')).toBe(true)
    },
  )

  it.each([
    ['', 0],
    ['a/b', 0],
    ['/a/', 2],
    ['/a//b', 3],
    ['/a/../b', 3],
    ['/a/.', 3],
    ['/a/b**', 4],
    ['/a/***', 3],
    ['/a/[bc', 3],
    ['/a/[/]', 3],
    ['/a/x[]', 4],
    ['/a/[^a]', 4],
    ['/a/[z-a]', 4],
    ['/a/[bz-a]', 5],
    ['/a/{b}', 3],
    ['/a/b}', 4],
    ['/a/b\\c', 4],
    ['/a/\0', 3],
    ['/a/😀\u0085', 5],
    ['/a/\udc00', 3],
    [`/${'a'.repeat(4096)}`, 4096],
    [`/${'é'.repeat(2048)}`, 2048],
  ])('points at what is wrong in %j: %i', (source, position) => {
    const error = errorOf(source)
    expect(error.position).toBe(position)
    expect(error.code).toBe('document-invalid')
    expect(error.source).toBe(source)
    expect(error.hint).toBeTruthy()
  })

  it('takes a pattern of exactly 4,096 bytes', () => {
    const source = `/${'a'.repeat(4095)}`
    expect(compilePathPattern(source).matches(source)).toBe(true)
  })

  it('agrees with the slow oracle on every small path', () => {
    const paths = enumeratePaths(3)
    fc.assert(
      fc.property(pathPatternArbitrary, (source) => {
        const pattern = compilePathPattern(source)
        for (const path of paths)
          expect([source, path, pattern.matches(path)]).toEqual([source, path, slowPathMatches(source, path)])
      }),
      { numRuns: 150 },
    )
  })

  it('throws nothing but PatternError, with a position inside the source, whatever the text', () => {
    const text = fc.string({
      unit: fc.constantFrom('/', '*', '[', ']', '!', '^', '-', 'a', '.', '\\', '{', '😀', '\ud800', '\0'),
    })
    fc.assert(
      fc.property(text, text, (tail, candidate) => {
        const source = `/${tail}`
        try {
          compilePathPattern(source).matches(candidate)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PatternError)
          const { position } = thrown as PatternError
          expect(position >= 0 && position < source.length).toBe(true)
        }
      }),
    )
  })
})
