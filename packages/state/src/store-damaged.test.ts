import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonCodec } from './codec.js'
import { openEnvironment, openTable } from './environment.js'
import { storeBytesMax } from './limits.js'
import { StateDirectory } from './state-directory.js'
import { Store } from './store.js'

const text = jsonCodec((found) => String(found))
const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`)
const valueFor = (key: string): string => createHash('sha512').update(key).digest('hex').repeat(20)

let root = ''
let data = ''
let state: StateDirectory
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-store-'))
  data = join(root, 'policies', 'data.mdb')
  state = await StateDirectory.open(root)
  const store = await Store.open(state, 'policies')
  const table = store.table('one', text)
  for (const key of keys) await store.transact(() => table.put(key, valueFor(key)))
  await store.transact(() => keys.slice(30).map((key) => table.remove(key)))
  await store.close()
})
afterEach(async () => {
  await state.close()
  rmSync(root, { recursive: true, force: true })
})

/** Opens the state directory again, after a stop of that kind. */
async function restart(how: 'clean' | 'unclean'): Promise<void> {
  await (how === 'clean' ? state.close() : state.abandon())
  state = await StateDirectory.open(root)
}

async function readAll(): Promise<void> {
  await using store = await Store.open(state, 'policies')
  const table = store.table('one', text)
  expect(table.keys()).toEqual(keys.slice(0, 30).sort())
  for (const [key, value] of table.entries()) expect(value).toBe(valueFor(key))
}

describe('a whole database is believed', () => {
  it('after a clean stop and after an unclean one', async () => {
    await readAll()
    await restart('clean')
    await readAll()
    await restart('unclean')
    await readAll()
  })

  it('after its holder died without closing it', async () => {
    writeFileSync(join(root, 'policies', 'mark'), 'open\n')
    await readAll()
  })

  it('as a copy that was put back', async () => {
    copyFileSync(data, join(root, 'policies', 'copy'))
    truncateSync(data, 0)
    copyFileSync(join(root, 'policies', 'copy'), data)
    await readAll()
  })
})

it('what others left of a lock is no matter', async () => {
  writeFileSync(join(root, 'policies', 'lock.mdb'), 'not a lock'.repeat(10_000))
  await readAll()
})

describe('a damaged database is refused, and kills nobody', () => {
  const refusal = { code: 'store-corrupt', details: { store: 'policies' } }

  it.each([
    ['empty', 0],
    ['cut inside its head', 5_000],
    ['cut after its head', 8_192],
    ['cut inside its pages', 40_000],
  ])('%s', async (_how, length) => {
    truncateSync(data, length)
    await expect(Store.open(state, 'policies')).rejects.toMatchObject(refusal)
    await restart('unclean')
    await expect(Store.open(state, 'policies')).rejects.toMatchObject(refusal)
  })

  it('missing', async () => {
    rmSync(data)
    await expect(Store.open(state, 'policies')).rejects.toMatchObject(refusal)
  })

  it('something else altogether', async () => {
    writeFileSync(data, 'not a database'.repeat(10_000))
    await expect(Store.open(state, 'policies')).rejects.toMatchObject(refusal)
  })

  it('with one byte of a value changed: it says which', async () => {
    const content = readFileSync(data)
    let at = -1
    for (
      let from = content.indexOf(valueFor('key-7'));
      from >= 0;
      from = content.indexOf(valueFor('key-7'), from + 1)
    ) {
      at = from
      content.writeUInt8(content.readUInt8(from + 5) ^ 1, from + 5)
    }
    expect(at).toBeGreaterThan(0)
    writeFileSync(data, content)
    const error = { ...refusal, details: { store: 'policies', table: 'one', key: 'key-7' } }
    await expect(Store.open(state, 'policies')).rejects.toMatchObject(error)
  })

  it('garbled anywhere: refused, or every value is right', async () => {
    const whole = readFileSync(data)
    for (let seed = 0; seed < 8; seed++) {
      const garbled = Buffer.from(whole)
      const noise = createHash('sha512').update(`seed ${seed}`).digest()
      for (let spot = 0; spot < 4; spot++) {
        noise.copy(garbled, noise.readUInt32LE(spot * 8) % (garbled.length - 64), 0, 1 + (noise.readUInt8(60) % 64))
      }
      writeFileSync(data, garbled)
      try {
        await readAll()
      } catch (error) {
        expect(error).toMatchObject({ code: 'store-corrupt' })
      }
    }
  })
})

describe('without a look', () => {
  it('a value that was changed behind our back is still found, when it is read', async () => {
    await using store = await Store.open(state, 'policies')
    const table = store.table('one', text)
    const environment = openEnvironment(join(root, 'policies'), storeBytesMax)
    const database = openTable(environment, 'one')
    const moved = database.getBinary(Buffer.from('key-1')) ?? Buffer.alloc(0)
    environment.transactionSync(() => {
      database.putSync(Buffer.from('key-2'), moved)
      database.putSync(Buffer.from('key-3'), Buffer.of(1, 2, 3))
    })
    await environment.close()
    for (const key of ['key-2', 'key-3']) {
      expect(() => table.get(key)).toThrow(expect.objectContaining({ code: 'store-corrupt' }))
    }
    expect(() => [...table.entries()]).toThrow('`key-2` in `policies/one` fails its checksum')
    expect(table.get('key-1')).toBe(valueFor('key-1'))
  })
})
