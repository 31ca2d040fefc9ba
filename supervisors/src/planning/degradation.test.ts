import { expect, it } from 'vitest'
import { reductionAt } from './degradation.js'
import { levels } from './ladder.js'

it.each([
  ['thread', false, 'all', 1, 1],
  ['reduced', false, 'required', 2, 2],
  ['process', false, 'required', 2, 2],
  ['reduced', true, 'required', 10, 2],
  ['process', true, 'required', 10, 2],
] as const)('%s, canary %s', (level, canary, capabilities, rateDivisor, memoryDivisor) => {
  expect(reductionAt({ level, canary })).toEqual({ capabilities, rateDivisor, memoryDivisor })
})

it('never gives back on the way up', () => {
  const [thread, reduced, onProcess] = (['thread', 'reduced', 'process'] as const).map((level) =>
    reductionAt({ level, canary: false }),
  )
  expect(levels).toHaveLength(4)
  expect(reduced?.rateDivisor).toBeGreaterThan(thread?.rateDivisor ?? 0)
  expect(onProcess).toEqual(reduced)
})
