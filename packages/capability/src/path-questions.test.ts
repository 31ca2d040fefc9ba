import type { Action } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTable, type TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'
import { allowedActions, leadsToGrant, sameBelow } from './path-questions.js'
import { slowAnswer } from './slow-oracle.test.support.js'
import {
  enumeratePaths,
  files,
  grantIn,
  hostPathOf,
  origin,
  pathArbitrary,
  specIn,
} from './small-worlds.test.support.js'

const grant = (action: Action, pattern: string): Grant => ({ kind: 'filesystem', action, pattern, origin })
const manifestOf = (...grants: Grant[]): TableSpec => ({
  version: 1,
  componentId: 'tiny',
  forbidden: [],
  deny: [],
  layers: [{ layer: 'manifest', grants }],
  operator: [],
})
const tableOf = (...grants: Grant[]) => compileTable(manifestOf(...grants))
const join = (directory: string, below: string) =>
  directory === '/' ? below : below === '/' ? directory : directory + below
const everythingBelow = enumeratePaths(3)
const sameFor = (spec: TableSpec, from: string, to: string) =>
  sameBelow(compileTable(spec), { path: from }, { path: to })

describe('leadsToGrant', () => {
  it.each([
    ['/', true],
    ['/data', true],
    ['/data/in', true],
    ['/data/in/deep/er', true],
    ['/data/out', false],
    ['/etc', false],
    ['/data/', false],
    ['/data/../data', false],
  ])('%s: %s', (path, expected) => {
    expect(leadsToGrant(tableOf(grant('read', '/data/in/**')), path)).toBe(expected)
  })

  it('looks for the actions that are asked', () => {
    const table = tableOf(grant('read', '/data/**'), grant('create', '/data/out/**'))
    expect(leadsToGrant(table, '/data/in', ['write', 'create', 'delete'])).toBe(false)
    expect(leadsToGrant(table, '/data', ['write', 'create', 'delete'])).toBe(true)
    expect(leadsToGrant(table, '/data/out', ['delete'])).toBe(false)
  })

  it('needs every layer, or the operator', () => {
    const layers = [
      { layer: 'manifest', grants: [grant('read', '/data/**')] },
      { layer: 'policy', grants: [grant('read', '/data/in/**'), grant('write', '/data/out/**')] },
    ] as const
    const table = compileTable({ ...manifestOf(), layers, operator: [grant('read', '/etc/hosts')] })
    expect(leadsToGrant(table, '/data/in')).toBe(true)
    expect(leadsToGrant(table, '/data/out')).toBe(false)
    expect(leadsToGrant(table, '/etc')).toBe(true)
    expect(leadsToGrant(compileTable({ ...manifestOf(), layers: [] }), '/')).toBe(false)
  })

  it('does not lead to what is denied, whatever is denied beside it', () => {
    const spec = {
      ...manifestOf(grant('read', '/data/**'), grant('write', '/data/out/**')),
      deny: [grant('read', '/data/secret/**'), grant('read', '/data/*/key'), grant('write', '/data/out/locked/*')],
    }
    const leads = (path: string) => leadsToGrant(compileTable(spec), path)
    expect(leads('/data/secret')).toBe(false)
    expect(leads('/data/secret/deep')).toBe(false)
    expect(leads('/data/other')).toBe(true)
    expect(leads('/data/other/key')).toBe(true)
    expect(leads('/data/out/locked')).toBe(true)
    const keysOnly = { ...spec, layers: manifestOf(grant('read', '/data/*/key')).layers }
    expect(leadsToGrant(compileTable(keysOnly), '/data/other')).toBe(false)
    expect(leadsToGrant(compileTable({ ...keysOnly, deny: [] }), '/data/other')).toBe(true)
  })

  it('leads only to what a role allows, also where the operator granted it', () => {
    const roles = { allow: [grant('read', '/data/in/**')], deny: [grant('read', '/data/in/secret/**')] }
    const spec = { ...manifestOf(grant('read', '/data/**')), operator: [grant('read', '/etc/hosts')] }
    const [asked, absent] = [compileTable({ ...spec, roles }), compileTable(spec)]
    expect(leadsToGrant(asked, '/data/in')).toBe(true)
    expect(leadsToGrant(asked, '/data/in/secret')).toBe(false)
    expect(leadsToGrant(absent, '/data/in/secret')).toBe(true)
    expect(leadsToGrant(asked, '/data/out')).toBe(false)
    expect(leadsToGrant(absent, '/data/out')).toBe(true)
    expect(leadsToGrant(asked, '/etc')).toBe(false)
    expect(leadsToGrant(absent, '/etc')).toBe(true)
  })

  it('is never false where something is granted, by enumeration', () => {
    fc.assert(
      fc.property(specIn(files), pathArbitrary, (spec, path) => {
        if (isGrantedBelow(spec, path, everythingBelow)) expect(leadsToGrant(compileTable(spec), path)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('is true only where something is granted, with the wildcards `*` and `**`, by enumeration', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '*', '**'), { maxLength: 3 })
      .map((segments) => `/${segments.join('/')}`)
    // `zz` stands for every name that no pattern says; five segments are more than any of these patterns tells apart.
    const below = enumeratePaths(5, ['a', 'b', 'zz'])
    const world = { ...files, actions: ['read', 'write'] as const, patterns: pattern }
    const answers = { yes: 0, no: 0 }
    fc.assert(
      fc.property(specIn(world), fc.constantFrom('/', '/a', '/a/b', '/zz', '/b/zz'), (spec, path) => {
        const expected = isGrantedBelow(spec, path, below)
        answers[expected ? 'yes' : 'no']++
        expect(leadsToGrant(compileTable(spec), path)).toBe(expected)
      }),
      { numRuns: 150 },
    )
    expect(answers.yes).toBeGreaterThan(10)
    expect(answers.no).toBeGreaterThan(10)
  })

  it('tells apart what begins or ends differently', () => {
    const layers = [
      { layer: 'manifest', grants: [grant('read', '/data/*.csv/x')] },
      { layer: 'policy', grants: [grant('read', '/data/*.txt/x')] },
    ] as const
    expect(leadsToGrant(compileTable({ ...manifestOf(), layers }), '/data')).toBe(false)
    const both = (one: string, other: string) =>
      leadsToGrant(
        compileTable({
          ...manifestOf(),
          layers: [one, other].map((pattern) => ({ layer: 'manifest', grants: [grant('read', pattern)] }) as const),
        }),
        '/data',
      )
    expect(both('/data/?/x', '/data/??/x')).toBe(false)
    expect(both('/data/??/x', '/data/?/x')).toBe(false)
    expect(both('/data/?/x', '/data/[ab]/x')).toBe(true)
    expect(both('/data/?b/x', '/data/a?/x')).toBe(true)
    expect(both('/data/?b/x', '/data/?c/x')).toBe(false)
    expect(both('/data/a*/x', '/data/[bc]*/x')).toBe(false)
    expect(both('/data/[bc]*/x', '/data/a*/x')).toBe(false)
    expect(both('/data/[ab]*/x', '/data/a*/x')).toBe(true)
    const alike = [layers[0], { layer: 'policy', grants: [grant('read', '/data/a*/x')] }] as const
    expect(leadsToGrant(compileTable({ ...manifestOf(), layers: alike }), '/data')).toBe(true)
  })

  it.each([
    ['/data/**/a*/x', '/data/**/a*/x', false],
    ['/data/*/x', '/data/?*/x', false],
    ['/data/*/x', '/data/*?/x', false],
    ['/data/*/x', '/data/?*?/x', true],
    ['/data/?/x', '/data/[ab]/x', true],
    ['/data/[ab]/x', '/data/?/x', false],
    ['/data/a/x', '/data/?/x', false],
    ['/data/**/x', '/data/*/x', true],
  ])('knows of %s under the denied %s: %s', (granted, denied, expected) => {
    const spec = { ...manifestOf(grant('read', granted)), deny: [grant('read', denied)] }
    expect(leadsToGrant(compileTable(spec), '/data')).toBe(expected)
  })

  it('says yes where the patterns are too entangled to know', () => {
    const tails = Array.from({ length: 14 }, (_, length) => `/**/a${'/?'.repeat(length)}`)
    const spec = { ...manifestOf(...tails.map((tail) => grant('read', tail))), deny: [grant('read', '/**/a')] }
    const everything = { ...spec, deny: tails.map((tail) => grant('read', tail)) }
    expect(leadsToGrant(compileTable(everything), '/x')).toBe(true)
    expect(leadsToGrant(compileTable({ ...everything, deny: [grant('read', '/x/**')] }), '/x')).toBe(false)
  })
})

/** Without the forbidden list, which is about host paths. */
function isGrantedBelow(spec: TableSpec, path: string, below: readonly string[]): boolean {
  return below.some((rest) =>
    files.actions.some((action) => {
      const request = { kind: files.kind, action, resource: join(path, rest) }
      return slowAnswer(spec, request).verdict === 'granted'
    }),
  )
}

describe('allowedActions', () => {
  it('says what the table grants at a place, the forbidden list included', () => {
    const table = compileTable({
      ...manifestOf(grant('read', '/data/**'), grant('write', '/data/**')),
      forbidden: [grant('read', '/etc/shadow')],
    })
    expect([...allowedActions(table, { path: '/data/x' })]).toEqual(['read', 'write', 'create'])
    expect([...allowedActions(table, { path: '/data/x', hostPath: '/etc/shadow' })]).toEqual(['write', 'create'])
    expect(allowedActions(table, { path: '/other' }).size).toBe(0)
    expect(allowedActions(table, { path: '/data/../x' }).size).toBe(0)
  })
})

describe('sameBelow', () => {
  const both = [grant('read', '/data/**'), grant('write', '/data/work/**'), grant('write', '/data/out/**')]

  it.each([
    ['/data/a', '/data/b', true],
    ['/data/work', '/data/out', true],
    ['/data/work/x', '/data/out/y/z', true],
    ['/data/work', '/data/work/x', true],
    ['/data/a', '/data/out', false],
    ['/data/a', '/elsewhere', false],
    ['/elsewhere', '/nowhere', true],
    ['/data/a/', '/data/b', false],
  ])('%s and %s: %s', (from, to, expected) => {
    expect(sameFor(manifestOf(...both), from, to)).toBe(expected)
  })

  it('sees the same pattern below two directories, and one that differs', () => {
    const spec = manifestOf(grant('read', '/a/x/*.csv'), grant('read', '/b/x/*.csv'), grant('read', '/c/x/*.txt'))
    expect(sameFor(spec, '/a', '/b')).toBe(true)
    expect(sameFor(spec, '/a', '/c')).toBe(false)
    const tails = ['/a/x/**/p', '/b/x/**/q', '/c/x/**/p']
    const nested = manifestOf(...tails.map((tail) => grant('read', tail)))
    expect(sameFor(nested, '/a', '/c')).toBe(true)
    expect(sameFor(nested, '/a', '/b')).toBe(false)
    const deep = manifestOf(grant('read', '/a/**/secret'))
    expect(sameFor(deep, '/a', '/a/x')).toBe(true)
    expect(sameFor(deep, '/a', '/b')).toBe(false)
  })

  it('ignores a rule that adds nothing to what holds everywhere below', () => {
    expect(sameFor(manifestOf(grant('read', '/data/**'), grant('read', '/data/a/x')), '/data/a', '/data/b')).toBe(true)
  })

  it('sees deny rules', () => {
    const spec = { ...manifestOf(grant('read', '/**')), deny: [grant('read', '/a/secret')] }
    expect(sameFor(spec, '/a', '/b')).toBe(false)
    expect(sameFor(spec, '/c', '/b')).toBe(true)
  })

  it('compares the forbidden list by host path, and says false without one', () => {
    const spec = { ...manifestOf(grant('read', '/**')), forbidden: [grant('read', '/home/*/.ssh/id_*')] }
    const table = compileTable(spec)
    const ssh = { path: '/u/.ssh', hostPath: '/home/u/.ssh' }
    const plain = { path: '/u/plain', hostPath: '/home/u/plain' }
    const other = { path: '/u/other', hostPath: '/home/u/other' }
    expect(sameBelow(table, ssh, plain)).toBe(false)
    expect(sameBelow(table, other, plain)).toBe(true)
    expect(sameBelow(table, { path: '/u/other' }, { path: '/u/plain' })).toBe(false)
    expect(sameBelow(table, other, { path: '/u/plain' })).toBe(false)
    expect(sameBelow(table, { path: '/u/other' }, plain)).toBe(false)
  })

  it('sees the roles and the limits', () => {
    const manifest = manifestOf(grant('read', '/**'), grant('write', '/**'))
    const roles = { allow: [grant('read', '/**'), grant('write', '/a/**')], deny: [grant('read', '/c/x')] }
    expect(sameFor({ ...manifest, roles }, '/a', '/b')).toBe(false)
    expect(sameFor({ ...manifest, roles }, '/a/x', '/a/y')).toBe(true)
    expect(sameFor({ ...manifest, roles }, '/b', '/c')).toBe(false)
    expect(sameFor(manifest, '/b', '/c')).toBe(true)
    const limited = (pattern: string, maxFileSizeBytes: number): Grant => ({
      ...grant('write', pattern),
      limits: { maxFileSizeBytes },
    })
    const sizes = manifestOf(limited('/a/**', 1), limited('/b/**', 2), limited('/c/**', 1), limited('/d/**', 1))
    expect(sameFor(sizes, '/a', '/b')).toBe(false)
    expect(sameFor(sizes, '/a', '/c')).toBe(true)
    const wider = { ...sizes, layers: manifestOf(...(sizes.layers[0]?.grants ?? []), limited('/d/x', 5)).layers }
    expect(sameFor(wider, '/a', '/d')).toBe(false)
    expect(sameFor(wider, '/a', '/c')).toBe(true)
  })

  it('is never true when an answer differs, by enumeration', () => {
    let same = 0
    const simple = fc.array(grantIn(files), { maxLength: 5 }).map((grants) => manifestOf(...grants))
    fc.assert(
      fc.property(fc.oneof(specIn(files), simple), pathArbitrary, pathArbitrary, (spec, from, to) => {
        const place = (path: string) => ({ path, hostPath: hostPathOf(path) })
        if (!sameBelow(compileTable(spec), place(from), place(to))) return
        same++
        for (const below of everythingBelow.slice(1)) {
          for (const action of files.actions) {
            const [one, other] = [from, to].map((directory) => {
              const resource = join(directory, below)
              const request = { kind: files.kind, action, resource, hostPath: hostPathOf(resource) }
              return JSON.stringify(slowAnswer(spec, request))
            })
            if (one !== other) throw new Error(`${action} ${below}: ${one} in ${from}, ${other} in ${to}`)
          }
        }
      }),
      { numRuns: 400 },
    )
    expect(same).toBeGreaterThan(40)
  })
})
