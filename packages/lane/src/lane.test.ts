import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cells, SharedCells } from './cells.js'
import { cell, createLane, framedBytes, headerBytes, type LaneMemory, largestRecordBytes } from './lane.js'
import { LaneCorruption } from './lane-corruption.js'
import { LaneReader } from './lane-reader.js'
import { LaneWriter } from './lane-writer.js'

/** Where positions start: far from, just before and across the wrap of 32 bits. */
const starts = [0, 4, 0xffff_fffc, 0xffff_ff00, 0x8000_0000 - 4]

function laneAt(start: number, capacityBytes = 256): LaneMemory {
  const memory = createLane({ capacityBytes })
  const cells = new SharedCells(memory)
  cells.store(cell.head, start)
  cells.store(cell.tail, start)
  return memory
}

function bytesOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (seed * 31 + index * 7) & 0xff)
}

/** Every step that changes shared memory is numbered; after `stopAfter` of them the writer is dead. */
class StoppedWriter extends Error {}
function stoppingCells(memory: LaneMemory, stopAfter: number): Cells & { readonly steps: () => number } {
  const real = new SharedCells(memory)
  let steps = 0
  const step = (): void => {
    if (steps === stopAfter) throw new StoppedWriter()
    steps++
  }
  return {
    steps: () => steps,
    capacityBytes: real.capacityBytes,
    load: (index) => real.load(index),
    wait: (index, seen, timeoutMs) => real.wait(index, seen, timeoutMs),
    waitAsync: (index, seen) => real.waitAsync(index, seen),
    getLength: (offset) => real.getLength(offset),
    copyOut: (offset, target, from, to) => real.copyOut(offset, target, from, to),
    store: (index, value) => {
      step()
      real.store(index, value)
    },
    notify: (index) => {
      step()
      real.notify(index)
    },
    putLength: (offset, length) => {
      step()
      real.putLength(offset, length)
    },
    copyIn: (offset, source, from, to) => {
      // A copy is not one step: half of it is there when the writer dies in it.
      if (steps === stopAfter) real.copyIn(offset, source, from, from + ((to - from) >> 1))
      step()
      real.copyIn(offset, source, from, to)
    },
  }
}

function readAll(memory: LaneMemory): Uint8Array[] {
  const reader = new LaneReader(memory)
  const records: Uint8Array[] = []
  for (let record = reader.read(); record !== undefined; record = reader.read()) records.push(record)
  return records
}

describe('a writer that is stopped after any step', () => {
  const sizes = [5, 0, 60, 33, 8, 60, 17]

  for (const start of starts) {
    it(`leaves whole records only, and a lane that another goes on with (start ${start})`, () => {
      for (let stopAfter = 0; ; stopAfter++) {
        const memory = laneAt(start)
        const cells = stoppingCells(memory, stopAfter)
        const writer = new LaneWriter(memory, { cells })
        const reader = new LaneReader(memory)
        const attempted: Uint8Array[] = []
        const seen: Uint8Array[] = []
        let returned = 0
        let stopped = false
        try {
          for (const [index, size] of sizes.entries()) {
            const record = bytesOf(size, index)
            attempted.push(record)
            expect(writer.tryWrite(record)).toBe(true)
            returned++
            if (index % 2 === 1) for (let r = reader.read(); r !== undefined; r = reader.read()) seen.push(r)
          }
        } catch (error) {
          if (!(error instanceof StoppedWriter)) throw error
          stopped = true
        }
        seen.push(...readAll(memory))
        // Dead before the commit: not written. After it: written. Nothing between.
        expect([returned, returned + 1]).toContain(seen.length)
        expect(seen).toEqual(attempted.slice(0, seen.length))
        const next = bytesOf(21, 99)
        expect(new LaneWriter(memory).tryWrite(next)).toBe(true)
        expect(readAll(memory)).toEqual([next])
        if (!stopped) {
          expect(stopAfter).toBeGreaterThan(sizes.length * 2)
          break
        }
      }
    })
  }
})

