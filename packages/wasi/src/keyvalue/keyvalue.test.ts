// The guest's functions over the real store. One lab for all: each test has a bucket of its own.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, cleanUp, outcome, type Setup, TestGuest } from '../guest.test-support.js'
import { namespaceOf } from './bucket-name.js'
import { type Bucket, openStoreLab, type StoreLab } from './store.test.support.js'

let lab: StoreLab
beforeAll(async () => {
  lab = await openStoreLab()
})
afterAll(() => lab.close())
afterEach(cleanUp)

const all: Setup = { allow: ['storage.read self:*', 'storage.write self:*', 'storage.delete self:*'] }
const denied = { tag: 'access-denied' }
const shown = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString()
const other = (text: string) => ({ tag: 'other', val: text })

describe('a bucket', () => {
  it('keeps what was set, until it is deleted', () => {
    const bucket = lab.guest(all).bucket('first')
    expect(bucket.get('k')).toBeUndefined()
    bucket.set('k', bytesOf('one'))
    bucket.set('k', bytesOf('two'))
    expect([shown(bucket.get('k')), bucket.exists('k')]).toEqual(['two', true])
    expect(lab.guest(all).bucket('self:first').exists('k')).toBe(true)
    bucket.delete('k')
    bucket.delete('k')
    expect([bucket.get('k'), bucket.exists('k')]).toEqual([undefined, false])
  })

  it('has a name that says whose it is', () => {
    expect(['', 'default', 'self', 'cache', 'self:cache', 'shared:a:b', 'component:x'].map(namespaceOf)).toEqual([
      ...['self', 'self', 'self', 'self:cache', 'self:cache', 'shared:a:b', 'component:x'],
    ])
    for (const name of ['a::b', ':a', 'a:', '*', 'a\n', '\ud800', 'x'.repeat(129)]) {
      expect(outcome(() => lab.guest(all).bucket(name))).toEqual({ tag: 'no-such-store' })
    }
  })

  it('lists what it holds, page by page, in both drafts', () => {
    const guest = lab.guest(all, { quotaBytes: 10_000_000 })
    const pairs = Array.from({ length: 1_000 }, (_, index) => [`k${index}`, bytesOf('v')])
    for (let at = 0; at < 11; at++) {
      const batch = pairs.map(([key, value]) => [`${String(at).padStart(2, '0')}-${String(key)}`, value])
      guest.call('wasi:keyvalue/batch', 'setMany', guest.bucket('many'), batch)
    }
    const first = guest.bucket('many').listKeys<bigint>(undefined)
    expect(first.keys).toHaveLength(10_000)
    const second = guest.bucket('many').listKeys(first.cursor)
    expect([second.keys.length, second.cursor]).toEqual([1_000, undefined])
    expect(new Set([...first.keys, ...second.keys]).size).toBe(11_000)
    const newer: Bucket = guest.call('wasi:keyvalue-draft2/store', 'open', 'many')
    const page = newer.listKeys<string>(undefined)
    expect(page.cursor).toBe(first.keys.at(-1))
    expect(newer.listKeys(page.cursor).keys).toEqual(second.keys)
    const unknown = other('no page ended with this cursor')
    expect(outcome(() => guest.bucket('many').listKeys(99n))).toEqual(unknown)
    expect(outcome(() => guest.bucket('else').listKeys(first.cursor))).toEqual(unknown)
    expect(outcome(() => newer.listKeys(''))).toEqual(unknown)
  })
})

