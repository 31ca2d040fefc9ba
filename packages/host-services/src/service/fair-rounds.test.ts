import fc from 'fast-check'
import { expect, it } from 'vitest'
import { roundQuantum } from '../limits.js'
import { FairRounds } from './fair-rounds.js'

it('serves who costs little in every round, and gives who costs much no more than its share', () => {
  const little = fc.array(fc.integer({ min: 1, max: roundQuantum }), { minLength: 1 })
  const any = fc.array(fc.integer({ min: 1, max: 1_200_000 }), { minLength: 1 })
  fc.assert(
    fc.property(little, any, (cheap, dear) => {
      const rounds = new FairRounds<'cheap' | 'dear'>()
      let spent = 0
      for (let round = 1; round <= 60; round++) {
        const chosen = rounds.choose(['cheap', 'dear'])
        expect(chosen).toContain('cheap')
        for (const caller of chosen) {
          const costs = caller === 'cheap' ? cheap : dear
          const cost = costs[round % costs.length] ?? 1
          rounds.charge(caller, cost)
          if (caller === 'dear') spent += cost
        }
        expect(spent).toBeLessThanOrEqual(round * roundQuantum + Math.max(...dear))
      }
    }),
  )
})

it('serves who is alone at once, whatever it owes, in turn who has the same, and nobody when nobody waits', () => {
  const rounds = new FairRounds<string>()
  for (let call = 0; call < 10; call++) {
    expect(rounds.choose(['one'])).toEqual(['one'])
    rounds.charge('one', 1e9)
  }
  expect(rounds.choose(['one', 'two'])).toEqual(['two'])
  rounds.forget('one')
  expect(rounds.creditOf('one')).toBe(0)
  expect(rounds.choose([])).toEqual([])
  const firsts = new Set([1, 2, 3, 4].map(() => rounds.choose(['one', 'two'])[0]))
  expect(firsts).toEqual(new Set(['one', 'two']))
})
