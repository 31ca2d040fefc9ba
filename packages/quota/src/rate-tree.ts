import { BulkheadError } from '@bulkhead/vocabulary'
import { treeLevelsMax } from './limits.js'
import type { Spent } from './rate-bucket.js'
import { RateCells } from './rate-cells.js'
import type { RateSeat } from './rate-chain.js'
import { paceOf, type RateSettings } from './rate-settings.js'
import { createRateTreeMemory, emptyRecord, nodeMemory, RateTreeCells, type RateTreeMemory } from './rate-tree-cells.js'

export type RateTreeOptions = {
  /** How many buckets it has at a time. */
  readonly nodesMax: number
  /** How many threads take from it at a time. */
  readonly seatsMax: number
  /** Monotonic nanoseconds, at least 0, of one origin for all threads. */
  readonly clock: () => bigint
}

type Node = { readonly cells: RateCells; readonly parent: number | undefined; users: number }

/**
 * The host's end of a tree of buckets, in which a take counts for a child and for all that is above it. The host makes
 * buckets and seats; the threads that sit there take (`RateChain`). `rate-tree-cells.ts` opens with why it is exact.
 *
 * @example
 * ```ts
 * const tree = new RateTree({ nodesMax: 1_024, seatsMax: 1_024, clock: process.hrtime.bigint })
 * const root = tree.addNode({ rate: { amount: 10_000, perMs: 1_000 } })
 * const ingest = tree.addNode({ rate: { amount: 1_000, perMs: 1_000 } }, root)
 * const seat = tree.takeSeat(ingest) // goes to the worker: new RateChain(seat, clock)
 * worker.once('exit', () => tree.leaveSeat(seat))
 * ```
 */
export class RateTree {
  readonly #memory: RateTreeMemory
  readonly #cells: RateTreeCells
  readonly #clock: () => bigint
  readonly #nodes = new Map<number, Node>()
  /** Where the search for a free bucket begins: thousands of them are made one after the other. */
  #nextNode = 0
  readonly #seats = new Map<number, { readonly seat: RateSeat; readonly node: Node }>()

  /** @throws {BulkheadError} `usage` when a tree cannot be of that size. */
  constructor(options: RateTreeOptions) {
    this.#memory = createRateTreeMemory(options.nodesMax, options.seatsMax)
    this.#cells = new RateTreeCells(this.#memory)
    this.#clock = options.clock
  }

  /**
   * Makes a bucket, full.
   *
   * @param parent the bucket above; none for the root.
   * @returns its number.
   * @throws {BulkheadError} `usage` for settings that cannot be or an unknown parent; `resource-limit-exceeded` when the
   * tree is full or would be deeper than 17.
   */
  addNode(settings: RateSettings, parent?: number): number {
    const pace = paceOf(settings)
    if (parent !== undefined && this.#pathOf(parent).length >= treeLevelsMax) {
      throw exceeded('levels of a rate tree', treeLevelsMax)
    }
    const node = this.#freeNode()
    const cells = new RateCells(nodeMemory(this.#memory, node))
    cells.writePace(pace)
    this.#nodes.set(node, { cells, parent, users: 0 })
    if (parent !== undefined) this.#node(parent).users++
    return node
  }

  /**
   * Puts other settings in force, as `changeRate`: when it returns, nothing is admitted by the old ones.
   *
   * @throws {BulkheadError} `usage` for settings that cannot be; the old ones stay in force then.
   */
  change(node: number, settings: RateSettings): void {
    const pace = paceOf(settings)
    this.#node(node).cells.writePace(pace)
    // A commit of nothing: whatever was judged before it is judged again.
    while (!this.#cells.commit(this.#cells.finished(), emptyRecord));
  }

  /** @throws {BulkheadError} `usage` while there are seats at it, or buckets below it. */
  removeNode(node: number): void {
    const { parent, users } = this.#node(node)
    if (users > 0) throw new BulkheadError('usage', `bucket ${node} of the rate tree is in use`)
    this.#nodes.delete(node)
    if (parent !== undefined) this.#node(parent).users--
  }

  /**
   * A place for one thread, which takes from this bucket and all that are above it.
   *
   * @throws {BulkheadError} `resource-limit-exceeded` when all are taken.
   */
  takeSeat(node: number): RateSeat {
    const nodes = this.#pathOf(node)
    const index = firstFree(this.#memory.seatsMax, (each) => !this.#seats.has(each))
    if (index === undefined) throw exceeded('seats of a rate tree', this.#memory.seatsMax)
    const seat = { tree: this.#memory, seat: index, nodes }
    const own = this.#node(node)
    this.#seats.set(index, { seat, node: own })
    own.users++
    return seat
  }

  /** Gives a place to others. Not before the exit of its thread was seen: two in one seat write each other's record. */
  leaveSeat(seat: RateSeat): void {
    const taken = this.#seats.get(seat.seat)
    if (taken?.seat !== seat) return
    this.#seats.delete(seat.seat)
    taken.node.users--
  }

  /** How much of a bucket's burst is spent now: a sample for `stepWatermark`. */
  spent(node: number): Spent {
    this.#cells.finished()
    const { cells } = this.#node(node)
    const aheadNs = cells.arrivalNs() - this.#clock()
    return { used: aheadNs > 0n ? Number(aheadNs) : 0, limit: Number(cells.pace().burstNs) }
  }

  /** A removed bucket keeps its arrival, which only grows; it is as good as new when that lies in the past. */
  #freeNode(): number {
    const nowNs = this.#clock()
    this.#cells.finished()
    const { nodesMax } = this.#memory
    const from = this.#nextNode
    const found = firstFree(nodesMax, (offset) => this.#isFree((from + offset) % nodesMax, nowNs))
    if (found === undefined) throw exceeded('buckets of a rate tree', nodesMax)
    const node = (from + found) % nodesMax
    this.#nextNode = node + 1
    return node
  }

  #isFree(node: number, nowNs: bigint): boolean {
    return !this.#nodes.has(node) && new RateCells(nodeMemory(this.#memory, node)).arrivalNs() <= nowNs
  }

  #pathOf(node: number): readonly number[] {
    const path: number[] = []
    for (let at: number | undefined = node; at !== undefined; at = this.#node(at).parent) path.push(at)
    return path
  }

  #node(node: number): Node {
    const found = this.#nodes.get(node)
    if (found === undefined) throw new BulkheadError('usage', `the rate tree has no bucket ${node}`)
    return found
  }
}

function firstFree(max: number, isFree: (index: number) => boolean): number | undefined {
  for (let index = 0; index < max; index++) if (isFree(index)) return index
  return undefined
}

function exceeded(resource: string, limit: number): BulkheadError {
  return new BulkheadError('resource-limit-exceeded', `there are ${limit} ${resource} already`, {
    details: { resource, limit },
  })
}
