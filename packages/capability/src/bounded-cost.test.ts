// What a check costs is counted in looks at the pattern, never in time: a pattern is behind a proxy that counts each
// element that is read. Pattern and candidate come from people who would like a check to take long.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTable, type TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'
import { searchStepsMax } from './limits.js'
import { parsePathPattern, pathCovers, pathMatches } from './path-pattern.js'
import { leadsToGrant } from './path-questions.js'
import { PathTrieBuilder } from './path-trie-builder.js'
import { PathWalk } from './path-walk.js'
import { type SegmentGlob, segmentCovers, segmentMatches } from './segment-glob.js'
import { origin } from './small-worlds.test.support.js'

type Counter = { looks: number }

/** The array, with each read of one of its elements counted. */
function counted<Item>(items: readonly Item[], counter: Counter): readonly Item[] {
  return new Proxy(items, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) counter.looks++
      return Reflect.get(target, key, receiver)
    },
  })
}

function globOf(text: string): SegmentGlob {
  const segment = parsePathPattern(`/${text}`).segments[0]
  return segment?.kind === 'glob'
    ? segment.glob
    : { codes: [...text].map((one) => one.codePointAt(0) ?? 0), classes: [] }
}

const hostileSegment = fc
  .array(fc.constantFrom('*', '?', 'a', '[ab]', '[!a]', '*a', 'b'), { minLength: 1, maxLength: 40 })
  .map((parts) => parts.join('').replaceAll(/\*+/g, '*'))
const hostileName = fc
  .array(fc.constantFrom('a', 'a', 'a', 'b'), { minLength: 1, maxLength: 60 })
  .map((it) => it.join(''))
const hostilePath = fc
  .array(fc.constantFrom('**', '**', '*', 'a', '?', '[ab]'), { maxLength: 30 })
  .map((segments) => `/${segments.join('/')}`)
const hostileSegments = fc.array(fc.constantFrom('a', 'a', 'b'), { maxLength: 60 })

const countSegment = (pattern: string, name: string) => {
  const counter = { looks: 0 }
  const { codes, classes } = globOf(pattern)
  const matches = segmentMatches({ codes: counted(codes, counter), classes }, name)
  return { ...counter, matches, bound: (codes.length + 1) * (name.length + 1) + codes.length }
}
const countPath = (pattern: string, path: readonly string[]) => {
  const counter = { looks: 0 }
  const { segments } = parsePathPattern(pattern)
  const matches = pathMatches(counted(segments, counter), path)
  return { ...counter, matches, bound: (segments.length + 1) * (path.length + 1) + segments.length + 1 }
}

describe('a check', () => {
  it('of one segment looks at most pattern × name times', () => {
    fc.assert(
      fc.property(hostileSegment, hostileName, (pattern, name) => {
        const { looks, bound } = countSegment(pattern, name)
        expect(looks).toBeLessThanOrEqual(bound)
      }),
    )
    const worst = countSegment(`${'*a'.repeat(500)}b`, 'a'.repeat(1000))
    expect(worst.matches).toBe(false)
    expect(worst.looks).toBeLessThanOrEqual(worst.bound)
    expect(countSegment(`${'*a'.repeat(500)}b`, `${'a'.repeat(1000)}b`).matches).toBe(true)
  })

  it('of one path pattern looks at most pattern × path times', () => {
    fc.assert(
      fc.property(hostilePath, hostileSegments, (pattern, path) => {
        const { looks, bound } = countPath(pattern, path)
        expect(looks).toBeLessThanOrEqual(bound)
      }),
    )
    const worst = countPath(`${'/**/a'.repeat(300)}/b`, new Array<string>(600).fill('a'))
    expect(worst.matches).toBe(false)
    expect(worst.looks).toBeLessThanOrEqual(worst.bound)
  })

  it('of all path patterns at once looks at most once for each node and segment', () => {
    fc.assert(
      fc.property(fc.array(hostilePath, { minLength: 1, maxLength: 20 }), hostileSegments, (patterns, path) => {
        const builder = new PathTrieBuilder(1)
        for (const [rule, pattern] of patterns.entries()) {
          builder.add(parsePathPattern(pattern).segments, { list: 0, bits: 1, rule })
        }
        const trie = builder.build(new Map())
        const counter = { looks: 0 }
        const walk = new PathWalk({ ...trie, nodes: counted(trie.nodes, counter) })
        walk.walk(`/${path.join('/')}`)
        // Each node is read when it becomes active, from its parent or by its own loop, and when it is advanced from.
        expect(counter.looks).toBeLessThanOrEqual(3 * trie.nodes.length * (path.length + 1))
        expect(walk.activeCount + walk.settledCount).toBeLessThanOrEqual(trie.nodes.length)
      }),
    )
  })

  it('of whether one pattern covers another looks at most one × other times', () => {
    fc.assert(
      fc.property(hostileSegment, hostileSegment, (wide, narrow) => {
        const counter = { looks: 0 }
        const [one, other] = [globOf(wide), globOf(narrow)]
        segmentCovers({ codes: counted(one.codes, counter), classes: one.classes }, other)
        expect(counter.looks).toBeLessThanOrEqual(2 * (one.codes.length + 1) * (other.codes.length + 2))
      }),
    )
    fc.assert(
      fc.property(hostilePath, hostilePath, (wide, narrow) => {
        const counter = { looks: 0 }
        const [one, other] = [parsePathPattern(wide).segments, parsePathPattern(narrow).segments]
        pathCovers(counted(one, counter), other)
        expect(counter.looks).toBeLessThanOrEqual(2 * (one.length + 1) * (other.length + 2))
      }),
    )
  })

  it('of whether something is granted below ends after its bound, whatever the patterns', () => {
    const entangled = Array.from({ length: 40 }, (_, length) => `/**/a${'/?'.repeat(length)}`)
    const rules = entangled.map((pattern) => ({ kind: 'filesystem', action: 'read', pattern, origin }) as const)
    const table = compileTable({ ...specOf(rules), deny: rules })
    const counter = { looks: 0 }
    const files = { ...table.files, nodes: counted(table.files.nodes, counter) }
    expect(leadsToGrant({ ...table, files }, '/x')).toBe(true)
    expect(counter.looks).toBeLessThanOrEqual(8 * searchStepsMax)
  })

  it('of whether something is granted below counts what long wildcards cost', () => {
    const long = Array.from({ length: 200 }, (_, n) => `/x/${'?*'.repeat(300)}${n}*/y`)
    const rules = long.map((pattern) => ({ kind: 'filesystem', action: 'read', pattern, origin }) as const)
    const table = compileTable({ ...specOf(rules), deny: rules })
    const counter = { looks: 0 }
    const nodes = table.files.nodes.map((node) => ({
      ...node,
      globs: node.globs.map(({ glob, node: child }) => ({
        glob: { ...glob, codes: counted(glob.codes, counter) },
        node: child,
      })),
    }))
    expect(leadsToGrant({ ...table, files: { ...table.files, nodes } }, '/x')).toBe(true)
    expect(counter.looks).toBeLessThanOrEqual(8 * searchStepsMax)
  })
})

function specOf(grants: readonly Grant[]): TableSpec {
  return {
    version: 1,
    componentId: 'x',
    forbidden: [],
    deny: [],
    layers: [{ layer: 'manifest', grants }],
    operator: [],
  }
}
