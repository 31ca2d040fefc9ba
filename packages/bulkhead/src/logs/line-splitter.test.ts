import { expect, it } from 'vitest'
import { LineSplitter } from './line-splitter.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('makes the same lines of any pieces', () => {
  const text = 'one\r\ntwo\n\n\u00e9\ud83d\ude00 three\nlast'
  for (const size of [1, 2, 3, 7, 100]) {
    const splitter = new LineSplitter()
    const lines: string[] = []
    const all = bytes(text)
    for (let at = 0; at < all.length; at += size) lines.push(...splitter.push(all.subarray(at, at + size)))
    expect(lines).toEqual(['one', 'two', '', '\u00e9\ud83d\ude00 three'])
    expect(splitter.end()).toEqual(['last'])
    expect(splitter.end()).toEqual([])
  }
})

it('keeps no more than a line: a longer one becomes several, and no character two', () => {
  const splitter = new LineSplitter()
  const long = '\u20ac'.repeat(6_000)
  const lines = [...splitter.push(bytes(long)), ...splitter.end()]
  expect(lines.join('')).toBe(long)
  expect(lines.map((line) => Buffer.byteLength(line) <= 8_192)).toEqual([true, true, true])
})

it('takes bytes that are no text', () => {
  const splitter = new LineSplitter()
  expect(splitter.push(Uint8Array.of(0xff, 0x00, 0x80, 0x0a))).toEqual(['\ufffd\u0000\ufffd'])
  const endless = Buffer.alloc(20_000, 0x80)
  expect(splitter.push(endless).length).toBeGreaterThan(1)
})
