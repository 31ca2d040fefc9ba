import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { valuePartsMax } from '../limits.js'
import { compileCheck } from '../value-check.js'
import type { ValueType } from '../value-type.js'
import { ValueDecoder } from './decode-value.js'
import { ValueEncoder } from './encode-value.js'

const bytesMax = 64 * 1024

const encoded = (type: ValueType, value: unknown, max = bytesMax): Uint8Array =>
  new ValueEncoder(max).value(type, value, 'value').finish()

function decoded(type: ValueType, bytes: Uint8Array): unknown {
  const decoder = new ValueDecoder(bytes)
  const value = decoder.value(type)
  decoder.end()
  return value
}

const there = (type: ValueType, value: unknown): unknown => decoded(type, encoded(type, value))

const string: ValueType = { kind: 'string' }
const colour: ValueType = { kind: 'enum', names: ['red', 'dark-green'] }
const rights: ValueType = { kind: 'flags', names: ['may-read', 'may-write'] }
const found: ValueType = { kind: 'variant', cases: [{ name: 'none' }, { name: 'one', type: string }] }
const contact: ValueType = {
  kind: 'record',
  fields: [
    { name: 'first-name', type: string },
    { name: 'age', type: { kind: 'option', value: { kind: 'u8' } } },
    { name: 'rights', type: rights },
  ],
}
const listOf = (element: ValueType): ValueType => ({ kind: 'list', element })
const numbers = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'f32', 'f64'] as const
const twice: ValueType = { kind: 'option', value: { kind: 'option', value: { kind: 'u8' } } }

const values: readonly (readonly [type: ValueType, value: unknown])[] = [
  [{ kind: 'bool' }, true],
  [{ kind: 'bool' }, false],
  ...numbers.map((kind) => [{ kind }, 5] as const),
  [{ kind: 's8' }, -0x80],
  [{ kind: 's32' }, -0x8000_0000],
  [{ kind: 'u64' }, 2n ** 64n - 1n],
  [{ kind: 's64' }, -(2n ** 63n)],
  [{ kind: 'f64' }, Number.NaN],
  [{ kind: 'char' }, '🍵'],
  [string, ''],
  [string, 'tea, 茶'],
  [listOf({ kind: 'u8' }), Uint8Array.of(1, 2, 255)],
  [listOf({ kind: 's16' }), Int16Array.of(1, -2)],
  [listOf({ kind: 'u64' }), BigUint64Array.of(1n, 2n)],
  [listOf({ kind: 'f32' }), Float32Array.of(1.5)],
  [listOf(string), ['a', 'b']],
  [listOf(string), []],
  [{ kind: 'tuple', items: [string, { kind: 'u32' }] }, ['a', 7]],
  [contact, { firstName: 'Ana', age: 30, rights: { mayRead: true, mayWrite: false } }],
  [contact, { firstName: 'Ben', age: undefined, rights: { mayRead: false, mayWrite: false } }],
  [colour, 'dark-green'],
  [found, { tag: 'none' }],
  [found, { tag: 'one', val: 'Ana' }],
  [
    { kind: 'result', ok: string },
    { tag: 'ok', val: 'yes' },
  ],
  [
    { kind: 'result', ok: string },
    { tag: 'err', val: undefined },
  ],
  [
    { kind: 'result', error: colour },
    { tag: 'err', val: 'red' },
  ],
  [twice, { tag: 'none' }],
  [twice, { tag: 'some', val: undefined }],
  [twice, { tag: 'some', val: 3 }],
]

test('a flag may be called what every object has, and is left out all the same', () => {
  const type: ValueType = { kind: 'flags', names: ['to-string', 'constructor'] }
  const bytes = new ValueEncoder(16).value(type, { constructor: true }, 'flags').finish()
  expect([...bytes]).toEqual([0, 1])
})

