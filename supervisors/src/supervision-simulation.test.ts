import { expect, it } from 'vitest'
import { isDown } from './child-state.js'
import { settle } from './simulated-port.test.support.js'
import { SimulatedWorld } from './simulated-world.test.support.js'

// Whole trees under random children, calls and time, on simulated time, by a seed. A failure names the seed and the step;
// `BULKHEAD_SEED=7 npx vitest run supervisors/src/supervision-simulation.test.ts` tells the same story again.

const { BULKHEAD_SEED: asked } = process.env
const seeds = asked === undefined ? Array.from({ length: 16 }, (_, i) => i + 1) : [Number(asked)]
const stepsPerSeed = 400

it.each(seeds)('keeps its invariants through 400 random steps (seed %i)', async (seed) => {
  const world = new SimulatedWorld(seed)
  await world.tree.start()
  for (let step = 0; step < stepsPerSeed; step++) {
    try {
      await world.step()
      world.check()
      await settle()
      world.checkAtRest()
    } catch (error) {
      const story = world.log.slice(-10).join(', ')
      throw new Error(
        `BULKHEAD_SEED=${seed}, step ${step}: ${error instanceof Error ? error.message : error} (${story})`,
        {
          cause: error,
        },
      )
    }
  }
  await world.stop()
  for (const { state } of world.tree.tree.children()) expect(state === 'declared' || isDown(state)).toBe(true)
  expect(world.clock.pendingTimers).toBe(0)
  const before = world.log.length
  await world.tree.pass(2_000_000)
  expect(world.log.slice(before).filter((entry) => entry.startsWith('start'))).toEqual([])
})
