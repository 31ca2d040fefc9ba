import { nextArrival, retryInNs } from './gcra.js'
import { checkTake } from './rate-bucket.js'
import { RateCells } from './rate-cells.js'
import { nodeMemory, RateTreeCells, type RateTreeMemory } from './rate-tree-cells.js'

/** One thread's place in a rate tree: plain data, for `postMessage` and `workerData`. */
export type RateSeat = {
  readonly tree: RateTreeMemory
  readonly seat: number
  /** The buckets that it takes from: its own first, the root's last. */
  readonly nodes: readonly number[]
}

/** `node`: the bucket that refused, of several that for which the wait is longest. */
export type ChainTake = 'taken' | { readonly retryInNs: number; readonly node: number }

/**
 * The buckets of a child, of the supervisors above it and of the root, taken from all at once or not at all: exact with
 * any number of threads, and a take that any of them refuses costs nothing at the others. One thread, one seat.
 *
 * @example
 * ```ts
 * const messages = new RateChain(workerData.messages, process.hrtime.bigint)
 * if (messages.take(1) !== 'taken') refuse('quota')
 * ```
 */
export class RateChain {
  readonly #cells: RateTreeCells
  readonly #seat: number
  readonly #nodes: readonly number[]
  readonly #levels: readonly RateCells[]
  /** The arrivals after the take that is being judged. */
  readonly #nextNs: bigint[]
  readonly #clock: () => bigint

  /** @param clock monotonic nanoseconds, at least 0, of one origin for all threads. */
  constructor({ tree, seat, nodes }: RateSeat, clock: () => bigint) {
    this.#cells = new RateTreeCells(tree)
    this.#seat = seat
    this.#nodes = nodes
    this.#levels = nodes.map((node) => new RateCells(nodeMemory(tree, node)))
    this.#nextNs = nodes.map(() => 0n)
    this.#clock = clock
  }

  /**
   * Takes n from every bucket, or nothing from any.
   *
   * @throws {BulkheadError} `usage` when n is not a whole number from 0 to 2⁵³ − 1.
   */
  take(n: number): ChainTake {
    checkTake(n)
    if (n === 0) return 'taken'
    for (;;) {
      const anchor = this.#cells.finished()
      const refused = this.#judge(n)
      if (refused !== undefined) return refused
      const record = this.#cells.freeRecord(anchor, this.#seat)
      this.#cells.writeRecord(record, this.#nodes, this.#nextNs)
      if (!this.#cells.commit(anchor, record)) continue
      this.#cells.finished()
      return 'taken'
    }
  }

  #judge(n: number): Exclude<ChainTake, 'taken'> | undefined {
    const nowNs = this.#clock()
    let refused: Exclude<ChainTake, 'taken'> | undefined
    for (const [level, cells] of this.#levels.entries()) {
      const arrivalNs = cells.arrivalNs()
      const { burstNs, cost } = cells.pace()
      const costNs = cost?.ns(n) ?? burstNs + 1n
      const nextNs = nextArrival(arrivalNs, nowNs, costNs)
      this.#nextNs[level] = nextNs
      if (nextNs - nowNs <= burstNs) continue
      const waitNs = retryInNs(nextNs, nowNs, costNs, burstNs)
      if (refused === undefined || waitNs > refused.retryInNs) {
        refused = { retryInNs: waitNs, node: this.#nodes[level] ?? 0 }
      }
    }
    return refused
  }
}
