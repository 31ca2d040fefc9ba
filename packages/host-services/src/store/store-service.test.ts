import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { valueBytesMax } from '../limits.js'
import type { FarDenial } from '../service/channel-authority.js'
import {
  callerOf,
  everything,
  openStoreLab,
  ownAll,
  type StoreLab,
  shown,
  tableOf,
  text,
} from './store.test.support.js'
import { encodeStoreRequest } from './store-request.js'
import type { StoreChannelOptions } from './store-service.js'

let lab: StoreLab
const denials: FarDenial[] = []
const breaches: string[] = []
beforeAll(async () => {
  lab = await openStoreLab({
    events: {
      onDenied: (_, denial) => denials.push(denial),
      onBreach: (_, error) => breaches.push(`${error.code}: ${error.message}`),
    },
  })
})
afterAll(() => lab.close())
let test = 0
beforeEach(() => {
  test++
  denials.length = 0
  breaches.length = 0
})

/** Each test has the store to itself: a scope and owners of its own. */
const attach = (name: string, options: Partial<StoreChannelOptions> = {}) =>
  lab.attach(name, { scope: `test-${test}`, owner: `test-${test}/${name}`, ...options })

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

describe('the store', () => {
  it('keeps what is set, of no bytes up to a mebibyte', () => {
    const { client } = attach('one', { quotaBytes: 4_000_000 })
    expect(client.get('self:a', 'k')).toBeUndefined()
    expect(client.exists('self:a', 'k')).toBe(false)
    for (const size of [0, 1, 3_000, valueBytesMax]) {
      const value = new Uint8Array(size).fill(7)
      client.set('self:a', 'k', value)
      expect(Buffer.compare(client.get('self:a', 'k') ?? text('none'), value)).toBe(0)
      expect(client.exists('self:a', 'k')).toBe(true)
    }
    client.delete('self:a', 'k')
    client.delete('self:a', 'k')
    expect(client.get('self:a', 'k')).toBeUndefined()
  })

  it('takes keys of 1 to 256 bytes, values of a mebibyte, batches of 1,000, and no more', () => {
    const { client } = attach('one')
    const longest = 'é'.repeat(128)
    client.set('self:a', longest, text('x'))
    expect(client.list('self:a').keys).toEqual([longest])
    expect(() => client.set('self:a', `${longest}x`, text('x'))).toThrow('a key of 257 bytes is too large')
    expect(() => client.get('self:a', '')).toThrow('at least one character')
    expect(() => client.set('self:a', 'k', new Uint8Array(valueBytesMax + 1))).toThrow('too large')
    expect(() => client.exists(`self:${'n'.repeat(508)}`, 'k')).toThrow('a name space of 513 bytes')
    expect(() => client.getMany('self:a', new Array(1_001).fill('k'))).toThrow('a batch of 1001 keys')
    expect(client.getMany('self:a', new Array(1_000).fill('k'))).toHaveLength(1_000)
  })

  it('keeps the name spaces of one component apart, and of components, and of scopes', () => {
    const one = attach('one')
    const other = attach('other')
    const elsewhere = attach('one', { owner: 'tenant/one', scope: 'tenant', table: tableOf('one', everything) })
    one.client.set('self:a', 'b:c', text('1'))
    one.client.set('self:a:b', 'c', text('2'))
    one.client.set('component:one:a', 'd', text('3'))
    one.client.set('shared:x', 'k', text('4'))
    expect(shown(one.client.get('self:a', 'b:c'))).toBe('1')
    expect(one.client.list('self:a').keys).toEqual(['b:c', 'd'])
    expect(shown(other.client.get('shared:x', 'k'))).toBe('4')
    expect(other.client.list('self:a').keys).toEqual([])
    expect(elsewhere.client.get('shared:x', 'k')).toBeUndefined()
    expect(elsewhere.client.list('self:a').keys).toEqual([])
  })

  it('decides by the channel, whatever a request says', async () => {
    const one = attach('one', { table: tableOf('one', ownAll) })
    const other = attach('other', { table: tableOf('other', [['read', 'self:*']]) })
    one.client.set('self:a', 'k', text('1'))
    const foreign = [
      'component:one:a',
      'shared:x',
      'component:one',
      '*',
      'component:*:a',
      'self:a\0k',
      'component:other/../one:a',
    ]
    for (const namespace of foreign) {
      expect(() => other.client.get(namespace, 'k'), namespace).toThrow('is denied')
      expect(() => other.client.exists(namespace, 'k')).toThrow(
        expect.objectContaining({ code: 'storage-access-denied', message: expect.stringContaining('is denied') }),
      )
      expect(() => other.client.getMany(namespace, ['k'])).toThrow('is denied')
      expect(other.client.list(namespace).keys).toEqual([])
    }
    const forms = [
      () => other.client.set('self:a', 'k', text('2')),
      () => other.client.delete('self:a', 'k'),
      () => other.client.increment('self:a', 'k', 1n),
      () => other.client.swap('self:a', 'k', undefined, text('2')),
      () => other.client.setMany('self:a', [{ key: 'k', value: text('2') }]),
      () => other.client.deleteMany('self:a', ['k']),
    ]
    for (const form of forms) expect(form).toThrow('is denied')
    expect(shown(one.client.get('component:one:a', 'k'))).toBe('1')
    expect(other.client.get('self:a', 'k')).toBeUndefined()
    await settle()
    expect(denials[0]).toMatchObject({
      request: { kind: 'storage', action: 'read', resource: 'component:one:a:k' },
      decision: { verdict: 'denied', layer: 'approval' },
      policyVersion: 1,
      unreported: 0,
    })
    expect(denials.length).toBe(27)
  })

  it('tells the host of at most so many denials at once, and of how many it did not', async () => {
    const { client } = attach('one', { table: tableOf('one', []) })
    for (let count = 0; count < 100; count++) expect(() => client.get('self:a', 'k')).toThrow('is denied')
    await settle()
    expect(denials).toHaveLength(32)
    expect(() => client.get('self:a', 'k')).toThrow('is denied')
    await settle()
    expect(denials.at(-1)?.unreported).toBe(68)
  })

  it('decides by a newer table from the moment that the host says so', async () => {
    const one = attach('one')
    one.client.set('self:a', 'k', text('1'))
    const updated = one.updateTable(tableOf('one', [['write', 'self:*']], 2))
    // Already now: the service looks before each decision, and the update was posted.
    expect(() => one.client.get('self:a', 'k')).toThrow('is denied')
    one.client.set('self:a', 'k', text('2'))
    await updated
    await one.updateTable(tableOf('one', ownAll, 3))
    expect(shown(one.client.get('self:a', 'k'))).toBe('2')
  })

  it('lists what may be read, in pages, in the order of bytes', () => {
    const writer = attach('one')
    const keys = Array.from(
      { length: 2_500 },
      (_, index) => `${index % 2 === 0 ? 'a' : 'b'}:${String(index).padStart(5, '0')}`,
    )
    for (let from = 0; from < keys.length; from += 500) {
      writer.client.setMany(
        'shared:l',
        keys.slice(from, from + 500).map((key) => ({ key, value: text('') })),
      )
    }
    const reader = attach('two', { table: tableOf('two', [['read', 'shared:l:b:*']]) })
    const seen: string[] = []
    let after: string | undefined
    let pages = 0
    for (let more = true; more; pages++) {
      const page = reader.client.list('shared:l', { after, limit: 500 })
      seen.push(...page.keys)
      after = page.keys.at(-1)
      more = page.more
    }
    expect(seen).toEqual(keys.filter((key) => key.startsWith('b')).sort())
    expect(pages).toBe(3)
    expect(writer.client.list('shared:l').keys).toHaveLength(2_500)
    expect(writer.client.list('shared:l', { limit: 0 })).toEqual({ keys: [], more: true })
    expect(writer.client.list('shared:nothing')).toEqual({ keys: [], more: false })
    // As much as one listing may hold, over several steps and pages of the slot.
    for (let from = 0; from < 12_000; from += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, index) => ({
        key: `${'k'.repeat(200)}${from + index}`,
        value: text(''),
      }))
      writer.changeQuota(100_000_000)
      writer.client.setMany('self:m', batch)
    }
    const first = writer.client.list('self:m', { limit: 50_000 })
    expect([first.keys.length, first.more]).toEqual([10_000, true])
    expect(writer.client.list('self:m', { after: first.keys.at(-1) })).toMatchObject({ more: false })
  })

  it('increments numbers, and nothing else', () => {
    const one = attach('one')
    const two = attach('two')
    for (let count = 0; count < 20; count++) {
      one.client.increment('shared:n', 'k', 3n)
      two.client.increment('shared:n', 'k', -1n)
    }
    expect(one.client.increment('shared:n', 'k', 0n)).toBe(40n)
    expect(shown(two.client.get('shared:n', 'k'))).toBe('40')
    one.client.set('shared:n', 'k', text(String(2n ** 63n - 1n)))
    expect(() => one.client.increment('shared:n', 'k', 1n)).toThrow('does not fit')
    expect(one.client.increment('shared:n', 'k', -(2n ** 63n))).toBe(-1n)
    for (const value of ['', 'x', '1.5', '0x1', ' 1', '1e3', '-', '9'.repeat(30)]) {
      one.client.set('shared:n', 'k', text(value))
      expect(() => one.client.increment('shared:n', 'k', 1n)).toThrow('not a number')
      expect(shown(one.client.get('shared:n', 'k'))).toBe(value)
    }
  })

  it('swaps what is still as expected', () => {
    const { client } = attach('one')
    expect(client.swap('self:a', 'k', text('x'), text('y'))).toEqual({ kind: 'differs' })
    expect(client.swap('self:a', 'k', undefined, text('1'))).toEqual({ kind: 'swapped' })
    expect(client.swap('self:a', 'k', undefined, text('2'))).toEqual({ kind: 'differs', found: text('1') })
    expect(client.swap('self:a', 'k', text('1'), text('2'))).toEqual({ kind: 'swapped' })
    expect(shown(client.get('self:a', 'k'))).toBe('2')
  })

  it('does all of a batch or none of it', () => {
    const { client } = attach('one', {
      table: tableOf('one', [
        ['read', 'self:*'],
        ['write', 'self:a:ok'],
        ['write', 'self:a:fine'],
        ['delete', 'self:a:ok'],
      ]),
    })
    const entries = [
      { key: 'ok', value: text('1') },
      { key: 'forbidden', value: text('2') },
    ]
    expect(() => client.setMany('self:a', entries)).toThrow('is denied')
    expect(client.getMany('self:a', ['ok', 'forbidden'])).toEqual([undefined, undefined])
    client.setMany('self:a', [
      { key: 'ok', value: text('1') },
      { key: 'fine', value: text('2') },
      { key: 'ok', value: text('3') },
    ])
    expect(client.getMany('self:a', ['fine', 'ok', 'none']).map(shown)).toEqual(['2', '3', undefined])
    expect(() => client.deleteMany('self:a', ['ok', 'fine'])).toThrow('is denied')
    expect(client.exists('self:a', 'ok')).toBe(true)
    client.deleteMany('self:a', ['ok', 'ok'])
    expect(client.exists('self:a', 'ok')).toBe(false)
  })
})

