import type { Action } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTable, type TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'
import { allowedActions, leadsToGrant, sameBelow } from './path-questions.js'
import {
  enumeratePaths,
  fileActions,
  fileGrantArbitrary,
  fileTableArbitrary,
  origin,
  pathArbitrary,
  slowFileVerdict,
} from './slow-oracle.test.support.js'

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

  it('is never false where something is granted', () => {
    fc.assert(
      fc.property(fileTableArbitrary, pathArbitrary, (spec, path) => {
        const unforbidden = { ...spec, forbidden: [] }
        const grantedBelow = everythingBelow.some((below) =>
          fileActions.some((action) =>
            slowFileVerdict(unforbidden, action, join(path, below), '/').startsWith('granted'),
          ),
        )
        const leads = leadsToGrant(compileTable(spec), path)
        if (grantedBelow) expect(leads).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

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
  })

  it('is never true when an answer differs, by enumeration', () => {
    let same = 0
    fc.assert(
      fc.property(
        fc.oneof(
          fileTableArbitrary,
          fc.array(fileGrantArbitrary, { maxLength: 5 }).map((grants) => manifestOf(...grants)),
        ),
        pathArbitrary,
        pathArbitrary,
        (spec, from, to) => {
          const place = (path: string) => ({ path, hostPath: join('/a', path) })
          if (!sameBelow(compileTable(spec), place(from), place(to))) return
          same++
          for (const below of everythingBelow.slice(1)) {
            for (const action of fileActions) {
              const [left, right] = [place(join(from, below)), place(join(to, below))]
              const answers = [left, right].map(({ path, hostPath }) => slowFileVerdict(spec, action, path, hostPath))
              if (answers[0] !== answers[1])
                throw new Error(`${action}: ${left.path} ${answers[0]}, ${right.path} ${answers[1]}`)
            }
          }
        },
      ),
      { numRuns: 400 },
    )
    expect(same).toBeGreaterThan(40)
  })
})
