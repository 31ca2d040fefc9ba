import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LineReader } from './line-reader.js'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

function read(lineBytesMax: number, chunks: readonly Uint8Array[]): { lines: string[]; verdict: string } {
  const reader = new LineReader(lineBytesMax)
  const lines: string[] = []
  for (const chunk of chunks) {
    const verdict = reader.push(chunk, (line) => {
      lines.push(new TextDecoder().decode(line))
      return 'more'
    })
    if (verdict === 'too-long') return { lines, verdict }
  }
  return { lines, verdict: 'ok' }
}

it('finds the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 40 })),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (texts, cuts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '))
        const bytes = encode(lines.map((line) => `${line}\n`).join(''))
        const chunks: Uint8Array[] = []
        for (let at = 0; at < bytes.length; ) {
          const length = cuts.next().value
          chunks.push(bytes.subarray(at, at + length))
          at += length
        }
        expect(read(4_096, chunks)).toEqual({ lines, verdict: 'ok' })
      },
    ),
  )
})

it('takes a line of the longest length, and refuses one byte more before its end has come', () => {
  expect(read(4, [encode('abcd\nab'), encode('cd\n')])).toEqual({ lines: ['abcd', 'abcd'], verdict: 'ok' })
  expect(read(4, [encode('ok\nabc'), encode('de')])).toEqual({ lines: ['ok'], verdict: 'too-long' })
})

it('stops where it is told to, and keeps nothing of what follows', () => {
  const lines: number[] = []
  const reader = new LineReader(16)
  expect(
    reader.push(encode('one\ntwo\nthree\n'), (line) => {
      lines.push(line.length)
      return 'stop'
    }),
  ).toBe('ok')
  expect(lines).toEqual([3])
})