describe('a lane', () => {
  it('is a bounded queue of byte strings, whatever is written and read in whatever order', () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant('write' as const), size: fc.integer({ min: 0, max: 60 }) }),
      fc.constant({ do: 'read' as const }),
      fc.constant({ do: 'peek' as const }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.array(command, { maxLength: 120 }), (start, commands) => {
        const memory = laneAt(start)
        const writer = new LaneWriter(memory)
        const reader = new LaneReader(memory)
        const model: Uint8Array[] = []
        const used = () => model.reduce((sum, record) => sum + framedBytes(record.length), 0)
        for (const [index, each] of commands.entries()) {
          if (each.do === 'write') {
            const record = bytesOf(each.size, index)
            const fits = used() + framedBytes(each.size) <= 256
            expect(writer.capacity() >= each.size && used() + 4 <= 256).toBe(fits)
            expect(writer.tryWrite(record)).toBe(fits)
            if (fits) model.push(record)
          } else {
            expect(each.do === 'peek' ? reader.peek() : reader.read()).toEqual(model[0])
            if (each.do === 'read') model.shift()
          }
          expect(reader.unreadBytes()).toBe(used())
          expect(writer.drained()).toBe(model.length === 0)
        }
      }),
    )
  })

  it.each(starts)('holds four of its largest records from wherever it stands (start %i)', (start) => {
    const memory = laneAt(start + 8, 256)
    const writer = new LaneWriter(memory)
    const largest = bytesOf(writer.recordBytesMax, 1)
    expect(writer.recordBytesMax).toBe(60)
    for (let count = 0; count < 4; count++) expect(writer.tryWrite(largest)).toBe(true)
    expect(writer.tryWrite(new Uint8Array(0))).toBe(false)
    expect(readAll(memory)).toEqual([largest, largest, largest, largest])
  })

  it('refuses a record one byte over the largest, and takes the largest', () => {
    const writer = new LaneWriter(createLane({ capacityBytes: 1024 }))
    expect(() => writer.tryWrite(new Uint8Array(largestRecordBytes(1024) + 1))).toThrow('too large')
    expect(writer.tryWrite(new Uint8Array(largestRecordBytes(1024)))).toBe(true)
  })

  it.each([0, 128, 255, 257, 2 ** 30 + 1, 2 ** 31, 1.5, Number.NaN])('refuses a capacity of %d', (capacityBytes) => {
    expect(() => createLane({ capacityBytes })).toThrow('is not a capacity')
  })

  it('accepts the smallest capacity', () => {
    expect(createLane({ capacityBytes: 256 }).buffer.byteLength).toBe(256 + headerBytes)
  })

  it('shows a record until it is moved past, and shows it again to a new reader', () => {
    const memory = createLane({ capacityBytes: 256 })
    const record = bytesOf(9, 3)
    new LaneWriter(memory).tryWrite(record)
    expect(new LaneReader(memory).peek()).toEqual(record)
    const reader = new LaneReader(memory)
    expect(reader.peek()).toEqual(record)
    reader.advance()
    expect(reader.peek()).toBeUndefined()
    expect(() => reader.advance()).toThrow('nothing was peeked')
  })

  it('shows a record in a buffer of the caller, too, and moves past what it showed', () => {
    const memory = laneAt(200)
    const writer = new LaneWriter(memory)
    const reader = new LaneReader(memory)
    const target = new Uint8Array(60)
    expect(reader.peekInto(target)).toBeUndefined()
    writer.tryWrite(bytesOf(60, 3))
    writer.tryWrite(bytesOf(9, 4))
    for (let twice = 0; twice < 2; twice++) expect(reader.peekInto(target.fill(0))).toBe(60)
    expect(target).toEqual(bytesOf(60, 3))
    expect(reader.peek()).toEqual(bytesOf(60, 3))
    reader.advance()
    expect(reader.peekInto(target, 20)).toBe(9)
    expect(target.subarray(20, 29)).toEqual(bytesOf(9, 4))
    expect(target.subarray(0, 20)).toEqual(bytesOf(60, 3).subarray(0, 20))
    reader.advance()
    expect(reader.read()).toBeUndefined()
    new SharedCells(memory).store(cell.tail, 8)
    expect(() => reader.peekInto(target)).toThrow(LaneCorruption)
  })

  it('hands out a copy: what the writer does to the memory later does not reach it', () => {
    const memory = createLane({ capacityBytes: 256 })
    new LaneWriter(memory).tryWrite(Uint8Array.of(1, 2, 3))
    const reader = new LaneReader(memory)
    const record = reader.peek()
    new Uint8Array(memory.buffer).fill(0xff, headerBytes)
    expect(record).toEqual(Uint8Array.of(1, 2, 3))
    reader.advance()
    expect(reader.read()).toBeUndefined()
  })

  it('ends for the reader after the last record, and for the writer at once', () => {
    const memory = createLane({ capacityBytes: 256 })
    const writer = new LaneWriter(memory)
    const reader = new LaneReader(memory)
    writer.tryWrite(Uint8Array.of(7))
    writer.close()
    expect(reader.closed).toBe(false)
    expect(reader.read()).toEqual(Uint8Array.of(7))
    expect(reader.closed).toBe(true)
    expect(() => writer.tryWrite(Uint8Array.of(8))).toThrow('closed by its own writer')
  })

  it('tells a writer that its reader has closed', () => {
    const memory = createLane({ capacityBytes: 256 })
    const writer = new LaneWriter(memory)
    expect(writer.capacity()).toBe(60)
    new LaneReader(memory).close()
    expect(writer.readerClosed).toBe(true)
    expect(writer.capacity()).toBe(0)
    expect(writer.tryWrite(Uint8Array.of(1))).toBe(false)
    expect(writer.write(Uint8Array.of(1), { waitMs: Number.POSITIVE_INFINITY })).toBe(false)
  })

  it('calls back after each commit and each advance', () => {
    const memory = createLane({ capacityBytes: 256 })
    const calls: string[] = []
    const writer = new LaneWriter(memory, { onCommit: () => calls.push('commit') })
    const reader = new LaneReader(memory, { onAdvance: () => calls.push('advance') })
    writer.tryWrite(Uint8Array.of(1))
    reader.read()
    reader.read()
    expect(calls).toEqual(['commit', 'advance'])
  })
})

