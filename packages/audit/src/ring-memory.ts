import { cell, createLane, type LaneMemory, laneCapacityBytes } from '@bulkhead/lane'
import { createQuotaBlock, type RateBucketMemory, type RateSettings } from '@bulkhead/quota'
import { createDurability } from './durability.js'
import { auditRingBytes, recordsPerSecondDefault } from './limits.js'

/** What an actor's worker is given to write its audit records: cloned by `postMessage` and `workerData`. */
export type RingMemory = LaneMemory & {
  /** The run that is going on: see `RunCells`. */
  readonly run: SharedArrayBuffer
  /** The journal's bell. */
  readonly bell: SharedArrayBuffer
  /** The writer's own rate limit: an honest writer waits here, before its ring is full. */
  readonly pace: RateBucketMemory
  /** Of a strict journal: see `Durability`. */
  readonly durable?: SharedArrayBuffer
}

export type RingOptions = {
  /** How many records, and how many at once; 2,000 a second unless said. */
  readonly rate?: RateSettings
  readonly capacityBytes?: number
  /** Whether granted decisions wait until the disk has their records. */
  readonly strict?: boolean
}

/** Makes the memory of one ring of the journal whose bell this is. */
export function createRingMemory(bell: SharedArrayBuffer, options: RingOptions = {}): RingMemory {
  const lane = createLane({ capacityBytes: options.capacityBytes ?? auditRingBytes })
  return {
    ...lane,
    ...{ run: new SharedArrayBuffer(8), bell, pace: createRecordRate(options.rate) },
    ...(options.strict === true && { durable: createDurability() }),
  }
}

/** Bytes that lie in a ring and were not taken. What its writer claims, and never more than there is room for. */
export function waitingBytes({ buffer }: LaneMemory): number {
  const words = new Int32Array(buffer)
  const claimed = (Atomics.load(words, cell.tail) - Atomics.load(words, cell.head)) >>> 0
  return Math.min(claimed, laneCapacityBytes({ buffer }))
}

/** A bucket of records, in memory of its own. */
export function createRecordRate(rate: RateSettings = defaultRate): RateBucketMemory {
  return createQuotaBlock({ rates: { records: rate }, ledgers: {} }).rates.records
}

const defaultRate: RateSettings = { rate: { amount: recordsPerSecondDefault, perMs: 1_000 } }

const BASE = 0
const REPEATS = 1

/**
 * How often the newest record's decision was made again without a record of its own. It lies in shared memory because a
 * repeat is also recorded before it is acted on, and its worker may be killed at any instruction.
 *
 * INVARIANT (run at the tail): `repeats` belongs to the record that ends at position `base`, and counts only while the
 * lane's tail is `base`. The next record carries the final number in itself, so that the one store which commits it also
 * ends the run: nothing is lost and nothing is counted twice, wherever the writer dies.
 */
export class RunCells {
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer)
  }

  /** Writer: the repeats of the record that ends at `tail`; 0 when no run was begun there. */
  repeatsAt(tail: number): number {
    return Atomics.load(this.#words, BASE) >>> 0 === tail ? Atomics.load(this.#words, REPEATS) >>> 0 : 0
  }

  /** Writer: whether the run of the record that ends at `tail` was begun. */
  runsAt(tail: number): boolean {
    return Atomics.load(this.#words, BASE) >>> 0 === tail
  }

  /** Writer: one store, before the act. */
  setRepeats(repeats: number): void {
    Atomics.store(this.#words, REPEATS, repeats | 0)
  }

  /** Writer: begins a run behind the record that ends at `tail`. The number goes first, while `base` is still elsewhere. */
  begin(tail: number): void {
    Atomics.store(this.#words, REPEATS, 0)
    Atomics.store(this.#words, BASE, tail | 0)
  }

  /**
   * Reader: the repeats so far of the record that ends at `head`, when that is the newest one. A new run may begin between
   * the loads; the answer is then that of neither run but never more than the old run had, so that a reader which takes
   * only increases is right.
   */
  peekRepeats(head: number): number {
    if (Atomics.load(this.#words, BASE) >>> 0 !== head) return 0
    const repeats = Atomics.load(this.#words, REPEATS) >>> 0
    return Atomics.load(this.#words, BASE) >>> 0 === head ? repeats : 0
  }
}
