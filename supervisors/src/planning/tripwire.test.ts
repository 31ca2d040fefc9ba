import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Refusal, scopeOf, Tripwire } from './tripwire.js'

const denial = (resource: string, more: Partial<Refusal> = {}): Refusal => ({
  kind: 'filesystem',
  action: 'read',
  resource,
  layer: 'manifest',
  count: 1,
  probe: false,
  ...more,
})

/** How often it trips when fed all of them at the given distance. */
function trips(refusals: readonly Refusal[], apartMs = 10): number {
  const wire = new Tripwire()
  return refusals.filter((refusal, i) => wire.note(refusal, i * apartMs) !== undefined).length
}

const five = ['/a/1', '/b/2', '/c/3', '/d/4', '/e/5']

describe('distinct denials of one kind', () => {
  it('trips at the fifth, not at the fourth, and begins anew', () => {
    expect(trips(five.slice(0, 4).map((path) => denial(path)))).toBe(0)
    expect(trips(five.map((path) => denial(path)))).toBe(1)
    expect(trips([...five, ...five.slice(0, 4)].map((path) => denial(path)))).toBe(1)
  })

  it('says how many of what', () => {
    const wire = new Tripwire()
    const told = five.map((path) => wire.note(denial(path), 0)).at(-1)
    expect(told).toEqual({ kind: 'filesystem', reason: '5 different filesystem requests were denied within 10 s' })
  })

  it('counts one thing once, however often it is asked for', () => {
    expect(trips(Array.from({ length: 500 }, () => denial('/a/1', { count: 100 })))).toBe(0)
    expect(trips(Array.from({ length: 500 }, (_, i) => denial(`/data/in/${i}`)))).toBe(0)
  })

  it('tells two actions on one thing apart', () => {
    const actions = ['read', 'write', 'create', 'delete', 'execute'] as const
    expect(trips(actions.map((action) => denial('/a/1', { action })))).toBe(1)
  })

  it('keeps kinds apart', () => {
    const kinds = ['filesystem', 'network', 'storage', 'messaging', 'environment'] as const
    expect(trips(kinds.map((kind) => denial('x', { kind })))).toBe(0)
  })

  it('forgets what is 10 s old, and counts a thing from when it was last asked for', () => {
    const wire = new Tripwire()
    const at = (path: string, ms: number) => wire.note(denial(path), ms) !== undefined
    for (const [i, path] of five.slice(0, 4).entries()) expect(at(path, i)).toBe(false)
    expect(at('/e/5', 10_000)).toBe(false)
    expect(at('/b/2', 10_001)).toBe(false)
    expect([at('/f/6', 10_002), at('/g/7', 10_003), at('/h/8', 10_004)]).toEqual([false, false, true])
  })

  it.each(['reduction', 'quota', 'os', 'error'] as const)('does not count what layer %s refuses', (layer) => {
    expect(trips(five.map((path) => denial(path, { layer })))).toBe(0)
  })
})

describe('deny rules and the forbidden list', () => {
  it.each(['deny', 'forbidden'] as const)('%s counts at each hit', (layer) => {
    expect(trips(Array.from({ length: 4 }, () => denial('/a/1', { layer })))).toBe(0)
    expect(trips(Array.from({ length: 5 }, () => denial('/a/1', { layer })))).toBe(1)
    expect(trips([denial('/a/1', { layer, count: 4 })])).toBe(0)
    expect(trips([denial('/a/1', { layer, count: 5_000_000 })])).toBe(1)
  })

  it('adds to what else was denied', () => {
    expect(trips([...five.slice(0, 3).map((path) => denial(path)), denial('/z', { layer: 'deny', count: 2 })])).toBe(1)
  })
})

describe('probes', () => {
  const probes = (length: number): Refusal[] => Array.from({ length }, (_, i) => denial(`/lib/${i}`, { probe: true }))

  it('are one violation at 256 different ones, and nothing before', () => {
    expect(trips(probes(255), 1)).toBe(0)
    expect(trips(probes(256), 1)).toBe(1)
    expect(trips([...probes(200), ...probes(200)], 1)).toBe(0)
  })

  it('do not count as denials', () => {
    expect(trips([...probes(100), ...five.slice(0, 4).map((path) => denial(path))], 1)).toBe(0)
  })
})

it.each([
  ['filesystem', '/data/in/a/b', '/data/in'],
  ['filesystem', '/data', '/data'],
  ['filesystem', '/', '/'],
  ['process', '/usr/bin/ls', '/usr/bin'],
  ['network', 'tcp://db.example.com:5432', 'db.example.com'],
  ['network', 'udp://[2001:db8::1]:53', '[2001:db8::1]'],
  ['storage', 'self:orders:1', 'self'],
  ['storage', 'component:other:k', 'component:other'],
  ['storage', 'shared:prices:eur', 'shared:prices'],
  ['messaging', 'orders.new.eu', 'orders'],
  ['environment', 'HOME', 'HOME'],
] as const)('tells %s %s apart as %s', (kind, resource, scope) => {
  expect(scopeOf(kind, resource)).toBe(scope)
})

it('trips exactly when five scopes lie in one window, over any story', () => {
  const step = fc.record({ scope: fc.integer({ min: 0, max: 7 }), waitMs: fc.integer({ min: 0, max: 6_000 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const wire = new Tripwire()
      let nowMs = 0
      let seen: { scope: number; atMs: number }[] = []
      for (const { scope, waitMs } of steps) {
        nowMs += waitMs
        seen = [...seen, { scope, atMs: nowMs }].filter(({ atMs }) => atMs > nowMs - 10_000)
        const expected = new Set(seen.map((one) => one.scope)).size >= 5
        expect(wire.note(denial(`/${scope}/x/y`), nowMs) !== undefined).toBe(expected)
        if (expected) seen = []
      }
    }),
  )
})
