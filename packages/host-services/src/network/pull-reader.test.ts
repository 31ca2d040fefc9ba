import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PullReader } from './pull-reader.js'

it('reads all of a stream that gives as much as it may and then waits to be asked, and is never stuck', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), async (chunks, maxima) => {
      const left = chunks.map((size, index) => Buffer.alloc(size, index))
      const stream = new Readable({
        highWaterMark: 256,
        read() {
          let goesOn = true
          while (goesOn && left.length > 0) goesOn = this.push(left.shift())
          if (left.length === 0) this.push(null)
        },
      })
      let wake = (): void => undefined
      const reader = new PullReader(stream, () => wake())
      const pieces: Uint8Array[] = []
      for (let turn = 0; ; turn++) {
        while (!reader.isReadable) await new Promise<void>((resolve) => (wake = resolve))
        const pulled = reader.pull(maxima[turn % maxima.length] ?? 1, (bytes) => bytes)
        if (pulled === 'end') break
        if (pulled !== 'would-block') pieces.push(pulled)
      }
      expect(Buffer.concat(pieces).equals(Buffer.concat(chunks.map((size, index) => Buffer.alloc(size, index))))).toBe(
        true,
      )
    }),
    { numRuns: 60 },
  )
})
