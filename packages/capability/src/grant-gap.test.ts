import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TableSpec } from './capability-table.js'
import type { Grant } from './grant.js'
import { findCovering, findRefusing } from './grant-cover.js'
import { findGap } from './grant-gap.js'
import { parseCapability } from './parse-capability.js'
import { allowsSlowly, refusesSlowly, slowAnswer } from './slow-oracle.test.support.js'
import { grantIn, kinds, origin, requestsIn, specIn, worlds } from './small-worlds.test.support.js'

const grant = (text: string): Grant => ({ ...parseCapability(text, kinds), origin })
const grants = (...texts: string[]) => texts.map(grant)
const empty: TableSpec = { version: 1, componentId: 'ingest', forbidden: [], deny: [], layers: [], operator: [] }
const manifest = (...texts: string[]) => ({ layer: 'manifest', grants: grants(...texts) }) as const

describe('findCovering and findRefusing', () => {
  it('find the first rule that covers all of a wish', () => {
    const rules = grants('filesystem.read=/data/in/*', 'filesystem.read=/data/**', 'filesystem.read=/**')
    expect(findCovering(rules, grant('filesystem.read=/data/in/**'))?.pattern).toBe('/data/**')
    expect(findCovering(rules, grant('filesystem.write=/data/x'))).toBeUndefined()
    const limited = [{ ...grant('filesystem.write=/data/**'), limits: { maxFileSizeBytes: 1 } }]
    expect(findCovering(limited, grant('filesystem.write=/data/x'))).toBe(limited[0])
  })

  it('know whose `self:` is meant, and the custom kinds', () => {
    const rules = grants('storage.read=component:ingest:*')
    expect(findCovering(rules, grant('storage.read=self:a'), { componentId: 'ingest' })).toBe(rules[0])
    expect(findCovering(rules, grant('storage.read=self:a'))).toBeUndefined()
    expect(findRefusing(grants('badge.show=A*'), grant('badge.show=AB'), { kinds })).toBeDefined()
    expect(findRefusing(grants('badge.show=AB'), grant('badge.show=A*'), { kinds })).toBeUndefined()
  })

  it('keep apart what an action allows and what it refuses', () => {
    const connect = grants('network.connect=a.b:443')
    expect(findCovering(connect, grant('network.resolve=a.b'))).toBe(connect[0])
    expect(findRefusing(connect, grant('network.resolve=a.b'))).toBeUndefined()
    expect(findRefusing(grants('filesystem.write=/a/**'), grant('filesystem.create=/a/b'))).toBeDefined()
    expect(findRefusing(grants('filesystem.create=/a/**'), grant('filesystem.write=/a/b'))).toBeUndefined()
  })
})

/** How often the property found what it is about. */
const seen = { none: 0, rule: 0 }

