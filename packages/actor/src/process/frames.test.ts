import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, FrameReader, FrameTooLong } from './frames.js'

test('frames come out as they went in, in whatever pieces the stream brings them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 12 }),
      (bodies, sizes) => {
        const stream = Buffer.concat(bodies.map(encodeFrame))
        const reader = new FrameReader(40)
        const read: Uint8Array[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          reader.push(stream.subarray(at, at + size))
          at += size
          for (let body = reader.next(); body !== undefined; body = reader.next()) read.push(body)
        }
        expect(read.map((body) => [...body])).toEqual(bodies.map((body) => [...body]))
        expect(reader.isBetweenFrames).toBe(true)
      },
    ),
  )
})

test('a frame of the largest size passes; one byte more is refused before anything is kept for it', () => {
  const reader = new FrameReader(8)
  reader.push(encodeFrame(new Uint8Array(8)))
  expect(reader.next()).toHaveLength(8)
  reader.push(encodeFrame(new Uint8Array(9)).subarray(0, 4))
  expect(() => reader.next()).toThrow(FrameTooLong)
})

test('a stream that breaks off inside a frame is told from one that ends', () => {
  const reader = new FrameReader(8)
  reader.push(encodeFrame(new Uint8Array(8)).subarray(0, 7))
  expect(reader.next()).toBeUndefined()
  expect(reader.isBetweenFrames).toBe(false)
})
