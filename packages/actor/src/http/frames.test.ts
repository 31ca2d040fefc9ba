import { describe, expect, it } from 'vitest'
import { BadFrame, decodeFrame, encodeFrame, type FrameFromGuest, isCarried } from './frames.js'
import { httpFieldsMax, httpHeadBytesMax, httpPieceBytesMax } from './limits.js'

const frames: readonly FrameFromGuest[] = [
  { kind: 'begun', number: 1 },
  { kind: 'informational', number: 2, status: 103, fields: [['link', '</a>']] },
  {
    kind: 'head',
    number: 3,
    status: 200,
    fields: [
      ['x-a', 'é\t~'],
      ['X-B', ''],
    ],
  },
  { kind: 'data', number: 4, bytes: new Uint8Array([0, 255, 1]) },
  { kind: 'end', number: 2 ** 31 - 1, fields: [] },
  { kind: 'end', number: 5, fields: [['x-sum', '1']] },
  { kind: 'failed', number: 6, reason: 'a reason, with ä' },
  { kind: 'done', number: 7 },
]

it.each(frames)('carries $kind', (frame) => {
  expect(decodeFrame(encodeFrame(frame))).toEqual(frame)
})

describe('refuses', () => {
  it.each(frames)('what is left of $kind when its end is missing, or more stands behind it', (frame) => {
    const whole = encodeFrame(frame)
    for (let length = 0; length < whole.length; length++) {
      const isStill = frame.kind === 'data' ? length > 5 : frame.kind === 'failed' && length >= 5
      const isShorter = (frame.kind === 'head' || frame.kind === 'informational' || frame.kind === 'end') && length >= 5
      if (isStill || isShorter) continue
      expect(() => decodeFrame(whole.subarray(0, length)), `${length}`).toThrow(BadFrame)
    }
    if (frame.kind !== 'data' && frame.kind !== 'failed') {
      expect(() => decodeFrame(new Uint8Array([...whole, 1]))).toThrow(BadFrame)
    }
  })

  it('kinds and sizes that there are not', () => {
    expect(() => decodeFrame(new Uint8Array([7, 0, 0, 0, 0]))).toThrow(BadFrame)
    expect(() => decodeFrame(new Uint8Array([0, 0, 0]))).toThrow(BadFrame)
    const data = (length: number) => encodeFrame({ kind: 'data', number: 1, bytes: new Uint8Array(length) })
    expect(decodeFrame(data(httpPieceBytesMax))).toMatchObject({ kind: 'data' })
    expect(() => decodeFrame(data(httpPieceBytesMax + 1))).toThrow(BadFrame)
    expect(() => decodeFrame(data(0))).toThrow(BadFrame)
  })

  it('statuses that no head can have', () => {
    for (const status of [0, 100, 199, 1000]) {
      expect(() => decodeFrame(encodeFrame({ kind: 'head', number: 1, status, fields: [] }))).toThrow(BadFrame)
    }
    for (const status of [100, 101, 200]) {
      expect(() => decodeFrame(encodeFrame({ kind: 'informational', number: 1, status, fields: [] }))).toThrow(BadFrame)
    }
  })

  it('fields that would become others on the wire', () => {
    for (const field of [
      ['', 'a'],
      ['a b', 'c'],
      ['a:', 'b'],
      ['a', 'b\r\nc: d'],
      ['a', 'b\0'],
      ['a', '\x7f'],
      ['ä', 'b'],
    ] as const) {
      expect(() => decodeFrame(encodeFrame({ kind: 'head', number: 1, status: 200, fields: [field] }))).toThrow(
        BadFrame,
      )
      expect(isCarried([field])).toBe(false)
    }
    expect(isCarried([['a', 'Ω']])).toBe(false)
    expect(isCarried([['a', 'é']])).toBe(true)
  })

  it('one field too many, and one byte', () => {
    const many = (count: number) => Array.from({ length: count }, () => ['a', 'b'] as const)
    expect(isCarried(many(httpFieldsMax))).toBe(true)
    expect(isCarried(many(httpFieldsMax + 1))).toBe(false)
    expect(isCarried([['a', 'b'.repeat(httpHeadBytesMax - 4)]])).toBe(true)
    expect(isCarried([['a', 'b'.repeat(httpHeadBytesMax - 3)]])).toBe(false)
  })

  it('reasons that are too long, or no text', () => {
    const failed = encodeFrame({ kind: 'failed', number: 1, reason: 'x'.repeat(10_000) })
    expect(decodeFrame(failed)).toMatchObject({ reason: 'x'.repeat(200) })
    expect(() => decodeFrame(new Uint8Array([...failed, ...new Uint8Array(1_000)]))).toThrow(BadFrame)
    expect(() => decodeFrame(new Uint8Array([...failed.subarray(0, 5), 0xff]))).toThrow(BadFrame)
  })
})