describe('findGap', () => {
  it('names the first layer that covers less', () => {
    const layers = [
      manifest('filesystem.read=/data/**'),
      { layer: 'policy', grants: grants('filesystem.read=/data/in/**') } as const,
    ]
    const wanted = grant('filesystem.read=/data/**')
    expect(findGap({ ...empty, layers }, wanted)).toEqual({ layer: 'policy' })
    expect(findGap({ ...empty, layers }, grant('filesystem.read=/data/in/x'))).toBeUndefined()
    expect(findGap({ ...empty, layers, operator: [wanted] }, wanted)).toBeUndefined()
    expect(findGap(empty, wanted)).toEqual({ layer: 'manifest' })
    expect(findGap({ ...empty, layers: [manifest('filesystem.read=/data/**')] }, wanted)).toBeUndefined()
  })

  it('names the rule that refuses all of it, and none that refuses a part', () => {
    const spec = { ...empty, operator: grants('filesystem.read=/**', 'network.connect=*:*') }
    const deny = grants('filesystem.read=/data/secret/**')
    expect(findGap({ ...spec, deny }, grant('filesystem.read=/data/secret/x'))).toEqual({
      layer: 'deny',
      rule: deny[0],
    })
    expect(findGap({ ...spec, deny }, grant('filesystem.read=/data/**'))).toBeUndefined()
    const forbidden = grants('network.connect=169.254.169.254:*', 'filesystem.read=/data/**')
    const metadata = grant('network.connect=169.254.169.254:80')
    expect(findGap({ ...spec, forbidden, deny: [metadata] }, metadata)).toEqual({
      layer: 'forbidden',
      rule: forbidden[0],
    })
    // Files are forbidden by host path, and this is a guest path.
    expect(findGap({ ...spec, forbidden }, grant('filesystem.read=/data/x'))).toBeUndefined()
  })

  it('asks the roles, also for what the operator granted', () => {
    const operator = grants('filesystem.read=/**')
    const roles = { allow: grants('filesystem.read=/data/**'), deny: grants('filesystem.read=/data/secret/**') }
    const spec = { ...empty, operator, roles }
    expect(findGap(spec, grant('filesystem.read=/data/in/**'))).toBeUndefined()
    expect(findGap(spec, grant('filesystem.read=/etc/x'))).toEqual({ layer: 'role' })
    expect(findGap(spec, grant('filesystem.read=/data/secret/*'))).toEqual({ layer: 'role', rule: roles.deny[0] })
    expect(findGap({ ...empty, operator }, grant('filesystem.read=/etc/x'))).toBeUndefined()
  })

  it('knows which name spaces the layers may not grant', () => {
    const wish = (pattern: string, ...names: ('manifest' | 'policy' | 'approval')[]) =>
      findGap(
        { ...empty, layers: names.map((layer) => ({ layer, grants: grants('storage.read=*') })) },
        grant(`storage.read=${pattern}`),
      )
    expect(wish('self:*', 'manifest')).toBeUndefined()
    expect(wish('component:other:*', 'manifest')).toEqual({ layer: 'approval' })
    expect(wish('component:other:*', 'manifest', 'policy')).toBeUndefined()
    expect(wish('shared:*', 'manifest', 'policy')).toEqual({ layer: 'approval' })
    expect(wish('*:a', 'manifest', 'policy')).toEqual({ layer: 'approval' })
    expect(wish('*', 'manifest', 'approval')).toBeUndefined()
  })

  it.each(worlds)('$kind: is none only where all is granted, and a rule only where nothing is', (world) => {
    // Without host paths the forbidden list of files is silent, which is what `findGap` leaves out.
    const requests = requestsIn(world).map(({ kind, action, resource }) => ({ kind, action, resource }))
    fc.assert(
      fc.property(specIn(world), grantIn(world), fc.nat(), (spec, other, pick) => {
        // Mostly what some list says, because little else has a chance to be granted or refused whole.
        const written = [...spec.operator, ...spec.deny, ...spec.layers.flatMap((layer) => layer.grants)]
        const wanted = written[pick % (written.length + 3)] ?? other
        const gap = findGap(spec, wanted)
        if (gap === undefined) seen.none++
        if (gap?.rule !== undefined) seen.rule++
        for (const request of requests) {
          if (!allowsSlowly(spec, wanted, request)) continue
          const { verdict, layer } = slowAnswer(spec, request)
          const refused = ['forbidden', 'deny'].includes(layer) || refusesSlowly(spec, spec.roles?.deny ?? [], request)
          if (gap === undefined && verdict === 'denied' && !refused)
            throw new Error(`${JSON.stringify(request)} is denied by ${layer}`)
          if (gap?.rule !== undefined && request.action === wanted.action && verdict === 'granted')
            throw new Error(`${JSON.stringify(request)} is granted`)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('was asked often enough for both', () => {
    expect(seen.none).toBeGreaterThan(50)
    expect(seen.rule).toBeGreaterThan(50)
  })
})
