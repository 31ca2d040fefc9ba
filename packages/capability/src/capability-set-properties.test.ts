import type { GrantLimits, Request } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CapabilitySet } from './capability-set.js'
import type { Grant } from './grant.js'
import { slowPermission } from './slow-oracle.test.support.js'
import { componentId, grantIn, kinds, requestsIn, type World, worlds } from './small-worlds.test.support.js'

const whose = { componentId, kinds }
const setOf = (grants: readonly Grant[]) => CapabilitySet.of(grants, whose)
const grantsIn = (world: World) => fc.array(grantIn(world), { maxLength: 4 })

/** What a set allows, and within which limits. */
const permission = (set: CapabilitySet, request: Request): GrantLimits | undefined => {
  const found = set.check(request)
  return found === undefined ? undefined : (found.limits ?? {})
}

/** Whether the wider permission takes nothing from the narrower one. */
const contains = (wide: GrantLimits | undefined, narrow: GrantLimits | undefined): boolean => {
  if (narrow === undefined) return true
  if (wide === undefined) return false
  return (['maxFileSizeBytes', 'connections'] as const).every(
    (name) => (wide[name] ?? Infinity) >= (narrow[name] ?? Infinity),
  )
}

/** Every request that the narrow set allows is allowed by all the lists, by the slow oracle. */
function expectWithin(
  requests: readonly Request[],
  lists: readonly (readonly Grant[])[],
  narrow: readonly (readonly Grant[])[],
): void {
  for (const request of requests) {
    const [outer, inner] = [slowPermission(whose, lists, request), slowPermission(whose, narrow, request)]
    if (!contains(outer, inner)) {
      throw new Error(`${JSON.stringify(request)}: ${JSON.stringify(inner)} is not within ${JSON.stringify(outer)}`)
    }
  }
}

/** How often the properties found what they are about. */
const covered = { bySets: 0, byPatterns: 0 }

describe.each(worlds)('capabilities of $kind', (world) => {
  const requests = requestsIn(world)

  it('allow what their grants allow, within the same limits', () => {
    fc.assert(
      fc.property(grantsIn(world), (grants) => {
        const set = setOf(grants)
        for (const request of requests) {
          const expected = slowPermission(whose, [grants], request)
          expect([request, permission(set, request)]).toEqual([request, expected])
        }
      }),
      { numRuns: 12 },
    )
  })

  it('intersect to exactly what both allow, within the narrower limits', () => {
    fc.assert(
      fc.property(grantsIn(world), grantsIn(world), grantsIn(world), (one, other, third) => {
        const both = setOf(one).intersect(setOf(other)).intersect(setOf(third))
        for (const request of requests) {
          const expected = slowPermission(whose, [one, other, third], request)
          expect([request, permission(both, request)]).toEqual([request, expected])
        }
      }),
      { numRuns: 12 },
    )
  })

  it('cover only what they allow: single grants, sets and intersections', () => {
    fc.assert(
      fc.property(grantsIn(world), grantIn(world), grantsIn(world), (grants, narrow, other) => {
        const set = setOf(grants)
        const both = set.intersect(setOf(other))
        expect(set.covers(set)).toBe(true)
        expect(set.covers(both)).toBe(true)
        if (set.covers(narrow)) {
          covered.bySets++
          expectWithin(requests, [grants], [[narrow]])
        }
        if (both.covers(narrow)) expectWithin(requests, [grants, other], [[narrow]])
        if (set.covers(setOf(other))) expectWithin(requests, [grants], [other])
        if (setOf(other).covers(both)) expectWithin(requests, [other], [grants, other])
      }),
      { numRuns: 60 },
    )
  })

  it('cover another pattern only if they match all that it does', () => {
    fc.assert(
      fc.property(grantIn(world), grantIn(world), (wide, narrow) => {
        if (!setOf([wide]).covers(narrow)) return
        if (wide.pattern !== narrow.pattern) covered.byPatterns++
        expectWithin(requests, [[wide]], [[narrow]])
      }),
      { numRuns: 250 },
    )
  })

  it('attenuate to what was asked for, or to nothing', () => {
    fc.assert(
      fc.property(grantsIn(world), grantsIn(world), (grants, wanted) => {
        const set = setOf(grants)
        if (wanted.every((grant) => set.covers(grant))) {
          const narrow = set.attenuate(wanted)
          expect(narrow.grants).toEqual(wanted)
          expectWithin(requests, [grants], [narrow.grants])
        } else {
          expect(() => set.attenuate(wanted)).toThrow('is not covered by the set that it should narrow')
        }
      }),
      { numRuns: 50 },
    )
  })
})

it('covered often enough', () => {
  expect(covered.bySets).toBeGreaterThan(50)
  expect(covered.byPatterns).toBeGreaterThan(50)
})
