import { type Capability, Decider, type Grant, PatternError } from '@bulkhead/capability'
import { defaultQuotas } from '@bulkhead/manifest'
import type { Request } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextLimits } from './context-limits.js'
import { type ContextParts, joinContext } from './join.js'
import { missingRequirements } from './missing-requirements.js'
import { type ContextReduction, reduceParts, reduceQuotas } from './reduction.js'
import { capability } from './world.test.support.js'

const required: ContextReduction = { capabilities: 'required', rateDivisor: 2, memoryDivisor: 2 }
const grant = (text: string, optional = false): Grant => ({
  ...capability(text),
  origin: { document: 'Component.toml', line: 1 },
  ...(optional ? { optional } : {}),
})
const parts = (manifest: readonly Grant[], more: Partial<ContextParts> = {}): ContextParts => ({
  principal: 'component:ingest',
  componentId: 'ingest',
  policyVersion: 1,
  layers: [{ layer: 'manifest', grants: manifest }],
  operator: [],
  deny: [],
  forbidden: [],
  ownDirectories: [],
  mounts: [],
  args: [],
  environment: [],
  limits: contextLimits(1_001, 8),
  ...more,
})
const read = (resource: string): Request => ({ kind: 'filesystem', action: 'read', resource })
const decide = (of: ContextParts, request: Request) => new Decider(joinContext(of).table).decide(request)

describe('capabilities', () => {
  const manifest = [grant('filesystem.read=/in/**'), grant('filesystem.read=/rates/**', true)]

  it('drops what is optional, in its own name, and leaves what is required', () => {
    const reduced = reduceParts(parts(manifest), required)
    expect(decide(reduced, read('/in/a')).verdict).toBe('granted')
    expect(decide(reduced, read('/rates/a'))).toMatchObject({ verdict: 'denied', layer: 'reduction' })
    expect(decide(parts(manifest), read('/rates/a')).verdict).toBe('granted')
  })

  it('names the layer that would refuse anyway', () => {
    expect(decide(reduceParts(parts(manifest), required), read('/etc/a'))).toMatchObject({ layer: 'manifest' })
  })

  it('leaves nothing missing that was there: what is reduced still starts', () => {
    const operator = [grant('filesystem.read=/in/**')]
    const granted = parts(manifest, { policy: [], operator })
    expect(missingRequirements(joinContext(granted), {})).toEqual([])
    expect(missingRequirements(joinContext(reduceParts(granted, required)), {})).toEqual([])
  })

  it('keeps of what an operator granted what serves a required pattern, cut to it', () => {
    const operator = [grant('filesystem.read=/**'), grant('filesystem.write=/out/**')]
    const reduced = reduceParts(parts(manifest, { policy: [], operator }), required)
    expect(decide(reduced, read('/in/a'))).toMatchObject({ verdict: 'granted', layer: 'operator' })
    expect(decide(reduced, read('/rates/a')).verdict).toBe('denied')
    expect(decide(reduced, { ...read('/out/a'), action: 'write' }).verdict).toBe('denied')
  })

  it('takes everything from what declares nothing', () => {
    const undeclared = parts([], { layers: [], policy: [grant('filesystem.read=/in/**')] })
    expect(decide(undeclared, read('/in/a')).verdict).toBe('granted')
    expect(decide(reduceParts(undeclared, required), read('/in/a')).verdict).toBe('denied')
  })

  it('changes nothing but memory where it takes no capabilities', () => {
    const whole = parts(manifest)
    const kept = reduceParts(whole, { capabilities: 'all', rateDivisor: 1, memoryDivisor: 1 })
    expect(kept).toEqual(whole)
  })
})

describe('limits', () => {
  it('halves the memory', () => {
    expect(reduceParts(parts([]), required).limits).toMatchObject({ memoryBytesMax: 500, handlesMax: 8 })
  })

  it('slows every rate, the defaults too, and makes none zero', () => {
    const reduced = reduceQuotas(
      { messages: { amount: 1, perMs: 1_000 }, deadlineMs: 5 },
      { ...required, rateDivisor: 10 },
    )
    expect(reduced).toEqual({
      messages: { amount: 1, perMs: 10_000 },
      network: { ...defaultQuotas.network, perMs: 10_000 },
      logs: { ...defaultQuotas.logs, perMs: 10_000 },
      memoryBytes: defaultQuotas.memoryBytes / 2,
      deadlineMs: 5,
    })
    expect(reduceQuotas({ requests: { amount: 6, perMs: 60_000 } }, required).requests).toEqual({
      amount: 6,
      perMs: 120_000,
    })
    expect(reduceQuotas({ messages: { amount: 0, perMs: 1 } }, required).messages?.amount).toBe(0)
  })
})

it('allows nothing that was not allowed before (narrows)', () => {
  const patterns = ['/a/**', '/a/b', '/*', '/**', '/a/*/c', '/b/**']
  const capabilities = fc
    .tuple(fc.constantFrom('read', 'write', 'create', 'delete'), fc.constantFrom(...patterns), fc.boolean())
    .map(([action, pattern, optional]) => grant(`filesystem.${action}=${pattern}`, optional))
  const lists = fc.array(capabilities, { maxLength: 5 })
  const requests = fc.record({
    action: fc.constantFrom<Capability['action']>('read', 'write', 'create', 'delete'),
    resource: fc.constantFrom('/a', '/a/b', '/a/x/c', '/b/d', '/z'),
  })
  fc.assert(
    fc.property(
      fc.record({ manifest: lists, policy: fc.option(lists, { nil: undefined }), operator: lists, request: requests }),
      ({ manifest, policy, operator, request }) => {
        const whole = parts(manifest, { operator, ...(policy === undefined ? {} : { policy }) })
        const asked: Request = { kind: 'filesystem', ...request }
        if (decide(reduceParts(whole, required), asked).verdict === 'granted') {
          expect(decide(whole, asked).verdict).toBe('granted')
          const declared = parts(manifest.filter(({ optional }) => optional !== true))
          expect(decide(declared, asked).verdict).toBe('granted')
        }
      },
    ),
    { numRuns: 500 },
  )
})

it('does not fall back to something wider for a pattern that does not compile', () => {
  const broken = { ...grant('filesystem.read=/in/**'), pattern: 'in' }
  expect(() => reduceParts(parts([broken], { operator: [grant('filesystem.read=/**')] }), required)).toThrow(
    PatternError,
  )
})
