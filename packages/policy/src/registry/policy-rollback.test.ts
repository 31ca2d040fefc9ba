import { BulkheadError } from '@bulkhead/vocabulary'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PolicyRegistry } from './policy-registry.js'
import { by, draft, ingest, of, type Words, World } from './registry.test.support.js'

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

describe('signed policies', () => {
  const signed = (text: string, sequence: number) => draft(text, { signature: { sequence, key: 'ed25519:k' } })
  const back = (to: number, allowOlderSigned = true) => registry.rollback(ingest, to, { ...by, allowOlderSigned }, of)

  it('are refused when older than one that was accepted', async () => {
    await registry.update(ingest, signed('five', 5), of)
    for (const replay of [signed('four', 4), signed('other five', 5)]) {
      await expect(registry.update(ingest, replay, of)).rejects.toMatchObject({ code: 'policy-replayed' })
    }
    expect(registry.current(ingest)?.text).toBe('five')
    expect((await registry.update(ingest, signed('five', 5), of)).changed).toBe(false)
    expect((await registry.update(ingest, signed('five', 6), of)).version.signature?.sequence).toBe(6)
    await expect(registry.update(ingest, signed('five', 5), of)).rejects.toMatchObject({ code: 'policy-replayed' })
  })

  it('keep who vouched for their key', async () => {
    const signature = { sequence: 1, key: 'ed25519:k', certificates: ['sha256:1', 'sha256:2'] }
    await registry.update(ingest, draft('one', { signature }), of)
    await registry.update(ingest, draft('two'), of)
    await back(1)
    await restart()
    expect(registry.current(ingest)?.signature).toEqual(signature)
  })

  it('keep the highest sequence through edits, rollbacks, removal and a restart', async () => {
    await registry.update(ingest, signed('five', 5), of)
    await registry.update(ingest, signed('nine', 9), of)
    expect(await back(1)).toMatchObject({ changed: true, version: { number: 3, text: 'five', rolledBackTo: 1 } })
    expect(registry.current(ingest)?.signature?.sequence).toBe(5)
    await registry.edit(ingest, () => 'local', by, of)
    await registry.remove(ingest, by)
    await restart()
    for (const sequence of [5, 8]) {
      await expect(registry.update(ingest, signed('old', sequence), of)).rejects.toMatchObject({
        code: 'policy-replayed',
      })
    }
    expect((await registry.update(ingest, signed('nine', 9), of)).changed).toBe(true)
  })

  it('are refused before anybody judges them', async () => {
    await registry.update(ingest, signed('five', 5), of)
    const validate = () => expect.fail('nobody asks')
    await expect(registry.update(ingest, signed('four', 4), { ...of, validate })).rejects.toMatchObject({
      code: 'policy-replayed',
    })
  })

  it('are not rolled back to where signatures are required, unless as new as the newest', async () => {
    await registry.update(ingest, signed('five', 5), of)
    await registry.update(ingest, signed('nine', 9), of)
    await registry.update(ingest, draft('unsigned'), of)
    await expect(back(1, false)).rejects.toMatchObject({ code: 'policy-replayed' })
    expect(registry.current(ingest)?.text).toBe('unsigned')
    expect((await back(2, false)).version).toMatchObject({ text: 'nine', rolledBackTo: 2 })
    expect((await back(3, false)).version).toMatchObject({ text: 'unsigned', rolledBackTo: 3 })
  })
})

describe('a rollback', () => {
  const back = (to: number) => registry.rollback(ingest, to, { ...by, author: 'bea', allowOlderSigned: false }, of)

  it('makes old bytes a new version, and remembers the last number only', async () => {
    await registry.update(ingest, draft('a', { file: 'first.toml' }), of)
    await registry.update(ingest, draft('b'), of)
    expect((await back(1)).version).toMatchObject({ number: 3, text: 'a', file: 'first.toml', author: 'bea' })
    await registry.update(ingest, draft('c'), of)
    expect((await back(3)).version).toMatchObject({ number: 5, text: 'a', rolledBackTo: 3 })
    expect(await back(5)).toMatchObject({ changed: false, version: { number: 5 } })
    expect(await back(1)).toMatchObject({ changed: false, version: { number: 5 } })
  })

  it('brings back what was removed', async () => {
    await registry.update(ingest, draft('a'), of)
    await registry.remove(ingest, by)
    expect((await back(1)).version).toMatchObject({ number: 2, text: 'a' })
    expect(registry.current(ingest)?.text).toBe('a')
  })

  it('is judged like any other change', async () => {
    await expect(back(1)).rejects.toMatchObject({ code: 'policy-not-found', hint: 'it has no versions at all' })
    await registry.update(ingest, draft('a'), of)
    await registry.update(ingest, draft('b'), of)
    const validate = () => {
      throw new BulkheadError('policy-compilation-failed', 'no longer')
    }
    const options = { ...of, validate }
    await expect(registry.rollback(ingest, 1, { ...by, allowOlderSigned: true }, options)).rejects.toThrow('no longer')
    expect(registry.current(ingest)?.text).toBe('b')
  })
})
