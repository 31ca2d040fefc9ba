import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonCodec } from './codec.js'
import { storeKeyBytesMax, storeTablesMax, storeValueBytesMax } from './limits.js'
import { StateDirectory } from './state-directory.js'
import { Store } from './store.js'

let root = ''
let state: StateDirectory
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-store-'))
  state = await StateDirectory.open(root)
})
afterEach(async () => {
  await state.close()
  rmSync(root, { recursive: true, force: true })
})

const text = jsonCodec((found) => {
  if (typeof found !== 'string') throw new TypeError('not a text')
  return found
})
const bytes = { encode: (value: Uint8Array) => value, decode: (found: Uint8Array) => found }

describe('tables', () => {
  it('keep what a transaction put, in the order of the keys, apart from each other', async () => {
    await using store = await Store.open(state, 'policies')
    const one = store.table('one', text)
    const two = store.table('two', text)
    await store.transact(() => {
      for (const key of ['b', 'a/2', 'a/10', 'ä', 'a']) one.put(key, `1 ${key}`)
      two.put('a', 'other')
    })
    expect(one.get('a/2')).toBe('1 a/2')
    expect(one.get('c')).toBeUndefined()
    expect(one.keys()).toEqual(['a', 'a/10', 'a/2', 'b', 'ä'])
    expect(one.keys({ prefix: 'a/' })).toEqual(['a/10', 'a/2'])
    expect(one.keys({ prefix: 'a/', after: 'a/10' })).toEqual(['a/2'])
    expect(one.keys({ prefix: '', after: 'a', limit: 2 })).toEqual(['a/10', 'a/2'])
    expect(one.keys({ prefix: 'a/', limit: 1 })).toEqual(['a/10'])
    expect([...one.entries('a/')]).toEqual([
      ['a/10', '1 a/10'],
      ['a/2', '1 a/2'],
    ])
    expect([...two.entries()]).toEqual([['a', 'other']])
  })

  it('say whether a removed key was there', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table('one', text)
    await store.transact(() => table.put('a', 'x'))
    expect(await store.transact(() => [table.remove('a'), table.remove('a')])).toEqual([true, false])
    expect(table.get('a')).toBeUndefined()
  })

  it('survive a close, and are closed after it', async () => {
    const store = await Store.open(state, 'policies')
    const table = store.table('one', text)
    await store.transact(() => table.put('a', 'x'))
    await Promise.all([store.close(), store.close()])
    expect(() => table.get('a')).toThrow('is closed')
    expect(() => store.table('two', text)).toThrow('is closed')
    await expect(store.transact(() => 1)).rejects.toMatchObject({ code: 'usage' })
    await using again = await Store.open(state, 'policies')
    expect(again.table('one', text).get('a')).toBe('x')
    expect(again.table('one', text).keys()).toEqual(['a'])
  })
})

describe('a transaction', () => {
  it('does all of its work or none, over all tables', async () => {
    await using store = await Store.open(state, 'policies')
    const one = store.table('one', text)
    const two = store.table('two', text)
    await store.transact(() => one.put('kept', 'old'))
    const failing = store.transact(() => {
      one.put('kept', 'new')
      two.put('more', 'x')
      expect([one.get('kept'), two.get('more')]).toEqual(['new', 'x'])
      throw new RangeError('changed my mind')
    })
    await expect(failing).rejects.toThrow(new RangeError('changed my mind'))
    expect([one.get('kept'), two.get('more'), two.keys()]).toEqual(['old', undefined, []])
    expect(await store.transact(() => 'answer')).toBe('answer')
  })

  it('loses nothing of a hundred at once', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table(
      'counter',
      jsonCodec((found) => Number(found)),
    )
    const bump = () => table.put('n', (table.get('n') ?? 0) + 1)
    await Promise.all(Array.from({ length: 100 }, () => store.transact(bump)))
    expect(table.get('n')).toBe(100)
  })

  it('is the only place to write, is synchronous and does not nest', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table('one', text)
    expect(() => table.put('a', 'x')).toThrow('inside transact() only')
    expect(() => table.remove('a')).toThrow('inside transact() only')
    let inner: Promise<unknown> = Promise.resolve()
    await store.transact(() => {
      inner = store.transact(() => 1)
      inner.catch(() => undefined)
    })
    await expect(inner).rejects.toThrow('cannot hold another one')
    await expect(store.transact(async () => table.put('a', 'x'))).rejects.toThrow('synchronous')
    await expect(store.transact(() => store.table('two', text))).rejects.toThrow('outside transact()')
    expect(table.keys()).toEqual([])
    await store.transact(() => table.put('a', 'x'))
    expect(table.get('a')).toBe('x')
  })
})

