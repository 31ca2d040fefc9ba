import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { socketBufferBytes, writesWaitingMax } from '../limits.js'
import { PushWriter } from './push-writer.js'

/** Takes one piece at a time, when it is told to. */
class Slow extends Writable {
  readonly taken: Uint8Array[] = []
  #done: (() => void) | undefined

  constructor() {
    super({ highWaterMark: socketBufferBytes, decodeStrings: false })
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.taken.push(bytes)
    this.#done = done
  }

  proceed(): void {
    this.#done?.()
  }
}

const nothing = (): void => undefined

it('holds so many pieces that wait, however short they are, and takes more when one is gone', async () => {
  const stream = new Slow()
  const writer = new PushWriter(stream, nothing)
  const onePiece = (): number => writer.push(Uint8Array.of(1), (bytes) => bytes, nothing)
  for (let count = 0; count < writesWaitingMax; count++) expect(onePiece()).toBe(1)
  expect(writer.room).toBe(0)
  expect(onePiece()).toBe(0)
  stream.proceed()
  await new Promise((resolve) => setImmediate(resolve))
  expect(writer.room).toBe(socketBufferBytes - stream.writableLength)
  expect(onePiece()).toBe(1)
})

it('keeps of what it takes in part no more than that part', () => {
  const stream = new Slow()
  const writer = new PushWriter(stream, nothing)
  const request = new Uint8Array(65_536).fill(7)
  expect(writer.push(request, () => 3, nothing)).toBe(3)
  expect(stream.taken[0]?.buffer.byteLength).toBe(3)
  expect(writer.push(request.subarray(0, 5), (bytes) => bytes, nothing)).toBe(5)
})
