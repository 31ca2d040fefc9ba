// A child that was moved into a process of its own keeps what it kept, where it kept it, by the same rules and quota.
import { detectWalls } from '@bulkhead/actor'
import { describe, expect, it } from 'vitest'
import { allOfItsOwn, startKeepers } from '../storage/keeper-tree.js'

const walls = await detectWalls()
const walled = walls.up.has('bubblewrap')
if (!walled) console.warn(`the store of processes is not tested here: ${walls.missing.get('bubblewrap')}`)

describe.runIf(walled)('a child in a process', () => {
  it('has the store that it had in a thread, and no more of it', async () => {
    const { ask, tell, session } = await startKeepers({
      keeper: { grants: allOfItsOwn, manifestLines: ['[quotas]', 'storage = "64KiB"'], lines: ['shutdown = "0s"'] },
    })
    const child = () => session.runtime.children().find(({ id }) => id === 'keeper')
    expect(await ask('keeper', 'set', '', 'k', 'from a thread')).toEqual(['ok', null])
    expect(child()?.level).toBe('thread')
    // Five distinct denials are a violation; it climbs one rung at each.
    for (const level of ['reduced', 'process']) {
      for (const other of ['a', 'b', 'c', 'd', 'e']) await tell('keeper', 'get', `component:${level}-${other}`, 'k')
      await session.until(() => child()?.level === level, level)
      await session.until(() => child()?.state === 'running', 'one that runs')
    }
    expect(await ask('keeper', 'get', '', 'k')).toEqual(['ok', 'from a thread'])
    expect(await ask('keeper', 'increment', 'counts', 'n', '5')).toEqual(['ok', '5'])
    expect(await ask('keeper', 'fill', '', 'a', 40_000)).toEqual(['ok', null])
    expect(await ask('keeper', 'fill', '', 'b', 40_000)).toEqual([
      'error',
      { tag: 'other', val: 'quota exceeded: storage' },
    ])
    expect(await ask('keeper', 'get', '', 'a')).toMatchObject(['ok', expect.anything()])
    expect(await ask('keeper', 'get', 'component:other', 'k')).toEqual(['error', { tag: 'access-denied' }])
    expect(child()?.level).toBe('process')
  }, 240_000)
})