describe('the quota', () => {
  it('counts what lies there, is kept in the same step, and is given back', () => {
    const one = attach('one', { quotaBytes: 10_000 })
    expect(one.spent()).toEqual({ used: 0, limit: 10_000 })
    one.client.set('self:a', 'k', new Uint8Array(100))
    const small = one.spent().used
    expect(small).toBeGreaterThan(100)
    expect(small).toBeLessThan(200)
    one.client.set('self:a', 'k', new Uint8Array(3_000))
    expect(one.spent().used).toBeGreaterThan(4_096)
    expect(() => one.client.set('self:a', 'l', new Uint8Array(5_000))).toThrow('has used its 10000 bytes')
    expect(one.client.exists('self:a', 'l')).toBe(false)
    one.client.set('self:a', 'k', new Uint8Array(100))
    expect(one.spent().used).toBe(small)
    one.client.set('self:a', 'l', new Uint8Array(5_000))
    one.client.deleteMany('self:a', ['k', 'l'])
    expect(one.spent().used).toBe(0)
  })

  it('of zero is nothing, of less than is used lets only less be used, and a changed one holds at once', () => {
    const one = attach('one', { quotaBytes: 0 })
    expect(() => one.client.set('self:a', 'k', text(''))).toThrow('has used its 0 bytes')
    one.changeQuota(5_000)
    one.client.set('self:a', 'k', new Uint8Array(200))
    one.changeQuota(100)
    expect(() => one.client.set('self:a', 'k', new Uint8Array(300))).toThrow('has used')
    one.client.set('self:a', 'k', new Uint8Array(150))
    expect(shown(one.client.get('self:a', 'k'))).toHaveLength(150)
  })

  it('is that of whoever wrote the value, and outlives channels', async () => {
    const one = attach('one')
    const two = attach('two')
    one.client.set('shared:x', 'k', new Uint8Array(1_000))
    const paid = one.spent().used
    expect(two.spent().used).toBe(0)
    two.client.set('shared:x', 'k', new Uint8Array(1_000))
    expect([one.spent().used, two.spent().used]).toEqual([0, paid])
    await two.gone()
    expect(() => two.client.get('shared:x', 'k')).toThrow('closed')
    const again = attach('two')
    again.client.get('shared:x', 'k')
    expect(again.spent().used).toBe(paid)
    one.client.delete('shared:x', 'k')
    expect(again.spent().used).toBe(0)
  })
})