describe('an encoded value', () => {
  test.each(values)('comes out as it went in, and as the glue has it: %#', (type, value) => {
    const out = there(type, value)
    expect(out).toEqual(value)
    expect(compileCheck(type)(out)).toBe(true)
  })

  test('is taken from what a host application writes: other orders, plain arrays, buffers, flags left out', () => {
    const ana = { rights: { mayWrite: true }, firstName: 'Ana' }
    expect(Object.keys(there(contact, ana) as object)).toEqual(['firstName', 'age', 'rights'])
    expect(there(contact, ana)).toEqual({
      firstName: 'Ana',
      age: undefined,
      rights: { mayRead: false, mayWrite: true },
    })
    expect(there(listOf({ kind: 'u8' }), [1, 2])).toEqual(Uint8Array.of(1, 2))
    expect(there(listOf({ kind: 'u8' }), Buffer.from('hi'))).toEqual(Uint8Array.of(104, 105))
  })

  const wrong: readonly (readonly [type: ValueType, value: unknown, says: RegExp])[] = [
    [string, 5, /`value`: found `5`, expected string/],
    [string, undefined, /found nothing/],
    [string, null, /found null/],
    [{ kind: 'bool' }, 1, /expected bool/],
    [{ kind: 'u8' }, 256, /expected u8/],
    [{ kind: 'u8' }, 1.5, /expected u8/],
    [{ kind: 'u64' }, 5, /expected u64/],
    [{ kind: 'u32' }, 5n, /found a bigint/],
    [{ kind: 'char' }, 'ab', /expected char/],
    [{ kind: 'char' }, '', /expected char/],
    [{ kind: 'char' }, '\ud800', /expected char/],
    [listOf(string), 'a', /found a string/],
    [listOf(string), ['a', 5], /`value\[1\]`: found `5`, expected string/],
    [listOf(string), new DataView(new ArrayBuffer(1)), /found a DataView/],
    [{ kind: 'tuple', items: [string] }, ['a', 'b'], /found an array of 2/],
    [contact, { firstName: 5, rights: {} }, /`value.firstName`: found/],
    [contact, { firstName: 'Ana', rights: {}, agee: 5 }, /`value.agee`: there is no such field/],
    [contact, ['Ana'], /found an array/],
    [contact, Object.create({ firstName: 'Ana', age: undefined, rights: {} }), /`value.firstName`: found nothing/],
    [rights, { mayRead: 1 }, /`value.mayRead`/],
    [colour, 'blue', /expected enum/],
    [found, { tag: 'two' }, /expected variant/],
    [found, { tag: 'one' }, /`value.val`: found nothing/],
    [found, { tag: 'none', val: 'x' }, /expected variant/],
    [found, { tag: 'none', value: 'x' }, /`value.value`: there is no such field/],
    [{ kind: 'own', interface: 'a:b/c', resource: 'd' }, {}, /expected own/],
  ]
  test.each(wrong)('is refused with the way to what is wrong: %#', (type, value, says) => {
    expect(() => encoded(type, value)).toThrow(says)
  })

  test('has a bound in bytes and in parts', () => {
    expect(encoded(string, 'x'.repeat(60), 64)).toHaveLength(64)
    expect(() => encoded(string, 'x'.repeat(61), 64)).toThrow(/more than 64 bytes/)
    expect(() => encoded(string, 'é'.repeat(31), 64)).toThrow(/more than 64 bytes/)
    const flags = (count: number) => Array.from({ length: count }, () => true)
    const bools = listOf({ kind: 'bool' })
    const most = encoded(bools, flags(valuePartsMax - 1), 2 * valuePartsMax)
    expect(decoded(bools, most)).toHaveLength(valuePartsMax - 1)
    expect(() => encoded(bools, flags(valuePartsMax), 2 * valuePartsMax)).toThrow(/more than 65536 parts/)
    const more = Uint8Array.from([...most, 1])
    new DataView(more.buffer).setUint32(0, valuePartsMax, true)
    expect(() => decoded(bools, more)).toThrow(/parts/)
  })

  test('takes numbers beside it', () => {
    const bytes = new ValueEncoder(64).u8(7).u32(70_000).value(string, 'a', 'a').finish()
    const decoder = new ValueDecoder(bytes)
    expect([decoder.u8(), decoder.u32(), decoder.value(string)]).toEqual([7, 70_000, 'a'])
  })
})

describe('bytes of anybody', () => {
  const broken: readonly (readonly [what: string, type: ValueType, bytes: readonly number[]])[] = [
    ['a short number', { kind: 'u32' }, [1, 2]],
    ['a bool of three', { kind: 'bool' }, [2]],
    ['an option of three', { kind: 'option', value: { kind: 'u8' } }, [2, 1]],
    ['a case that there is not', found, [2, 0, 0, 0]],
    ['a name that there is not', colour, [255, 255, 255, 255]],
    ['half a surrogate', { kind: 'char' }, [0, 0xd8, 0, 0]],
    ['a character beyond the last', { kind: 'char' }, [0, 0, 0x11, 0]],
    ['a text that is not UTF-8', string, [1, 0, 0, 0, 0xff]],
    ['a text longer than what is there', string, [255, 255, 255, 255, 65]],
    ['a list longer than what is there', listOf({ kind: 'bool' }), [9, 0, 0, 0, 1]],
    ['bytes longer than what is there', listOf({ kind: 'u8' }), [255, 255, 255, 127, 1]],
    ['bytes behind it', { kind: 'u8' }, [1, 2]],
    ['a handle', { kind: 'borrow', interface: 'a:b/c', resource: 'd' }, [0, 0, 0, 0]],
  ]
  test.each(broken)('are refused: %s', (_, type, bytes) => {
    expect(() => decoded(type, Uint8Array.from(bytes))).toThrow(/`(byte|value)/)
  })

  test('become a value of the type, or nothing', () => {
    const types = [...new Set(values.map(([type]) => type))]
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 60 }), (type, bytes) => {
        let value: unknown
        try {
          value = decoded(type, bytes)
        } catch {
          return
        }
        expect(compileCheck(type)(value)).toBe(true)
        expect(there(type, value)).toEqual(value)
      }),
      { numRuns: 1_000 },
    )
  })
})
