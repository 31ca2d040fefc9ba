import fc from 'fast-check'
import { expect, it } from 'vitest'
import { printable } from './printable.js'

it('shows control characters instead of obeying them', () => {
  expect(printable('a\u001b[31mb\nc\r\t\u0000')).toBe('a\\x1b[31mb\\nc\\r\\t\\x00')
})

it('shows what would reorder the line, and halves of surrogate pairs', () => {
  expect(printable('a\u202ecod.exe')).toBe('a\\u{202e}cod.exe')
  expect(printable('\ud800x')).toBe('\\u{d800}x')
})

it('leaves ordinary text as it is, in any script', () => {
  expect(printable('/data/été/数据/😀.csv')).toBe('/data/été/数据/😀.csv')
})

it('cuts at 200 characters and says so', () => {
  expect(printable('x'.repeat(200))).toHaveLength(200)
  expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`)
  expect([...printable('😀'.repeat(300))]).toHaveLength(200)
})

it('never lets a control character through, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/)
    }),
  )
})
