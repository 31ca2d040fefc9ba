import { expect, it } from 'vitest'
import { jsonBytes, shownBytes, shownLines } from './byte-text.js'

const text = Buffer.from('größe\n\u001b[2J\t1')
const bytes = Uint8Array.of(0x41, 0x0a, 0x1b, 0xff, 0x80, 0x42)

it('gives JSON the text, and the bytes where they are none', () => {
  expect(jsonBytes(text)).toEqual({ text: 'größe\n\u001b[2J\t1' })
  expect(jsonBytes(bytes)).toEqual({ text: 'A\n\u001b\ufffd\ufffdB', base64: 'QQob/4BC' })
  expect(jsonBytes(new Uint8Array())).toEqual({ text: '' })
})

it('lets no byte reach a screen that could move its cursor', () => {
  expect(shownBytes(text, 100)).toBe('größe\\n\\x1b[2J\\t1')
  expect(shownBytes(bytes, 100)).toBe('A\\n\\x1b\\xff\\x80B')
  expect(shownLines(text)).toBe('größe\n\\x1b[2J\\t1')
  expect(shownLines(bytes)).toBe('A\\n\\x1b\\xff\\x80B')
})

it('cuts what is long, text or not', () => {
  expect(shownBytes(Buffer.from('abcdef'), 4)).toBe('abc…')
  expect(shownBytes(Buffer.from('abcd'), 4)).toBe('abcd')
  expect(shownBytes(Buffer.concat([Uint8Array.of(0xff), Buffer.alloc(1_000_000, 0x61)]), 8)).toBe('\\xffaaa…')
})