describe('each use of a key', () => {
  const uses: readonly (readonly [string, string, (bucket: Bucket) => unknown])[] = [
    ['get', 'read', (bucket) => bucket.get('k')],
    ['exists', 'read', (bucket) => bucket.exists('k')],
    ['set', 'write', (bucket) => bucket.set('k', bytesOf('v'))],
    ['delete', 'delete', (bucket) => bucket.delete('k')],
  ]

  it.each(uses)('is decided and on record: %s', (_name, action, use) => {
    const may = lab.guest({ allow: [`storage.${action} self:uses:*`] })
    use(may.bucket('uses'))
    expect(may.grants()).toEqual([`${action} self:uses:k`])
    expect(outcome(() => use(may.bucket('elsewhere')))).toEqual(denied)
    expect(may.denials()).toEqual([`${action} self:elsewhere:k`])
  })

  it.each(uses)('is decided again by the store: %s', (_name, action, use) => {
    const allow = [`storage.${action} self:*`]
    const guest = lab.guest({ allow }, { far: { allow: [] } })
    expect(outcome(() => use(guest.bucket('far')))).toEqual(denied)
    // The guard of this worker has granted it: the store has told the host.
    expect(guest.denials()).toEqual([])
  })

  it('of a list takes a rule that covers the whole bucket', () => {
    const guest = lab.guest({ allow: ['storage.read self:part:*'] })
    expect(guest.bucket('part').listKeys(undefined).keys).toEqual([])
    expect(outcome(() => guest.bucket().listKeys(undefined))).toEqual(denied)
    expect(guest.denials()).toEqual(['read self:*'])
  })

  it("of a name space that is others' takes more than a manifest", () => {
    const guest = lab.guest({ allow: ['storage.read shared:*', 'storage.read component:*'] })
    for (const name of ['shared:counters', 'component:other']) {
      expect(outcome(() => guest.bucket(name).get('k'))).toEqual(denied)
    }
  })
})

describe('keys and values', () => {
  it('go up to their bounds and not past them', () => {
    const bucket = lab.guest(all, { quotaBytes: 4_000_000 }).bucket('bounds')
    const large = new Uint8Array(1_048_576)
    bucket.set('k'.repeat(256), large)
    expect(bucket.get('k'.repeat(256))?.length).toBe(large.length)
    const noKey = other('a key has 1 to 256 bytes and no control characters')
    for (const key of ['', 'k'.repeat(257), 'é'.repeat(129), 'a\0b', '\ud800']) {
      expect(outcome(() => bucket.get(key))).toEqual(noKey)
    }
    expect(outcome(() => bucket.set('k', new Uint8Array(1_048_577)))).toMatchObject({ tag: 'other' })
    expect(bucket.exists('k')).toBe(false)
  })

  it('take room of a quota, and what is too much is on record', () => {
    const guest = lab.guest(all, { quotaBytes: 10_000 })
    const bucket = guest.bucket('quota')
    bucket.set('a', new Uint8Array(3_000))
    expect(outcome(() => bucket.set('b', new Uint8Array(20_000)))).toEqual(other('quota exceeded: storage'))
    expect(bucket.exists('b')).toBe(false)
    expect(guest.records.find(({ verdict }) => verdict === 'denied')).toMatchObject({ layer: 'quota', action: 'write' })
    bucket.delete('a')
    bucket.set('b', new Uint8Array(3_000))
  })
})

describe('batches', () => {
  it('are answered in the order of their keys, as each draft says it', () => {
    const guest = lab.guest(all)
    const bucket = guest.bucket('batch')
    guest.call('wasi:keyvalue/batch', 'setMany', bucket, [
      ['a', bytesOf('A')],
      ['b', bytesOf('B')],
    ])
    const found = guest.call<([string, Uint8Array] | undefined)[]>('wasi:keyvalue/batch', 'getMany', bucket, ['b', 'x'])
    expect(found.map((pair) => pair && [pair[0], shown(pair[1])])).toEqual([['b', 'B'], undefined])
    const newer = guest.call('wasi:keyvalue-draft2/store', 'open', 'batch')
    const again = guest.call<[string, Uint8Array | undefined][]>('wasi:keyvalue-draft2/batch', 'getMany', newer, [
      'x',
      'a',
    ])
    expect(again.map(([key, value]) => [key, shown(value)])).toEqual([
      ['x', undefined],
      ['a', 'A'],
    ])
    guest.call('wasi:keyvalue/batch', 'deleteMany', bucket, ['a', 'x'])
    expect(bucket.listKeys(undefined).keys).toEqual(['b'])
  })

  it('are done whole or not at all', () => {
    const guest = lab.guest({ allow: ['storage.write self:whole:a', 'storage.read self:whole:*'] })
    const bucket = guest.bucket('whole')
    const both = ['a', 'b'].map((key) => [key, bytesOf('v')])
    expect(outcome(() => guest.call('wasi:keyvalue/batch', 'setMany', bucket, both))).toEqual(denied)
    expect(bucket.listKeys(undefined).keys).toEqual([])
    const tooMany = Array.from({ length: 1_001 }, () => 'a')
    expect(outcome(() => guest.call('wasi:keyvalue/batch', 'getMany', bucket, tooMany))).toMatchObject({ tag: 'other' })
  })
})

