import { expect } from 'vitest'
import { guestFile } from '../../support/test-runtime.mjs'
import type { World } from '../authority/world.js'

/** A tree with `callee`, which misbehaves until it runs in a process of its own. */
export async function startClimbed(world: World) {
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
  return { runtime, level }
}
