// A component that was moved into a process of its own is called as one in a thread.
import { detectWalls } from '@bulkhead/actor'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import { World } from '../authority/world.js'

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
    world.tree({ callee: { component: guestFile('calls-callee'), grants: [], lines: ['quotas.deadline = "2s"'] } })
    const session = await world.start()
    const { runtime } = session
    const level = () => runtime.children()[0]?.level
    // Each of them is a fault that counts two; at four it climbs, and then again.
    while (level() !== 'process') {
      const from = session.events.length
      const code = await runtime.call('callee', 'spin', [], { deadline: '60s' }).catch((error) => error.code)
      expect(code).toBe('call-timeout')
      await session.event('child.exited', 'callee', from)
    }
    expect(await runtime.call('callee', 'greet', ['world'], { deadline: '60s' })).toBe('hello, world')
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
