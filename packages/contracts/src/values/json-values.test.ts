import { describe, expect, it } from 'vitest'
import type { ValueType } from '../value-type.js'
import { jsonFromValue, valueFromJson } from './json-values.js'

const text: ValueType = { kind: 'string' }
const u64: ValueType = { kind: 'u64' }
const option = (value: ValueType): ValueType => ({ kind: 'option', value })

describe('JSON of a value', () => {
  it.each<[ValueType, value: unknown, json: unknown]>([
    [text, 'a', 'a'],
    [{ kind: 'bool' }, true, true],
    [u64, 2n ** 64n - 1n, '18446744073709551615'],
    [{ kind: 'f64' }, Number.NEGATIVE_INFINITY, '-Infinity'],
    [{ kind: 'f32' }, 0.5, 0.5],
    [{ kind: 'list', element: { kind: 'u8' } }, Uint8Array.of(1, 255), { base64: 'Af8=' }],
    [{ kind: 'list', element: u64 }, [1n], ['1']],
    [{ kind: 'tuple', items: [text, u64] }, ['a', 1n], ['a', '1']],
    [{ kind: 'record', fields: [{ name: 'far-away', type: option(u64) }] }, { farAway: 1n }, { farAway: '1' }],
    [{ kind: 'record', fields: [{ name: 'far-away', type: option(u64) }] }, { farAway: undefined }, { farAway: null }],
    [{ kind: 'flags', names: ['can-read'] }, { canRead: true }, { canRead: true }],
    [{ kind: 'enum', names: ['dark-red'] }, 'dark-red', 'dark-red'],
    [{ kind: 'variant', cases: [{ name: 'none' }] }, { tag: 'none' }, { tag: 'none' }],
    [
      { kind: 'variant', cases: [{ name: 'far', type: u64 }] },
      { tag: 'far', val: 1n },
      { tag: 'far', val: '1' },
    ],
    [
      { kind: 'result', ok: u64 },
      { tag: 'ok', val: 1n },
      { tag: 'ok', val: '1' },
    ],
    [
      { kind: 'result', error: text },
      { tag: 'err', val: 'no' },
      { tag: 'err', val: 'no' },
    ],
    [option(option(text)), { tag: 'some', val: undefined }, { tag: 'some', val: null }],
  ])('of %j is %s there and back', (type, value, json) => {
    expect(jsonFromValue(type, value)).toEqual(json)
    expect(valueFromJson(type, JSON.parse(JSON.stringify(json)))).toEqual(value)
  })

  it('may have small numbers as numbers, and bytes as numbers', () => {
    expect(valueFromJson(u64, 7)).toBe(7n)
    expect(valueFromJson({ kind: 'list', element: { kind: 'u8' } }, [1, 2])).toEqual([1, 2])
    expect(jsonFromValue({ kind: 'list', element: { kind: 'u16' } }, Uint16Array.of(1, 2))).toEqual([1, 2])
  })

  it('is left as it is where it fits no type, for who checks it', () => {
    const record: ValueType = { kind: 'record', fields: [{ name: 'a', type: u64 }] }
    expect(valueFromJson(u64, '1.5')).toBe('1.5')
    expect(valueFromJson(u64, 2 ** 60)).toBe(2 ** 60)
    expect(valueFromJson(record, [1])).toEqual([1])
    expect(valueFromJson(record, { b: 1 })).toEqual({ b: 1 })
    expect(valueFromJson({ kind: 'list', element: u64 }, { base64: 'AA==' })).toEqual({ base64: 'AA==' })
    expect(valueFromJson({ kind: 'list', element: { kind: 'u8' } }, 7)).toBe(7)
    expect(valueFromJson({ kind: 'tuple', items: [u64] }, [1, 'more'])).toEqual([1n, 'more'])
    expect(valueFromJson({ kind: 'tuple', items: [u64] }, 1)).toBe(1)
    expect(valueFromJson({ kind: 'variant', cases: [{ name: 'a' }] }, 'a')).toBe('a')
    expect(valueFromJson({ kind: 'variant', cases: [{ name: 'a' }] }, { tag: 'a', val: 1, more: 2 })).toEqual({
      ...{ tag: 'a', val: 1, more: 2 },
    })
  })
})
