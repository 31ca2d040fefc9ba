import fc from 'fast-check'
import { expect, it } from 'vitest'
import { outputLineBytesMax } from './limits.js'
import { OutputLines } from './output-lines.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function collector(): { lines: string[]; output: OutputLines } {
  const lines: string[] = []
  const output = new OutputLines((key, line) => lines.push(`${key}: ${new TextDecoder().decode(line)}`))
  return { lines, output }
}

it('joins a line that comes in pieces, and keeps streams apart', () => {
  const { lines, output } = collector()
  output.push('a', bytes('one'))
  output.push('b', bytes('two\n'))
  output.push('a', bytes(' more\nrest'))
  output.flush()
  expect(lines).toEqual(['b: two', 'a: one more', 'a: rest'])
})

it('gives out a line without an end before it grows beyond its bound', () => {
  const { lines, output } = collector()
  output.push('a', new Uint8Array(outputLineBytesMax * 2 + 5).fill(0x78))
  expect(lines.map((line) => line.length)).toEqual([outputLineBytesMax + 3, outputLineBytesMax + 3])
  output.flush('a')
  expect(lines).toHaveLength(3)
})

it('gives the same lines however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '\n') }), fc.nat(7), (text, size) => {
      const whole = collector()
      whole.output.push('a', bytes(text))
      whole.output.flush()
      const cut = collector()
      for (let at = 0; at < text.length; at += size + 1) cut.output.push('a', bytes(text.slice(at, at + size + 1)))
      cut.output.flush()
      expect(cut.lines).toEqual(whole.lines)
    }),
  )
})