describe('atomics', () => {
  it('count, also for those who read what was counted', () => {
    const guest = lab.guest(all)
    const bucket = guest.bucket('atomics')
    const add = (by: bigint) => guest.call<bigint>('wasi:keyvalue/atomics', 'increment', bucket, 'n', by)
    expect([add(5n), add(2n)]).toEqual([5n, 7n])
    expect(shown(bucket.get('n'))).toBe('7')
    expect(outcome(() => add(2n ** 64n - 1n))).toEqual(other('the sum does not fit in 64 bits'))
    const newer = guest.call('wasi:keyvalue-draft2/store', 'open', 'atomics')
    const signed = (by: bigint) => guest.call<bigint>('wasi:keyvalue-draft2/atomics', 'increment', newer, 'n', by)
    expect(signed(-9n)).toBe(-2n)
    expect(outcome(() => add(1n))).toEqual(other('the number is below zero'))
    bucket.set('n', bytesOf('many'))
    expect(outcome(() => add(1n))).toEqual(other('the value is not a number in decimal digits'))
  })

  it('swap a value that is still what it was', () => {
    const guest = lab.guest(all)
    const bucket = guest.call<Bucket>('wasi:keyvalue-draft2/store', 'open', 'swap')
    type Cas = { current: () => Uint8Array | undefined }
    const handles = guest.glueClass('wasi:keyvalue-draft2/atomics', 'Cas') as unknown as {
      new: (bucket: Bucket, key: string) => Cas
    }
    const swap = (cas: Cas, text: string) => guest.call('wasi:keyvalue-draft2/atomics', 'swap', cas, bytesOf(text))
    const fresh = handles.new(bucket, 'k')
    expect(fresh.current()).toBeUndefined()
    swap(fresh, 'one')
    const [late, early] = [handles.new(bucket, 'k'), handles.new(bucket, 'k')]
    swap(early, 'two')
    const failed = outcome(() => swap(late, 'three')) as { tag: string; val: Cas }
    expect([failed.tag, shown(failed.val.current())]).toEqual(['cas-failed', 'two'])
    swap(failed.val, 'three')
    expect(shown(bucket.get('k'))).toBe('three')
    guest.publish({ allow: ['storage.read self:*'] }, 2)
    expect(outcome(() => swap(handles.new(bucket, 'k'), 'four'))).toEqual({ tag: 'store-error', val: denied })
  })
})

describe('a store that does not answer', () => {
  it('is an error of the interface', () => {
    const openService = () => 'down' as const
    const guest = new TestGuest({ ...all, powers: { openService } })
    const bucket = guest.call<Bucket>('wasi:keyvalue/store', 'open', '')
    expect(outcome(() => bucket.get('k'))).toEqual(other('the store is not available'))
    const without = new TestGuest(all)
    expect(outcome(() => without.call<Bucket>('wasi:keyvalue/store', 'open', '').get('k'))).toEqual(
      other('the store is not available'),
    )
  })

  it('holds nobody whose right is taken away meanwhile', () => {
    let given: string | undefined
    const openService = () => ({
      post: () => true,
      settled: () => undefined,
      giveUp: (kind: 'expired' | 'given-up') => {
        given = kind
        return { kind, began: false } as const
      },
    })
    const guest: TestGuest = new TestGuest({
      ...all,
      powers: { openService, park: () => guest.publish({ allow: ['storage.write self:*'] }, 2) },
    })
    const bucket = guest.call<Bucket>('wasi:keyvalue/store', 'open', '')
    expect(outcome(() => bucket.get('k'))).toEqual(denied)
    expect([given, guest.denials()]).toEqual(['given-up', ['read self:k']])
  })
})
