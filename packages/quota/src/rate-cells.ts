import { BulkheadError } from '@bulkhead/vocabulary'
import type { Pace } from './rate-settings.js'
import { TakeCost } from './take-cost.js'

// How a bucket lies in shared memory: two cache lines, so that what every take writes is apart from what a change writes.
//
//   0 i64 arrival, nanoseconds   │   64 i32 changes   72 i64 × 3 pace A   96 i64 × 3 pace B
//
// INVARIANT (no torn pace): change number c writes the pace that is not in force (A for an even c, B for an odd one), and
// then stores c. A reader takes `changes`, the pace it points to, and `changes` again: the same number means that change
// c + 2, which alone writes there again, had not begun. Nobody waits for a writer that was descheduled half-way.
//
// INVARIANT (a change voids takes in flight): after that, the change adds one nanosecond to the arrival. The cell only
// ever grows (every take costs at least 1, every change adds 1), so a compare-and-exchange that succeeds proves that
// nothing happened since the load before it: no other take, and no change. A take that was judged by the old pace fails
// it and is judged again. When `change` has returned, nothing is admitted by the old pace.

/** Where a bucket lies: all that a thread has to be given to take from it (cloned by `postMessage` and `workerData`). */
export type RateBucketMemory = { readonly buffer: SharedArrayBuffer; readonly byteOffset: number }

/** What one bucket takes of a block. */
export const rateBucketBytes = 128

const ARRIVAL = 0
const PACE_WORDS = 3
const PACE_OFFSET = 72

/** A pace as it was read, with the costs at it; `undefined` costs: nothing is let through. */
export type ReadPace = { readonly changes: number; readonly burstNs: bigint; readonly cost: TakeCost | undefined }

/** The shared words of one bucket. */
export class RateCells {
  readonly #arrival: BigInt64Array
  readonly #changes: Int32Array
  readonly #paces: BigInt64Array
  #read: ReadPace

  /** @throws {BulkheadError} `usage` when the memory is not that of a bucket. */
  constructor({ buffer, byteOffset }: RateBucketMemory) {
    if (byteOffset % 64 !== 0 || byteOffset < 0 || byteOffset + rateBucketBytes > buffer.byteLength) {
      throw new BulkheadError('usage', `there is no bucket at ${byteOffset} in ${buffer.byteLength} bytes`)
    }
    this.#arrival = new BigInt64Array(buffer, byteOffset, 1)
    this.#changes = new Int32Array(buffer, byteOffset + 64, 1)
    this.#paces = new BigInt64Array(buffer, byteOffset + PACE_OFFSET, 2 * PACE_WORDS)
    this.#read = this.#readPace()
  }

  arrivalNs(): bigint {
    return Atomics.load(this.#arrival, ARRIVAL)
  }

  /** Whether the arrival was still `seen`, and is `next` now. */
  exchangeArrival(seen: bigint, next: bigint): boolean {
    return Atomics.compareExchange(this.#arrival, ARRIVAL, seen, next) === seen
  }

  /** The pace in force. ORDER: after the arrival that it is to judge. */
  pace(): ReadPace {
    if (Atomics.load(this.#changes, 0) !== this.#read.changes) this.#read = this.#readPace()
    return this.#read
  }

  /** Puts another pace in force. One thread at a time: the host's. */
  writePace(pace: Pace): void {
    const changes = (Atomics.load(this.#changes, 0) + 1) | 0
    const at = (changes & 1) * PACE_WORDS
    Atomics.store(this.#paces, at, pace.amount)
    Atomics.store(this.#paces, at + 1, pace.perNs)
    Atomics.store(this.#paces, at + 2, pace.burstNs)
    Atomics.store(this.#changes, 0, changes)
    Atomics.notify(this.#changes, 0)
  }

  /** Fails every take that is in flight. */
  voidTakes(): void {
    Atomics.add(this.#arrival, ARRIVAL, 1n)
  }

  /** Blocks the thread until the pace is another than `seen`, or so long. */
  waitForChange(seen: ReadPace, timeoutMs: number): void {
    Atomics.wait(this.#changes, 0, seen.changes, timeoutMs)
  }

  #readPace(): ReadPace {
    for (;;) {
      const changes = Atomics.load(this.#changes, 0)
      const at = (changes & 1) * PACE_WORDS
      const amount = Atomics.load(this.#paces, at)
      const perNs = Atomics.load(this.#paces, at + 1)
      const burstNs = Atomics.load(this.#paces, at + 2)
      if (Atomics.load(this.#changes, 0) !== changes) continue
      return { changes, burstNs, cost: amount > 0n ? new TakeCost({ amount, perNs, burstNs }) : undefined }
    }
  }
}