describe('a writer that lies', () => {
  const lies: readonly [string, (cells: SharedCells) => void][] = [
    ['a length over the largest', (cells) => cells.putLength(0, 61)],
    ['a length of four thousand million', (cells) => cells.putLength(0, 0xffff_ffff)],
    ['a length past the tail', (cells) => cells.putLength(0, 30)],
    ['a tail before the head', (cells) => cells.store(cell.tail, 0xffff_fff0)],
    ['a tail more than the ring ahead', (cells) => cells.store(cell.tail, 260)],
    ['a tail that is no multiple of four', (cells) => cells.store(cell.tail, 13)],
    ['a head that is no multiple of four', (cells) => cells.store(cell.head, 2)],
  ]
  it.each(lies)('is found out: %s', (_name, lie) => {
    const memory = createLane({ capacityBytes: 256 })
    new LaneWriter(memory).tryWrite(bytesOf(8, 1))
    const reader = new LaneReader(memory)
    lie(new SharedCells(memory))
    expect(() => reader.read()).toThrow(LaneCorruption)
    // Given up for good, also when the memory looks well again.
    new SharedCells(memory).store(cell.tail, 12)
    new SharedCells(memory).putLength(0, 8)
    expect(() => reader.read()).toThrow(LaneCorruption)
    expect(new LaneReader(laneAt(0)).read()).toBeUndefined()
  })

  it('cannot make any content of the memory crash the reader otherwise', () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 0, max: 300 }).map((n) => n * 4),
    )
    fc.assert(
      fc.property(word, word, fc.uint8Array({ minLength: 256, maxLength: 256 }), (head, tail, ring) => {
        const memory = createLane({ capacityBytes: 256 })
        new Uint8Array(memory.buffer).set(ring, headerBytes)
        const cells = new SharedCells(memory)
        cells.store(cell.head, head)
        cells.store(cell.tail, tail)
        try {
          expect(readAll(memory).length).toBeLessThanOrEqual(64)
        } catch (error) {
          expect(error).toBeInstanceOf(LaneCorruption)
        }
      }),
    )
  })

  it('is the reader, when it is the head that cannot be', () => {
    const memory = createLane({ capacityBytes: 256 })
    new SharedCells(memory).store(cell.head, 8)
    expect(() => new LaneWriter(memory).tryWrite(Uint8Array.of(1))).toThrow('where nothing was written')
  })
})
