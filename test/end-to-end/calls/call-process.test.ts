// A component that was moved into a process of its own is called as one in a thread.
import { detectWalls } from '@bulkhead/actor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { World } from '../authority/world.js'
import { startClimbed } from './climb.js'

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.remove())

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`calls into processes are not tested here: ${walls.missing.get('bubblewrap')}`)

describe.runIf(walled)('a call into a process', () => {
  it('is answered, refused and lost as anywhere', async () => {
    const { runtime, level } = await startClimbed(world)
    expect(await runtime.call('callee', 'long', [1_000_000])).toHaveLength(1_000_000)
    await expect(runtime.call('callee', 'divide', [1, 0])).rejects.toMatchObject({
      code: 'guest-error',
      details: { payload: 'nothing is divided by zero' },
    })
    await expect(runtime.call('callee', 'boom')).rejects.toMatchObject({ code: 'guest-trap' })
    expect(await runtime.call('callee', 'count', [], { deadline: '60s' })).toBe(0)
    expect(level()).toBe('process')
  }, 120_000)
})
