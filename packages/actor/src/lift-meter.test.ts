import { runInNewContext } from 'node:vm'
import { ResourceExceeded } from '@bulkhead/wasi'
import { expect, test } from 'vitest'
import { LiftMeter, type LiftRealm, meterLifts } from './lift-meter.js'
import { liftedTextBytesMax } from './limits.js'

const memoryBytesMax = 1000

/** A realm of its own, so that the test's built-ins stay what they are. */
function meteredRealm(): { realm: LiftRealm; meter: LiftMeter; memory: ArrayBuffer } {
  const realm = { TextDecoder, ArrayBuffer: runInNewContext('ArrayBuffer') as ArrayBufferConstructor }
  const meter = new LiftMeter(memoryBytesMax)
  meterLifts(realm, meter)
  return { realm, meter, memory: new realm.ArrayBuffer(memoryBytesMax) }
}

test('the lists of one call may be as much as the memory together, and not a byte more', () => {
  const { memory } = meteredRealm()
  expect(memory.slice(0, 600).byteLength).toBe(600)
  expect(memory.slice(600).byteLength).toBe(400)
  expect(() => memory.slice(0, 1)).toThrow(ResourceExceeded)
})

test('lists that overlap are counted each: a small memory cannot be many times in one call', () => {
  const { memory } = meteredRealm()
  const many = () => Array.from({ length: 100 }, () => memory.slice(0, 900))
  expect(many).toThrow(ResourceExceeded)
})

test('the next call has its own count', () => {
  const { memory, meter } = meteredRealm()
  for (let call = 0; call < 5; call++) {
    expect(memory.slice(0, 900).byteLength).toBe(900)
    meter.reset()
  }
})

test('text is refused before it is decoded when it is more than any function takes', () => {
  const { realm, meter } = meteredRealm()
  const decoder = new realm.TextDecoder()
  expect(decoder.decode(new TextEncoder().encode('päth'))).toBe('päth')
  meter.reset()
  expect(decoder.decode(new Uint8Array(liftedTextBytesMax))).toHaveLength(liftedTextBytesMax)
  expect(() => decoder.decode(new Uint8Array(1))).toThrow(ResourceExceeded)
  expect(() => new realm.TextDecoder('utf-16').decode(new Uint8Array(2))).toThrow(ResourceExceeded)
})
