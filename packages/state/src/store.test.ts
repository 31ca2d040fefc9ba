import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonCodec } from './codec.js'
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
