import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { sourceOffset } from './string-offsets.js'

// Pieces of TOML strings, each as it is written and as it reads.
const basic = [
  ['a', 'a'],
  ['😀', '😀'],
  ['\\n', '\n'],
  ['\\"', '"'],
  ['\\\\', '\\'],
  ['\\x41', 'A'],
  ['\\u00e9', 'é'],
  ['\\U0001F600', '😀'],
] as const
const multiline = [...basic, ['\n', '\n'], ['\\\n  ', ''], ['\\ \n\n\t', '']] as const

function check(pieces: readonly (readonly [string, string])[], quotes: string, skipped = ''): void {
  const source = `${quotes}${skipped}${pieces.map(([written]) => written).join('')}${quotes}`
  expect(parse(`x = ${source}`)).toEqual({ x: pieces.map(([, read]) => read).join('') })
  let [written, read] = [quotes.length + skipped.length, 0]
  for (const piece of pieces) {
    if (piece[1] !== '') expect(source.slice(sourceOffset(source, read)).startsWith(piece[0])).toBe(true)
    written += piece[0].length
    read += piece[1].length
  }
  expect(sourceOffset(source, read)).toBe(written)
  expect(sourceOffset(source, read + 5)).toBe(written)
}

describe('sourceOffset', () => {
  it('walks basic strings', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...basic)), (pieces) => check(pieces, '"')))
  })

  it('walks multi-line strings, after their first line break', () => {
    // A piece of text after each trimmed line end, because a trim would swallow the line break that follows it.
    const pieces = fc
      .array(fc.constantFrom(...multiline))
      .map((all) => all.flatMap((one) => [one, ['a', 'a'] as const]))
    fc.assert(
      fc.property(pieces, fc.constantFrom('', '\n', '\r\n'), (all, skipped) =>
        check([['b', 'b'], ...all], '"""', skipped),
      ),
    )
  })

  it('takes literal strings as they are', () => {
    check(
      [
        ['\\', '\\'],
        ['n', 'n'],
        ['"', '"'],
      ],
      "'",
    )
    check(
      [
        ['\\', '\\'],
        ['\n', '\n'],
        ["'", "'"],
        ['x', 'x'],
      ],
      "'''",
      '\n',
    )
  })
})
