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

describe('of many changes at once', () => {
  const add = (word: string) => (now: Words | undefined) => [...(now?.words ?? []), word].join(' ')
  const words = Array.from({ length: 100 }, (_, index) => `w${index}`)

  it('none is lost', async () => {
    await Promise.all(words.map((word) => registry.edit(ingest, add(word), by, of)))
    expect(new Set(registry.currentPolicy(ingest, 'ingest')?.words)).toEqual(new Set(words))
    expect(registry.current(ingest)).toMatchObject({ number: 100, format: 'native', file: 'policy:child:ingest' })
    expect(registry.metrics().conflicts).toBe(0)
  })

  it('none is lost where each has to wait before it may write', async () => {
    const validate = () => new Promise<void>((resolve) => setImmediate(resolve))
    await Promise.all(words.map((word) => registry.edit(ingest, add(word), by, { ...of, validate })))
    expect(new Set(registry.currentPolicy(ingest, 'ingest')?.words)).toEqual(new Set(words))
    expect(registry.current(ingest)?.number).toBe(100)
    expect(registry.metrics().conflicts).toBeGreaterThan(0)
  })

  it('one wins of those that expect the same version', async () => {
    await registry.update(ingest, draft('old'), of)
    const validate = () => new Promise<void>((resolve) => setImmediate(resolve))
    const attempts = words
      .slice(0, 10)
      .map((word) => registry.update(ingest, draft(word), { ...of, expected: 1, validate }))
    const ends = await Promise.allSettled(attempts)
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const end of ends) {
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'update-conflict' })
    }
    expect(registry.current(ingest)?.number).toBe(2)
    await expect(registry.update(ingest, draft('new'), { ...of, expected: 0 })).rejects.toMatchObject({
      code: 'update-conflict',
    })
  })

  it('one that never gets its turn gives up', async () => {
    const validate = async () => void (await registry.edit(ingest, add('other'), by, of))
    const loser = registry.edit(ingest, add('mine'), by, { ...of, validate })
    await expect(loser).rejects.toMatchObject({ code: 'update-conflict' })
    expect(registry.currentPolicy(ingest, 'ingest')?.words).not.toContain('mine')
  })
})
