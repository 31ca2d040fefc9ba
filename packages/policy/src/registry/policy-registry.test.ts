import { BulkheadError } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { policiesCachedMax, policyTextBytesMax, versionsKeptMax } from './limits.js'
import { childPolicyKey, defaultPolicyKey } from './policy-key.js'
import { PolicyRegistry } from './policy-registry.js'
import { by, draft, hash, ingest, of, openWords, type Words, World } from './registry.test.support.js'

let world: World
let registry: PolicyRegistry<Words>
beforeEach(async () => {
  world = await World.make()
  registry = world.registry
})
afterEach(() => world[Symbol.asyncDispose]())

async function restart(): Promise<void> {
  await world.restart()
  registry = world.registry
}

describe('a policy', () => {
  it('has numbered versions, the newest of which is in force', async () => {
    expect(registry.current(ingest)).toBeUndefined()
    expect(registry.currentPolicy(ingest, 'ingest')).toBeUndefined()
    expect(registry.history(ingest)).toEqual([])
    const first = await registry.update(ingest, draft('a b'), of)
    expect(first).toMatchObject({ changed: true, version: { number: 1, text: 'a b', author: 'ana', time: 1_000 } })
    await registry.update(ingest, draft('a'), of)
    expect(registry.current(ingest)).toMatchObject({ number: 2, text: 'a', reason: 'because' })
    expect(registry.currentPolicy(ingest, 'ingest')).toEqual({ words: ['a'], of: 'ingest' })
    expect(registry.history(ingest).map(({ number }) => number)).toEqual([2, 1])
    expect(registry.version(ingest, 1)).toEqual(first.version)
    expect(registry.version(ingest, 3)).toBeUndefined()
    expect(registry.keys()).toEqual([ingest])
  })

  it('says nothing new when it says the same', async () => {
    await registry.update(ingest, draft('a'), of)
    const again = await registry.update(ingest, draft('a', { author: 'bea', file: 'moved.toml' }), of)
    expect(again).toMatchObject({ changed: false, version: { number: 1, author: 'ana' } })
    expect(registry.history(ingest)).toHaveLength(1)
    expect((await registry.update(ingest, draft('a', { format: 'wassette' }), of)).changed).toBe(true)
  })

  it('belongs to a child, in a tenant too, or to a kind of component', async () => {
    const tenant = childPolicyKey('acme/ingest')
    const actors = defaultPolicyKey('actor')
    await registry.update(tenant, draft('a'), of)
    await registry.update(actors, draft('b'), of)
    await registry.update(ingest, draft('c'), of)
    expect([tenant, actors, ingest].map((key) => registry.current(key)?.text)).toEqual(['a', 'b', 'c'])
    expect([...registry.keys()].sort()).toEqual([tenant, ingest, actors].sort())
  })

  it('keeps twenty versions, and never gives a number twice', async () => {
    for (let index = 1; index <= versionsKeptMax + 3; index++) await registry.update(ingest, draft(`v${index}`), of)
    const numbers = registry.history(ingest).map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: versionsKeptMax }, (_, index) => versionsKeptMax + 3 - index))
    expect(registry.version(ingest, 3)).toBeUndefined()
    await expect(registry.rollback(ingest, 3, { ...by, allowOlderSigned: true }, of)).rejects.toMatchObject({
      code: 'policy-not-found',
      hint: expect.stringContaining('there are 23, 22'),
    })
  })

  it('survives a restart', async () => {
    await registry.update(ingest, draft('a', { source: { location: '/etc/p', hash: hash('1') } }), of)
    await restart()
    expect(registry.current(ingest)).toMatchObject({ number: 1, text: 'a', source: { location: '/etc/p' } })
  })

  it('is removed, keeps its history, and is read from its file again', async () => {
    await registry.update(ingest, draft('a', { source: { location: 'f', hash: hash('1') } }), of)
    expect(await registry.remove(ingest, { ...by, author: 'bea' }, { expected: 1 })).toBe(true)
    expect(registry.current(ingest)).toBeUndefined()
    expect(registry.currentPolicy(ingest, 'ingest')).toBeUndefined()
    expect(registry.keys()).toEqual([])
    expect(registry.removal(ingest)).toEqual({ ...by, author: 'bea' })
    expect(registry.lastSource(ingest)).toBeUndefined()
    expect(registry.history(ingest)).toHaveLength(1)
    expect(await registry.remove(ingest, by)).toBe(false)
    await expect(registry.remove(ingest, by, { expected: 1 })).rejects.toMatchObject({ code: 'update-conflict' })
    expect((await registry.update(ingest, draft('a'), of)).version.number).toBe(2)
    expect(registry.removal(ingest)).toBeUndefined()
  })
})

