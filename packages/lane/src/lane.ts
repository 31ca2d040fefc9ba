// The lane: a single-writer single-reader byte ring in a SharedArrayBuffer of its own.
//
// The writer may be killed at any instruction: it runs beside a guest that loops, exhausts the stack or is terminated.
// So nothing that it leaves behind may need repair.
//
//   header  │ head │ tail │ flags │          positions are unsigned 32-bit, count bytes for ever and wrap;
//   ring    │▒▒ record ▒▒│ free …  │         a position's place in the ring is `position & (capacity - 1)`
//
// INVARIANT (one-store commit): the writer fills bytes in [tail, head + capacity), which the reader never looks at, and
// makes them visible by ONE `Atomics.store(tail)`. Killed before it, the record was never written; after it, it was.
// There is no state between, so there is no recovery, no lock, no owner to wait for; a zombie holds its own lane only.
//
// INVARIANT (claims): what the reader finds is the writer's claim. It copies a length out once, checks the copy, copies
// the bytes out, and only then lets anyone look at them; the memory may change under it. A length that cannot be is
// `LaneCorruption`, a security fault of the writer, and the lane is never read again.
//
// Alternatives that fail: a lock (a killed holder keeps it); a two-step commit, "length, then valid flag per record" (a
// stale flag from the last lap is indistinguishable); skipping to the start when a record does not fit at the end (a
// ring of four largest records then holds three); `MessagePort` (unbounded, and what was posted dies with the thread
// that was killed before its event loop ran).
//
// Records wrap around the end of the ring byte for byte. They start at multiples of four, so a length word never wraps.
import { BulkheadError } from '@bulkhead/vocabulary'
import { frameBytes, laneCapacityBytesMax, laneCapacityBytesMin, largestRecordsHeldMin } from './limits.js'

/** A lane's memory: the only thing that has to be given to a thread (it is cloned by `postMessage` and `workerData`). */
export type LaneMemory = { readonly buffer: SharedArrayBuffer }

// Each word has a cache line of its own, so that the two sides do not take each other's line at every record.
const CACHE_LINE_WORDS = 16

/** The shared words of a lane, as indices into its header. */
export const cell = {
  /** Moved by the reader alone. */
  head: 0,
  /** Moved by the writer alone; this store is the commit. */
  tail: CACHE_LINE_WORDS,
  /** 1 while the reader may be asleep on `tail`. */
  readerWaiting: 2 * CACHE_LINE_WORDS,
  /** 1 while the writer may be asleep on `head`. */
  writerWaiting: 3 * CACHE_LINE_WORDS,
  /** 1 when the writer will write no more. */
  writerClosed: 4 * CACHE_LINE_WORDS,
  /** 1 when the reader will read no more. */
  readerClosed: 5 * CACHE_LINE_WORDS,
  /** A word of whoever made the lane, who alone writes it and gives it its meaning; 0 at first. */
  owner: 5 * CACHE_LINE_WORDS + 1,
} as const

/** The bytes before the ring. */
export const headerBytes = 6 * CACHE_LINE_WORDS * 4

/**
 * Makes the memory of a lane.
 *
 * @param options.capacityBytes the size of the ring: a power of two, 256 B to 1 GiB. Its largest record is a quarter of
 * it, less four bytes.
 * @throws {BulkheadError} `usage` when the capacity is not such a number.
 * @example
 * ```ts
 * const memory = createLane({ capacityBytes: 64 * 1024 })
 * new Worker(file, { workerData: { out: memory } }) // there: new LaneWriter(workerData.out)
 * const reader = new LaneReader(memory)
 * ```
 */
export function createLane(options: { readonly capacityBytes: number }): LaneMemory {
  const { capacityBytes } = options
  checkCapacity(capacityBytes)
  return { buffer: new SharedArrayBuffer(headerBytes + capacityBytes) }
}

/**
 * The capacity of a lane's ring in bytes.
 *
 * @throws {BulkheadError} `usage` when the buffer is not a lane's.
 */
export function laneCapacityBytes(memory: LaneMemory): number {
  const capacityBytes = memory.buffer.byteLength - headerBytes
  checkCapacity(capacityBytes)
  return capacityBytes
}

/** The most bytes that one record may have in a ring of this capacity. */
export function largestRecordBytes(capacityBytes: number): number {
  return capacityBytes / largestRecordsHeldMin - frameBytes
}

/** What a record of this length takes in the ring: its length word, its bytes, and the way to the next multiple of four. */
export function framedBytes(recordBytes: number): number {
  return frameBytes + ((recordBytes + 3) & ~3)
}

function checkCapacity(capacityBytes: number): void {
  const legal =
    Number.isInteger(capacityBytes) &&
    capacityBytes >= laneCapacityBytesMin &&
    capacityBytes <= laneCapacityBytesMax &&
    (capacityBytes & (capacityBytes - 1)) === 0
  if (!legal) {
    throw new BulkheadError('usage', `\`${capacityBytes}\` is not a capacity of a lane`, {
      hint: `a power of two from ${laneCapacityBytesMin} to ${laneCapacityBytesMax} bytes`,
    })
  }
}
