import { BulkheadError } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { parseFrame, renderFrame } from './frame.js'

const parse = (text: string): unknown => parseFrame(new TextEncoder().encode(text))

it('gives back what it rendered, on one line', () => {
  const frame = { id: 1, command: 'echo', input: { text: 'a\nb\u2028\ud83d\ude00' } }
  const line = renderFrame(frame)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  expect(parse(line)).toEqual(frame)
})

it.each([
  ['', 'it is not JSON'],
  ['{"id":1', 'it is not JSON'],
  ['\ufeff{"id":1}', 'it is not JSON'],
  ['[1]', 'it is not an object'],
  ['null', 'it is not an object'],
  ['"text"', 'it is not an object'],
  ['{"__proto__":{"id":1}}', 'it has a key `__proto__`'],
  ['{"input":[{"deep":{"\\u005f_proto__":1}}]}', 'it has a key `__proto__`'],
  ['['.repeat(400_000), 'it is not JSON'],
  [`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'it is not JSON'],
])('refuses %.40s', (text, why) => {
  expect(() => parse(text)).toThrow(BulkheadError)
  expect(() => parse(text)).toThrow(why)
})

it('refuses bytes that are not UTF-8', () => {
  expect(() => parseFrame(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow('it is not UTF-8')
})

it('takes a text that speaks of a prototype', () => {
  expect(parse('{"text":"__proto__"}')).toEqual({ text: '__proto__' })
})