describe('bounds', () => {
  it('of keys: up to what LMDB takes, and never empty or broken text', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table('one', text)
    await store.transact(() => table.put('k'.repeat(storeKeyBytesMax), 'x'))
    expect(table.get('k'.repeat(storeKeyBytesMax))).toBe('x')
    for (const key of ['', 'k'.repeat(storeKeyBytesMax + 1), 'ä'.repeat(storeKeyBytesMax), 'a\ud800']) {
      await expect(store.transact(() => table.put(key, 'x'))).rejects.toMatchObject({ code: 'usage' })
      expect(() => table.get(key)).toThrow('a key is text')
    }
  })

  it('of values: exactly the largest', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table('bytes', bytes)
    await store.transact(() => table.put('a', new Uint8Array(storeValueBytesMax).fill(7)))
    expect(table.get('a')?.every((byte) => byte === 7)).toBe(true)
    const one = new Uint8Array(storeValueBytesMax + 1)
    await expect(store.transact(() => table.put('a', one))).rejects.toMatchObject({ code: 'usage' })
    expect(table.get('a')?.length).toBe(storeValueBytesMax)
  })

  it('of tables and their names', async () => {
    await using store = await Store.open(state, 'policies')
    for (let index = 0; index < storeTablesMax; index++) store.table(`t${index}`, text)
    expect(() => store.table('one-more', text)).toThrow(`at most ${storeTablesMax} tables`)
    expect(store.table('t0', text).keys()).toEqual([])
    for (const name of ['', 'A', '../x', 'a'.repeat(65)])
      expect(() => store.table(name, text)).toThrow('name of a table')
  })

  it('of all that it holds: what would grow is refused and leaves the old, what shrinks goes on', async () => {
    await using store = await Store.open(state, 'small', { bytesMax: 262_144 })
    const table = store.table('bytes', bytes)
    const put = (key: string) => store.transact(() => table.put(key, new Uint8Array(60_000)))
    for (const key of ['a', 'b', 'c', 'd']) await put(key)
    await expect(put('e')).rejects.toMatchObject({ code: 'state-unwritable', details: { reason: 'full' } })
    expect(table.keys()).toEqual(['a', 'b', 'c', 'd'])
    await put('a')
    await store.transact(() => table.remove('b'))
    await put('e')
    expect(table.keys()).toEqual(['a', 'c', 'd', 'e'])
  })

  it('of one holder at a time', async () => {
    const store = await Store.open(state, 'policies')
    await expect(Store.open(state, 'policies')).rejects.toThrow('is open already')
    await using other = await Store.open(state, 'grants')
    expect(other.name).toBe('grants')
    await store.close()
    await (await Store.open(state, 'policies')).close()
  })

  it('of its name, which stays inside the state directory', async () => {
    for (const name of ['..', 'a/b', 'lock']) {
      await expect(Store.open(state, name)).rejects.toMatchObject({ code: 'usage' })
    }
  })
})

describe('a value of another shape', () => {
  it('is not believed, and named', async () => {
    await using store = await Store.open(state, 'policies')
    const numbers = store.table(
      'one',
      jsonCodec((found) => Number(found)),
    )
    await store.transact(() => numbers.put('a', 1))
    const texts = store.table('one', text)
    expect(() => texts.get('a')).toThrow(
      expect.objectContaining({ code: 'store-corrupt', details: { store: 'policies', table: 'one', key: 'a' } }),
    )
    expect(numbers.get('a')).toBe(1)
  })
})
