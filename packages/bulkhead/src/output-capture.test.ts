import { expect, test } from 'vitest'
import { outputBytesMax } from './limits.js'
import { OutputCapture } from './output-capture.js'

const never = (): never => {
  throw new Error('nothing overflowed')
}

test('what is kept comes back whole, in order', () => {
  const capture = new OutputCapture(undefined, never)
  expect(capture.text).toBe('')
  for (const piece of ['one ', '', 'two ', 'x'.repeat(10_000)]) void capture.take(new TextEncoder().encode(piece))
  expect(capture.text).toBe(`one two ${'x'.repeat(10_000)}`)
  expect(capture.bytes.length).toBe(10_008)
})

test('a million chunks of one byte cost about their bytes, not an object each', () => {
  const capture = new OutputCapture(undefined, never)
  const before = process.memoryUsage()
  for (let at = 0; at < 1_000_000; at++) void capture.take(new Uint8Array([at & 0x7f]))
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  expect(capture.bytes.length).toBe(1_000_000)
  expect(capture.bytes[999_999]).toBe(999_999 & 0x7f)
  expect(heapUsed - before.heapUsed + arrayBuffers - before.arrayBuffers).toBeLessThan(100 * 1024 * 1024)
})

test('the last byte that fits is kept; one more is an overflow and keeps nothing', () => {
  let overflows = 0
  const capture = new OutputCapture(undefined, () => {
    overflows += 1
  })
  void capture.take(new Uint8Array(outputBytesMax))
  expect(overflows).toBe(0)
  void capture.take(new Uint8Array(1))
  expect(overflows).toBe(1)
  expect(capture.bytes.length).toBe(outputBytesMax)
})

test('a consumer gets each chunk, and nothing is kept', () => {
  const got: number[] = []
  const capture = new OutputCapture((chunk) => void got.push(chunk.length), never)
  void capture.take(new Uint8Array(3))
  expect(got).toEqual([3])
  expect(capture.bytes.length).toBe(0)
})
