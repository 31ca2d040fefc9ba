import { parseBytes } from '@bulkhead/vocabulary'
import { describe, expect, it } from 'vitest'
import { DocumentError } from './document-error.js'
import { type Field, flag, listOf, oneOf, quantity, text, wholeNumber } from './field.js'
import { Inspection } from './inspection.js'
import { readTable } from './read-table.js'
import { readToml } from './read-toml.js'

/** What a field makes of `x = …`: the value, or the messages and hints of its findings. */
function check<T>(field: Field<T>, written: string): unknown {
  const document = readToml(`x = ${written}\n`, { file: 'a.toml' })
  const inspection = new Inspection(document)
  const table = readTable({ value: document.value, path: [], inspection }, { x: field })
  try {
    inspection.throwIfAny()
  } catch (error) {
    if (error instanceof DocumentError) return error.findings.map(({ message, hint }) => `${message}; ${hint}`)
    throw error
  }
  return table?.x
}

describe('fields', () => {
  it('text', () => {
    const field = text({ what: 'a word', charactersMax: 3 })
    expect(check(field, '"abc"')).toBe('abc')
    expect(check(field, '"abcd"')).toEqual(['a word of 4 characters is too long; at most 3 characters'])
    expect(check(field, '" "')).toEqual(['the text is blank; write a word'])
    expect(check(field, '"\\u0000"')).toEqual([expect.stringContaining('NUL')])
    expect(check(field, '1')).toEqual(['a whole number stands where a word in quotes belongs; write a word in quotes'])
    expect(check(text({ what: 'a word', charactersMax: 3, blank: 'allowed' }), '""')).toBe('')
  })

  it('oneOf', () => {
    const field = oneOf(['permanent', 'transient'])
    expect(check(field, '"transient"')).toBe('transient')
    expect(check(field, '"permanant"')).toEqual([
      '`permanant` is not known here; did you mean `permanent`? known: `permanent`, `transient`',
    ])
    expect(check(field, 'true')).toEqual([expect.stringContaining('`true` stands where one of')])
  })

  it('wholeNumber', () => {
    const field = wholeNumber(0, 10)
    expect([check(field, '0'), check(field, '10')]).toEqual([0, 10])
    for (const wrong of ['-1', '11', '9223372036854775807']) {
      expect(check(field, wrong)).toEqual([`${wrong} is out of range; at least 0, at most 10`])
    }
    for (const wrong of ['1.0', 'inf', 'nan', '"1"', '1979-05-27']) {
      expect(check(field, wrong)).toEqual([expect.stringContaining('stands where a whole number belongs')])
    }
  })

  it('flag', () => {
    expect(check(flag, 'false')).toBe(false)
    expect(check(flag, '"false"')).toEqual([expect.stringContaining('text stands where')])
  })

  it('quantity', () => {
    const field = quantity(parseBytes, (bytes) => bytes, { what: 'a size', min: '1B', max: '1KiB' })
    expect([check(field, '"1B"'), check(field, '"1KiB"')]).toEqual([1, 1024])
    expect(check(field, '"0B"')).toEqual(['`0B` is out of range; at least 1B, at most 1KiB'])
    expect(check(field, '"1025B"')).toEqual(['`1025B` is out of range; at least 1B, at most 1KiB'])
    expect(check(field, '"1 KiB"')).toEqual(['`1 KiB` is not a size; write a size'])
    expect(() => quantity(parseBytes, (bytes) => bytes, { what: 'a size', min: '1', max: '2B' })).toThrow(TypeError)
  })

  it('listOf', () => {
    const field = listOf(wholeNumber(0, 10), { what: 'numbers', itemsMax: 2 })
    expect(check(field, '[1, 2]')).toEqual([1, 2])
    expect(check(field, '[1, 2, 3]')).toEqual(['a list of 3 numbers is too long; at most 2'])
    expect(check(field, '[]')).toEqual(['the list is empty; name numbers, or leave the key out'])
    expect(check(field, '[11, "a"]')).toHaveLength(2)
    expect(check(field, '1')).toEqual([expect.stringContaining('a list of numbers')])
    expect(check(listOf(flag, { what: 'flags', itemsMax: 2, empty: 'allowed' }), '[]')).toEqual([])
  })
})

describe('readTable', () => {
  it('takes no key for known that a prototype has', () => {
    const document = readToml('constructor = 1\ntoString = 1\n__proto__ = 1\n', { file: 'a.toml' })
    const inspection = new Inspection(document)
    readTable({ value: document.value, path: [], inspection }, { x: flag }, { required: ['x'] })
    expect(() => inspection.throwIfAny()).toThrowError(
      /unknown key `constructor`[\s\S]*`x` is missing[\s\S]*unknown key `toString`[\s\S]*unknown key `__proto__`/,
    )
  })
})
