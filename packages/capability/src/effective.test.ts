import type { Decision } from '@bulkhead/vocabulary'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileTable } from './capability-table.js'
import { Decider } from './decider.js'
import { explainRequest } from './explain-request.js'
import { type SlowAnswer, slowAnswer } from './slow-oracle.test.support.js'
import { requestsIn, specIn, worlds } from './small-worlds.test.support.js'

/** What both have to agree on: the verdict, where it fell, and the limits. */
const gist = ({ verdict, layer, ...rest }: Decision | SlowAnswer) =>
  JSON.stringify([verdict, layer, 'limits' in rest ? rest.limits : undefined])

/** Every kind of answer that came up. */
const seen = new Set<string>()

describe.each(worlds)('$kind', (world) => {
  const requests = requestsIn(world)

  it('is decided as the slow oracle decides, by verdict, layer and limits', () => {
    fc.assert(
      fc.property(specIn(world), (spec) => {
        // A clone, because that is what a worker decides with.
        const decider = new Decider(structuredClone(compileTable(spec)))
        for (const request of requests) {
          const answer = gist(decider.decide(request))
          const expected = gist(slowAnswer(spec, request))
          if (answer !== expected) throw new Error(`${JSON.stringify(request)}: ${answer}, not ${expected}`)
          seen.add(answer)
        }
      }),
      // So many that the last test below finds every way of answering, whatever the seed.
      { numRuns: 120 },
    )
  })

  it('is explained by steps that end where the verdict fell', () => {
    fc.assert(
      fc.property(specIn(world), fc.constantFrom(...requests), (spec, request) => {
        const table = compileTable(spec)
        const { decision, steps } = explainRequest(table, request)
        expect(decision).toEqual(new Decider(table).decide(request))
        const deciding = steps.filter(({ decides }) => decides)
        expect(deciding).toHaveLength(1)
        const [step] = deciding
        expect(step?.layer).toBe(decision.layer)
        expect(step?.answer).toBe(decision.verdict === 'granted' ? 'allows' : 'refuses')
        expect(step?.rule).toEqual(decision.rule)
      }),
      { numRuns: 40 },
    )
  })
})

it('was answered in all ways', () => {
  const granted = ['manifest', 'approval', 'policy', 'ceiling', 'operator'].map((layer) => ['granted', layer])
  const denied = [...granted.slice(0, 4).map(([, layer]) => layer), 'forbidden', 'deny', 'role'].map((layer) => [
    'denied',
    layer,
  ])
  const answers = [...seen].map((answer) => answer.split(',').slice(0, 2).join())
  for (const expected of [...granted, ...denied]) expect(answers).toContain(JSON.stringify(expected).slice(0, -1))
  expect([...seen].filter((answer) => answer.includes('maxFileSizeBytes')).length).toBeGreaterThan(3)
  expect([...seen].filter((answer) => answer.includes('connections')).length).toBeGreaterThan(3)
})