describe('a document that does not do', () => {
  beforeEach(() => registry.update(ingest, draft('old'), of))

  it('leaves the old one in force and the error of whoever refused it', async () => {
    await expect(registry.update(ingest, draft('wrong !'), of)).rejects.toMatchObject({
      code: 'policy-validation-failed',
    })
    const refuse = () => {
      throw new BulkheadError('policy-compilation-failed', 'it joins badly')
    }
    await expect(registry.update(ingest, draft('new'), { ...of, validate: refuse })).rejects.toThrow('joins badly')
    await expect(registry.update(ingest, draft('new'), { ...of, validate: async () => refuse() })).rejects.toThrow(
      'joins badly',
    )
    expect(registry.history(ingest).map(({ text }) => text)).toEqual(['old'])
    const seen: unknown[] = []
    await registry.update(ingest, draft('new'), { ...of, validate: (policy) => void seen.push(policy) })
    expect(seen).toEqual([{ words: ['new'], of: 'ingest' }])
    expect(registry.current(ingest)?.text).toBe('new')
  })

  it.each([
    ['without an author', { author: '' }, 'wrong `author`'],
    ['with a reason without end', { reason: 'x'.repeat(1_001) }, 'wrong `reason`'],
    ['with a sequence below zero', { signature: { sequence: -1, key: 'k' } }, 'wrong `signature.sequence`'],
    [
      'with a chain without end',
      { signature: { sequence: 1, key: 'k', certificates: Array.from({ length: 9 }, () => 'sha256:') } },
      'wrong `signature.certificates`',
    ],
    ['that UTF-8 cannot hold', { text: 'a\ud800' }, 'text that UTF-8 can hold'],
    ['of a byte too much', { text: 'x'.repeat(policyTextBytesMax + 1) }, 'at most 262144 bytes, this one 262145'],
  ])('%s', async (_what, more, message) => {
    await expect(registry.update(ingest, draft('new', more), of)).rejects.toThrow(message)
    expect(registry.current(ingest)?.text).toBe('old')
    await registry.update(ingest, draft('x'.repeat(policyTextBytesMax)), of)
    expect(registry.current(ingest)?.text).toHaveLength(policyTextBytesMax)
  })

  it('nor a change without an author', async () => {
    await expect(registry.remove(ingest, { ...by, author: '' })).rejects.toMatchObject({ code: 'usage' })
    expect(registry.current(ingest)?.text).toBe('old')
  })
})

describe('a source', () => {
  it('is remembered as what was last taken from it, whatever was changed since', async () => {
    const source = (digit: string) => ({ source: { location: 'ingest.policy.toml', hash: hash(digit) } })
    expect(registry.lastSource(ingest)).toBeUndefined()
    await registry.update(ingest, draft('a', source('1')), of)
    await registry.edit(ingest, () => 'a b', by, of)
    await registry.rollback(ingest, 1, { ...by, allowOlderSigned: true }, of)
    expect(registry.lastSource(ingest)).toEqual(source('1').source)
    const same = await registry.update(ingest, draft('a', source('2')), of)
    expect(same.changed).toBe(false)
    expect(registry.lastSource(ingest)).toEqual(source('2').source)
    await registry.update(ingest, draft('a'), of)
    expect(registry.lastSource(ingest)).toEqual(source('2').source)
  })
})

describe('reading', () => {
  it('happens once for a document and a component', async () => {
    await registry.update(ingest, draft('a'), of)
    registry = openWords(world.store)
    const first = registry.currentPolicy(ingest, 'ingest')
    expect(registry.currentPolicy(ingest, 'ingest')).toBe(first)
    expect(registry.currentPolicy(ingest, 'other')).toEqual({ words: ['a'], of: 'other' })
    expect(registry.metrics()).toMatchObject({ cacheHits: 1, cacheMisses: 2, parse: { count: 2 } })
  })

  it('keeps the policies that were used last', async () => {
    await registry.update(ingest, draft('a'), of)
    for (let index = 0; index < policiesCachedMax - 1; index++) registry.currentPolicy(ingest, `c${index}`)
    const { cacheMisses } = registry.metrics()
    registry.currentPolicy(ingest, 'ingest')
    registry.currentPolicy(ingest, 'one-more')
    registry.currentPolicy(ingest, 'ingest')
    expect(registry.metrics().cacheMisses).toBe(cacheMisses + 1)
    registry.currentPolicy(ingest, 'c0')
    expect(registry.metrics().cacheMisses).toBe(cacheMisses + 2)
  })

  it('tells of a policy that is no longer understood', async () => {
    await registry.update(ingest, draft('a'), of)
    const parse = () => {
      throw new BulkheadError('policy-validation-failed', 'not any more')
    }
    const later = PolicyRegistry.open<Words>(world.store, { parse, clock: { monotonicNs: () => 0n } })
    expect(() => later.currentPolicy(ingest, 'ingest')).toThrow('not any more')
    expect(later.currentPolicy(childPolicyKey('other'), 'other')).toBeUndefined()
  })

  it('does not believe what was changed on the disk', async () => {
    await registry.update(ingest, draft('a'), of)
    const versions = world.store.table('versions', { encode: (text: string) => text, decode: String })
    await world.store.transact(() => versions.put('child:ingest#0000000001', '{"number":1}'))
    expect(() => registry.current(ingest)).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
    await world.store.transact(() => versions.remove('child:ingest#0000000001'))
    expect(() => registry.current(ingest)).toThrow('version 1 of the policy `child:ingest` is missing')
  })
})

it('metrics count what happened, and how long it took', async () => {
  await registry.update(ingest, draft('a'), { ...of, validate: () => undefined })
  await registry.update(ingest, draft('a'), of)
  await registry.update(ingest, draft('b'), { ...of, validate: async () => undefined })
  await registry.rollback(ingest, 1, { ...by, allowOlderSigned: true }, of)
  await registry.update(ingest, draft('!'), of).catch(() => undefined)
  await registry.remove(ingest, by)
  expect(registry.metrics()).toEqual({
    parse: { count: 5, totalMs: 10, maxMs: 2 },
    validate: { count: 2, totalMs: 4, maxMs: 2 },
    cacheHits: 0,
    cacheMisses: 0,
    updates: 2,
    rollbacks: 1,
    removals: 1,
    unchanged: 1,
    rejected: 1,
    conflicts: 0,
  })
})
