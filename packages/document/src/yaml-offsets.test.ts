import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { yamlSourceOffset } from './yaml-offsets.js'

// Pieces of YAML strings, each as it is written and as it reads.
const double = [
  ['a', 'a'],
  ['😀', '😀'],
  ['\\n', '\n'],
  ['\\"', '"'],
  ['\\\\', '\\'],
  ['\\x41', 'A'],
  ['\\u00e9', 'é'],
  ['\\U0001F600', '😀'],
] as const
const single = [
  ['a', 'a'],
  ["''", "'"],
  ['\\', '\\'],
  ['"', '"'],
] as const

function check(pieces: readonly (readonly [string, string])[], quoteMark: string): void {
  const source = `${quoteMark}${pieces.map(([written]) => written).join('')}${quoteMark}`
  expect(parse(source)).toBe(pieces.map(([, read]) => read).join(''))
  let [written, read] = [quoteMark.length, 0]
  for (const piece of pieces) {
    expect(yamlSourceOffset(source, read)).toBe(written)
    written += piece[0].length
    read += piece[1].length
  }
  expect(yamlSourceOffset(source, read)).toBe(written)
  expect(yamlSourceOffset(source, read + 5)).toBe(written)
}

describe('yamlSourceOffset', () => {
  it('walks double quotes with escapes', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...double)), (pieces) => check(pieces, '"')))
  })

  it('walks single quotes, in which a quote is doubled', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...single)), (pieces) => check(pieces, "'")))
  })

  it('takes plain text as it is, and stays at the start of what has several lines', () => {
    expect(yamlSourceOffset('abc', 2)).toBe(2)
    expect(yamlSourceOffset('abc', 9)).toBe(3)
    expect(yamlSourceOffset('"a\n  b"', 3)).toBe(0)
    expect(yamlSourceOffset('|\n  a\n', 1)).toBe(0)
  })
})
