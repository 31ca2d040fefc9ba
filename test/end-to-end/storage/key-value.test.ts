import { describe, expect, it } from 'vitest'
import { allOfItsOwn, startKeepers } from './keeper-tree.js'

const denied = ['error', { tag: 'access-denied' }]

describe('key-value', () => {
  it('keeps what a guest sets, through its end and that of the process, in both drafts', async () => {
    const keepers = { keeper: { grants: allOfItsOwn } }
    const first = await startKeepers(keepers)
    const { ask, world } = first
    expect(await ask('keeper', 'set', '', 'k', 'value')).toEqual(['ok', null])
    expect(await ask('keeper', 'get', 'default', 'k')).toEqual(['ok', 'value'])
    expect(await ask('keeper', 'increment', 'counts', 'n', '5')).toEqual(['ok', '5'])
    expect(await ask('keeper', 'add', 'counts', 'n', '-7')).toEqual(['ok', '-2'])
    expect(await ask('keeper', 'swap', 'counts', 'fresh', 'one')).toEqual(['ok', null])
    await ask('keeper', 'setMany', 'many', [
      ['a', 'A'],
      ['b', 'B'],
    ])
    expect(await ask('keeper', 'getMany', 'many', ['b', 'x'])).toEqual(['ok', [['b', 'B'], null]])
    expect(await ask('keeper', 'deleteMany', 'many', ['a'])).toEqual(['ok', null])
    expect([await ask('keeper', 'list', 'many'), await ask('keeper', 'newerList', 'many')]).toEqual([
      ['ok', ['b']],
      ['ok', ['b']],
    ])
    await world.stop()
    const again = await startKeepers(keepers, {}, world)
    expect(await again.ask('keeper', 'get', '', 'k')).toEqual(['ok', 'value'])
    expect(await again.ask('keeper', 'delete', '', 'k')).toEqual(['ok', null])
    expect(await again.ask('keeper', 'exists', '', 'k')).toEqual(['ok', false])
  })

  it('is decided for each use, and told to the operator with what would allow it', async () => {
    const { ask, session } = await startKeepers({
      keeper: { grants: ['storage.read = ["self:*"]', 'storage.write = ["self:cache:*"]'] },
    })
    expect(await ask('keeper', 'set', 'cache', 'k', 'v')).toEqual(['ok', null])
    expect(await ask('keeper', 'get', 'cache', 'k')).toEqual(['ok', 'v'])
    expect(await ask('keeper', 'set', '', 'k', 'v')).toEqual(denied)
    expect(await ask('keeper', 'delete', 'cache', 'k')).toEqual(denied)
    const refusal = await session.refusal('keeper', 'self:k')
    expect(refusal).toMatchObject({ kind: 'storage', action: 'write' })
    expect(refusal.always.join()).toContain('self:k')
  })

  it('belongs to the child, whatever its component calls itself', async () => {
    const one = { grants: allOfItsOwn }
    const world = (await startKeepers({ victim: one })).world
    await world.stop()
    const { ask } = await startKeepers(
      { victim: one, thief: { grants: [...allOfItsOwn, 'storage.read = ["component:victim:*"]'] } },
      {},
      world,
    )
    expect(await ask('victim', 'set', '', 'k', 'mine')).toEqual(['ok', null])
    expect(await ask('thief', 'get', '', 'k')).toEqual(['ok', null])
    expect(await ask('thief', 'get', 'self', 'k')).toEqual(['ok', null])
  })

  it('has a quota, of which the operator hears', async () => {
    const { ask } = await startKeepers({
      keeper: { grants: allOfItsOwn, manifestLines: ['[quotas]', 'storage = "64KiB"'] },
    })
    expect(await ask('keeper', 'fill', '', 'a', 40_000)).toEqual(['ok', null])
    expect(await ask('keeper', 'fill', '', 'b', 40_000)).toEqual([
      'error',
      { tag: 'other', val: 'quota exceeded: storage' },
    ])
    expect(await ask('keeper', 'delete', '', 'a')).toEqual(['ok', null])
    expect(await ask('keeper', 'fill', '', 'b', 40_000)).toEqual(['ok', null])
    const noKey = ['error', { tag: 'other', val: 'a key has 1 to 256 bytes and no control characters' }]
    expect(await ask('keeper', 'get', '', 'x'.repeat(257))).toEqual(noKey)
    expect(await ask('keeper', 'get', '', '')).toEqual(noKey)
    expect((await ask('keeper', 'fill', '', 'x', 1_048_577))[0]).toBe('error')
    expect(await ask('keeper', 'get', 'a::b', 'k')).toEqual(['error', { tag: 'no-such-store' }])
  })
})
