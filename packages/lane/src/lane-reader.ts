import { BulkheadError } from '@bulkhead/vocabulary'
import { type Cells, SharedCells } from './cells.js'
import { cell, framedBytes, type LaneMemory, largestRecordBytes } from './lane.js'
import { LaneCorruption } from './lane-corruption.js'
import { frameBytes, waitSliceMs } from './limits.js'
import { WakeSlices } from './wake-slices.js'

export type LaneReaderOptions = {
  /** Called after each advance: wakes a writer that parks on a word of its own instead of in `write`. */
  readonly onAdvance?: () => void
  /** Another way to the memory: for tests. */
  readonly cells?: Cells
}

type Peeked = { readonly from: number; readonly to: number; readonly record: Uint8Array | undefined }
type Found = { readonly head: number; readonly at: number; readonly length: number }

/**
 * The reading end of a lane. One thread, one `LaneReader`; after the reading thread is gone another may take its place
 * and goes on where `head` stands.
 *
 * @example
 * ```ts
 * const reader = new LaneReader(memory)
 * while (!reader.closed) {
 *   await reader.readable()
 *   for (let record = reader.read(); record !== undefined; record = reader.read()) use(record)
 * }
 * ```
 */
export class LaneReader {
  readonly #cells: Cells
  readonly #capacityBytes: number
  readonly #largestRecordBytes: number
  readonly #onAdvance: (() => void) | undefined
  readonly #slices = new WakeSlices(waitSliceMs)
  #peeked: Peeked | undefined
  #corruption: LaneCorruption | undefined

  /** @throws {BulkheadError} `usage` when the buffer is not a lane's. */
  constructor(memory: LaneMemory, options: LaneReaderOptions = {}) {
    this.#cells = options.cells ?? new SharedCells(memory)
    this.#capacityBytes = this.#cells.capacityBytes
    this.#largestRecordBytes = largestRecordBytes(this.#capacityBytes)
    this.#onAdvance = options.onAdvance
  }

  /** Whether everything was read and the writer has said that nothing more will come. */
  get closed(): boolean {
    // The order matters: what was written before the closing must be seen by the second look.
    return this.#cells.load(cell.writerClosed) !== 0 && this.unreadBytes() === 0
  }

  /** What waits to be read, in bytes of the ring. */
  unreadBytes(): number {
    return (this.#cells.load(cell.tail) - this.#cells.load(cell.head)) >>> 0
  }

  /** Where this reader stands: the position of the next record. It wraps at 2³². */
  position(): number {
    return this.#cells.load(cell.head)
  }

  /**
   * The oldest record that was not read yet, as a copy, and moves past it; `undefined` when there is none.
   *
   * @throws {LaneCorruption} when the writer left what cannot be; from then on always.
   */
  read(): Uint8Array | undefined {
    const record = this.peek()
    if (record !== undefined) this.advance()
    return record
  }

  /**
   * The same, without moving: it stays in the lane until `advance`, also if this thread is killed before that.
   *
   * @throws {LaneCorruption} as `read`.
   */
  peek(): Uint8Array | undefined {
    const head = this.#cells.load(cell.head)
    if (this.#peeked?.from === head && this.#peeked.record !== undefined) return this.#peeked.record
    const found = this.#find()
    if (found === undefined) return undefined
    const record = new Uint8Array(found.length)
    this.#drain(found, record, 0)
    this.#peeked = { from: found.head, to: (found.head + framedBytes(found.length)) >>> 0, record }
    return record
  }

  /**
   * The same into a buffer of the caller's, who reads many records and wants to make room for one only once.
   *
   * @param target from `at` on at least as long as the largest record of the lane.
   * @returns how many bytes the record has; `undefined` when there is none.
   * @throws {LaneCorruption} as `read`.
   */
  peekInto(target: Uint8Array, at = 0): number | undefined {
    const found = this.#find()
    if (found === undefined) return undefined
    this.#drain(found, target, at)
    this.#peeked = { from: found.head, to: (found.head + framedBytes(found.length)) >>> 0, record: undefined }
    return found.length
  }

  /**
   * Moves past the record that `peek` showed. The length is the one that was checked then: the memory may have changed.
   *
   * @throws {BulkheadError} `usage` when nothing was peeked.
   */
  advance(): void {
    const peeked = this.#peeked
    if (peeked === undefined) throw new BulkheadError('usage', 'nothing was peeked, so there is nothing to move past')
    this.#peeked = undefined
    this.#cells.store(cell.head, peeked.to)
    if (this.#cells.load(cell.writerWaiting) !== 0) this.#cells.notify(cell.head)
    this.#onAdvance?.()
  }

  /** Blocks the thread until there is something to read or the end has come: `false` when `timeoutMs` passed before. */
  wait(timeoutMs: number): boolean {
    const cells = this.#cells
    const untilMs = performance.now() + timeoutMs
    while (!this.#due()) {
      // The flag goes up before the last look, and the writer looks at it after its commit: one of them sees the other.
      cells.store(cell.readerWaiting, 1)
      const tail = cells.load(cell.tail)
      const leftMs = untilMs - performance.now()
      if (this.#due() || leftMs <= 0) break
      cells.wait(cell.tail, tail, Math.min(leftMs, waitSliceMs))
    }
    cells.store(cell.readerWaiting, 0)
    return this.#due()
  }

  /**
   * Resolves when there is something to read or the end has come. While it waits it keeps the process alive, unless told
   * not to: a pending `Atomics.waitAsync` alone would not, and the process would end in the middle of the wait.
   */
  async readable(options: { readonly keepAlive?: boolean } = {}): Promise<void> {
    while (!this.#due()) {
      this.#cells.store(cell.readerWaiting, 1)
      const tail = this.#cells.load(cell.tail)
      if (this.#due()) break
      await this.#slices.pause(() => this.#cells.waitAsync(cell.tail, tail), options.keepAlive ?? true)
    }
    this.#cells.store(cell.readerWaiting, 0)
  }

  /** Says that nothing more will be read: a writer that waits is let go, and every later write answers `false`. */
  close(): void {
    this.#cells.store(cell.readerClosed, 1)
    this.#cells.notify(cell.head)
    this.#onAdvance?.()
  }

  #due(): boolean {
    return this.unreadBytes() !== 0 || this.#cells.load(cell.writerClosed) !== 0
  }

  /** Where the oldest unread record lies; its length was copied out and judged. */
  #find(): Found | undefined {
    if (this.#corruption !== undefined) throw this.#corruption
    const cells = this.#cells
    const head = cells.load(cell.head)
    const used = (cells.load(cell.tail) - head) >>> 0
    if (used === 0) return undefined
    if (used > this.#capacityBytes || (used & 3) !== 0 || (head & 3) !== 0) {
      throw this.#corrupt('a position of a lane is out of its ring', { head, used })
    }
    const at = head & (this.#capacityBytes - 1)
    const length = cells.getLength(at)
    if (length > this.#largestRecordBytes || framedBytes(length) > used) {
      throw this.#corrupt('a record of a lane claims an impossible length', { length, used })
    }
    return { head, at: (at + frameBytes) & (this.#capacityBytes - 1), length }
  }

  #drain({ at, length }: Found, target: Uint8Array, from: number): void {
    const untilEnd = Math.min(length, this.#capacityBytes - at)
    this.#cells.copyOut(at, target, from, from + untilEnd)
    if (untilEnd < length) this.#cells.copyOut(0, target, from + untilEnd, from + length)
  }

  #corrupt(message: string, details: Readonly<Record<string, number>>): LaneCorruption {
    this.#corruption = new LaneCorruption('writer', message, details)
    return this.#corruption
  }
}
