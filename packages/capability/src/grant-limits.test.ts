import type { Action, GrantLimits, Kind, Request } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { CapabilitySet } from './capability-set.js'
import { compileTable, type TableSpec } from './capability-table.js'
import { Decider } from './decider.js'
import type { Grant } from './grant.js'
import { origin } from './small-worlds.test.support.js'

const grant = (kind: Kind, action: Action, pattern: string, limits?: GrantLimits): Grant => ({
  kind,
  action,
  pattern,
  origin,
  ...(limits === undefined ? undefined : { limits }),
})
const write = (pattern: string, maxFileSizeBytes?: number) =>
  grant('filesystem', 'write', pattern, maxFileSizeBytes === undefined ? undefined : { maxFileSizeBytes })
const connect = (pattern: string, connections?: number) =>
  grant('network', 'connect', pattern, connections === undefined ? undefined : { connections })
const limitsOf = (spec: Partial<TableSpec>, request: Request) => {
  const empty = { version: 1, componentId: 'x', forbidden: [], deny: [], layers: [], operator: [] }
  const decision = new Decider(compileTable({ ...empty, ...spec })).decide(request)
  return decision.verdict === 'granted' ? decision.limits : decision.layer
}
const layers = (...lists: Grant[][]) =>
  lists.map((grants, index) => ({ layer: index === 0 ? 'manifest' : 'policy', grants }) as const)
const writing = { kind: 'filesystem', action: 'write', resource: '/out/x' } as const
const connecting = { kind: 'network', action: 'connect', resource: 'tcp://a.b:443' } as const

describe('limits of grants', () => {
  it('are those of the most generous rule of a list, and of the narrowest list', () => {
    const generous = [write('/out/**', 5), write('/out/*', 20), write('/elsewhere', 99)]
    expect(limitsOf({ layers: layers(generous) }, writing)).toEqual({ maxFileSizeBytes: 20 })
    expect(limitsOf({ layers: layers(generous, [write('/**', 7)]) }, writing)).toEqual({ maxFileSizeBytes: 7 })
    expect(limitsOf({ layers: layers([write('/**')], generous) }, writing)).toEqual({ maxFileSizeBytes: 20 })
    expect(limitsOf({ layers: layers([...generous, write('/out/x')]) }, writing)).toBeUndefined()
    expect(limitsOf({ layers: layers([write('/**', 0)]) }, writing)).toEqual({ maxFileSizeBytes: 0 })
  })

  it('hold for creating too, which a write rule lets', () => {
    const creating = { ...writing, action: 'create' } as const
    expect(limitsOf({ layers: layers([write('/**', 3)]) }, creating)).toEqual({ maxFileSizeBytes: 3 })
    const create = grant('filesystem', 'create', '/**', { maxFileSizeBytes: 4 })
    expect(limitsOf({ layers: layers([write('/**', 3), create]) }, creating)).toEqual({ maxFileSizeBytes: 4 })
    expect(limitsOf({ layers: layers([write('/**', 3), create]) }, writing)).toEqual({ maxFileSizeBytes: 3 })
  })

  it('count connections, not the names that are looked up', () => {
    const spec = { layers: layers([connect('*.b:*')], [connect('a.b:443', 2)]) }
    expect(limitsOf(spec, connecting)).toEqual({ connections: 2 })
    expect(limitsOf(spec, { kind: 'network', action: 'resolve', resource: 'a.b' })).toBeUndefined()
    const operator = { operator: [connect('a.b:443', 2)] }
    expect(limitsOf(operator, { kind: 'network', action: 'resolve', resource: 'a.b' })).toBeUndefined()
  })

  it('are lifted by an operator grant, which may have its own', () => {
    const spec = { layers: layers([write('/**', 3)]) }
    expect(limitsOf({ ...spec, operator: [write('/out/**')] }, writing)).toBeUndefined()
    expect(limitsOf({ ...spec, operator: [write('/other/**')] }, writing)).toEqual({ maxFileSizeBytes: 3 })
    expect(limitsOf({ ...spec, operator: [write('/out/**', 9)] }, writing)).toEqual({ maxFileSizeBytes: 9 })
    expect(limitsOf({ operator: [write('/out/**', 9), write('/**', 8)] }, writing)).toEqual({ maxFileSizeBytes: 9 })
  })

  it('leave the decision of a rule without limits as it is', () => {
    const spec = { layers: layers([write('/out/**', 3), write('/free/**')]) }
    const table = { version: 1, componentId: 'x', forbidden: [], deny: [], operator: [], ...spec }
    const decider = new Decider(compileTable(table))
    const limited = decider.decide(writing)
    expect(decider.decide({ ...writing, resource: '/free/x' })).not.toHaveProperty('limits')
    expect(decider.decide({ ...writing, resource: '/out/y' })).toEqual(limited)
    expect(Object.isFrozen(limited)).toBe(true)
  })

  it('name the rule that counts, among equals the first of the document', () => {
    const set = CapabilitySet.of([write('/out/*', 5), write('/out/**', 9), write('/out/x', 9)])
    expect(set.check(writing)).toEqual({ pattern: '/out/**', origin, limits: { maxFileSizeBytes: 9 } })
    expect(CapabilitySet.of([write('/out/*')]).check(writing)).toStrictEqual({ pattern: '/out/*', origin })
  })

  it.each([
    [grant('filesystem', 'read', '/a', { maxFileSizeBytes: 1 }), 'the limit `maxFileSizeBytes` means nothing'],
    [grant('filesystem', 'write', '/a', { connections: 1 }), 'the limit `connections` means nothing'],
    [grant('network', 'bind', '*:*', { connections: 1 }), 'the limit `connections` means nothing'],
    [grant('storage', 'write', 'self:*', { maxFileSizeBytes: 1 }), 'the limit `maxFileSizeBytes` means nothing'],
    [write('/a', -1), 'the limit `maxFileSizeBytes` of `filesystem.write /a` is -1'],
    [write('/a', 1.5), 'is 1.5'],
    [connect('a.b:1', Number.NaN), 'is NaN'],
  ])('are refused where nothing would obey them: %j', (bad, message) => {
    expect(() => limitsOf({ layers: layers([bad]) }, writing)).toThrow(message)
    expect(() => limitsOf({ operator: [bad] }, writing)).toThrow(message)
    expect(() => CapabilitySet.of([bad])).toThrow(message)
  })

  it('may be written without any', () => {
    expect(limitsOf({ layers: layers([grant('filesystem', 'write', '/**', {})]) }, writing)).toBeUndefined()
  })
})
