import { BulkheadError } from '@bulkhead/vocabulary'
import { treeLevelsMax, treeNodesMax, treeSeatsMax } from './limits.js'
import { type RateBucketMemory, rateBucketBytes } from './rate-cells.js'

// Taking from several buckets, all or nothing. The buckets of a tree lie in one buffer and are written in one order, that
// of its anchor: one word that names the newest committed take.
//
//   anchor u64: ticket (48 bits) │ record (16 bits)      applied u64: the newest anchor that is known to be finished
//   buckets                      records: { count, { bucket, arrival } × 17 }, two for each seat, and number 0, empty
//
// A taker finishes the newest committed take, reads its buckets, decides, writes their new arrivals into a record of its
// own that the anchor does not name, and commits by ONE compare-and-exchange of the anchor. Then it writes the arrivals.
//
// INVARIANT (all or nothing): before the exchange nothing but its own record was written, after it the take is committed
// whole: whoever comes next finishes it, so a taker may be killed at any instruction. An exchange that succeeds proves
// that no other take was committed since the buckets were read. A record is not rewritten while the anchor names it, so
// who reads an arrival from it and then finds the anchor unmoved has read that take's. Arrivals only grow, and are
// written by "raise to", so a thread that was asleep half-way through finishing an old take writes nothing.
//
// Alternatives that fail: to take from one after the other and give back after a refusal is not exact. Let the burst be
// B ns. At 0 a take of B reserves (arrival B); at B another one is admitted (2B); the first is refused elsewhere and
// gives B back (arrival B): at the instant B a third take of B is admitted beside the second. What the idle bucket did
// not earn was given back to it; and while it was reserved, others were refused for nothing. A lock is kept by a killed
// holder. To charge the child last, without giving back, loses the root's charge whenever two takers race.

/** The memory of a tree. Every thread that takes from a tree can write all of it. */
export type RateTreeMemory = {
  readonly buffer: SharedArrayBuffer
  readonly nodesMax: number
  readonly seatsMax: number
}

const headerBytes = 128
const APPLIED = 8
const ARRIVAL_STRIDE = rateBucketBytes / 8
const RECORD_WORDS = 1 + 2 * treeLevelsMax
const RECORD_BITS = 16n
const RECORD_MASK = (1n << RECORD_BITS) - 1n

/** The record of a commit that changes no arrival. */
export const emptyRecord = 0

/** @throws {BulkheadError} `usage` when a tree cannot be of that size. */
export function createRateTreeMemory(nodesMax: number, seatsMax: number): RateTreeMemory {
  if (!isCount(nodesMax, treeNodesMax) || !isCount(seatsMax, treeSeatsMax)) {
    throw new BulkheadError(
      'usage',
      `\`${nodesMax}\` buckets and \`${seatsMax}\` seats are not the size of a rate tree`,
      {
        hint: `at most ${treeNodesMax} buckets and ${treeSeatsMax} seats`,
      },
    )
  }
  const records = (2 * seatsMax + 1) * RECORD_WORDS * 8
  return { buffer: new SharedArrayBuffer(headerBytes + nodesMax * rateBucketBytes + records), nodesMax, seatsMax }
}

export function nodeMemory({ buffer }: RateTreeMemory, node: number): RateBucketMemory {
  return { buffer, byteOffset: headerBytes + node * rateBucketBytes }
}

/** The shared words of a tree. It never throws for what another thread wrote. */
export class RateTreeCells {
  readonly #header: BigUint64Array
  readonly #arrivals: BigInt64Array
  readonly #records: BigInt64Array
  readonly #nodesMax: number

  constructor({ buffer, nodesMax, seatsMax }: RateTreeMemory) {
    const recordsAt = headerBytes + nodesMax * rateBucketBytes
    this.#header = new BigUint64Array(buffer, 0, headerBytes / 8)
    this.#arrivals = new BigInt64Array(buffer, headerBytes, nodesMax * ARRIVAL_STRIDE)
    this.#records = new BigInt64Array(buffer, recordsAt, (2 * seatsMax + 1) * RECORD_WORDS)
    this.#nodesMax = nodesMax
  }

  /** The newest committed take, finished: what is read after it is the state that it left, while the anchor stays. */
  finished(): bigint {
    const anchor = Atomics.load(this.#header, 0)
    if (Atomics.load(this.#header, APPLIED) !== anchor) this.#finish(anchor)
    return anchor
  }

  /** That of a seat's two records which the anchor does not name. */
  freeRecord(anchor: bigint, seat: number): number {
    const first = 2 * seat + 1
    return Number(anchor & RECORD_MASK) === first ? first + 1 : first
  }

  /** ORDER: into a free record, before the commit of it. */
  writeRecord(record: number, nodes: readonly number[], arrivals: readonly bigint[]): void {
    const at = record * RECORD_WORDS
    for (let level = 0; level < nodes.length; level++) {
      Atomics.store(this.#records, at + 1 + 2 * level, BigInt(nodes[level] ?? 0))
      Atomics.store(this.#records, at + 2 + 2 * level, arrivals[level] ?? 0n)
    }
    Atomics.store(this.#records, at, BigInt(nodes.length))
  }

  /** Whether nothing was committed since `anchor`, and this record is now. */
  commit(anchor: bigint, record: number): boolean {
    const next = BigInt.asUintN(64, ((anchor >> RECORD_BITS) + 1n) << RECORD_BITS) | BigInt(record)
    return Atomics.compareExchange(this.#header, 0, anchor, next) === anchor
  }

  #finish(anchor: bigint): void {
    const at = (Number(anchor & RECORD_MASK) * RECORD_WORDS) % this.#records.length
    const levels = Math.min(Number(Atomics.load(this.#records, at)), treeLevelsMax)
    for (let level = 0; level < levels; level++) {
      const node = Number(Atomics.load(this.#records, at + 1 + 2 * level))
      const arrivalNs = Atomics.load(this.#records, at + 2 + 2 * level)
      // Who moved the anchor on has finished this take before.
      if (Atomics.load(this.#header, 0) !== anchor) return
      this.#raise(Math.abs(node) % this.#nodesMax, arrivalNs)
    }
    Atomics.store(this.#header, APPLIED, anchor)
  }

  #raise(node: number, arrivalNs: bigint): void {
    const at = node * ARRIVAL_STRIDE
    for (let seen = Atomics.load(this.#arrivals, at); seen < arrivalNs; ) {
      const found = Atomics.compareExchange(this.#arrivals, at, seen, arrivalNs)
      if (found === seen) return
      seen = found
    }
  }
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max
}