describe('a worker that is not ours any more', () => {
  it.each([
    ['bytes that are no request', Uint8Array.of(255, 1, 2)],
    ['nothing', new Uint8Array(0)],
    ['bytes behind the end', Uint8Array.of(...encodeStoreRequest({ op: 'get', namespace: 'self', key: 'k' }), 0)],
    [
      'a text that is not UTF-8',
      encodeStoreRequest({ op: 'get', namespace: 'self', key: 'k' }).map((byte) => (byte === 107 ? 255 : byte)),
    ],
    ['a key over the bound', encodeStoreRequest({ op: 'get', namespace: 'self', key: 'k'.repeat(257) })],
    ['too many keys', encodeStoreRequest({ op: 'get-many', namespace: 'self', keys: new Array(1_001).fill('k') })],
  ])('is found out by %s, loses its channel, and nobody else does', async (_name, bytes) => {
    const one = attach('one')
    const two = attach('two')
    const outcome = callerOf(one.slot).call(bytes, { untilNs: process.hrtime.bigint() + 60_000_000n })
    expect(outcome.kind).not.toBe('answer')
    await settle()
    expect(breaches).toEqual([expect.stringMatching(/^lane-corrupt: a request to the store/)])
    expect(callerOf(one.slot).call(bytes)).toEqual({ kind: 'closed' })
    two.client.set('self:a', 'k', text('1'))
  })
})
