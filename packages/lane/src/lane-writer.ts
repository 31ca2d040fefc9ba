import { BulkheadError } from '@bulkhead/vocabulary'
import { type Cells, SharedCells } from './cells.js'
import { cell, framedBytes, type LaneMemory, largestRecordBytes } from './lane.js'
import { LaneCorruption } from './lane-corruption.js'
import { frameBytes, waitSliceMs } from './limits.js'

export type LaneWriterOptions = {
  /** Called after each commit: rings a bell that the reader shares with other lanes. */
  readonly onCommit?: () => void
  /** Another way to the memory: for tests that stop the writer at each step. */
  readonly cells?: Cells
}

export type WriteOptions = {
  /** How long to wait for room, in milliseconds; `Infinity` waits for ever. */
  readonly waitMs: number
  /** Called before the thread blocks, and not when there is room at once. */
  readonly onWaitStart?: () => void
  /** Called when it runs again; exactly once for each `onWaitStart`. */
  readonly onWaitEnd?: () => void
}

/**
 * The writing end of a lane. One thread, one `LaneWriter`. It keeps no position of its own: the shared words are the only
 * state, so an exception at any instruction (stack exhaustion too) leaves the lane as it was before or after the record.
 *
 * @example
 * ```ts
 * const writer = new LaneWriter(memory)
 * if (!writer.tryWrite(bytes)) refuse('overloaded')
 * ```
 */
export class LaneWriter {
  readonly #cells: Cells
  readonly #capacityBytes: number
  readonly #largestRecordBytes: number
  readonly #onCommit: (() => void) | undefined

  /** @throws {BulkheadError} `usage` when the buffer is not a lane's. */
  constructor(memory: LaneMemory, options: LaneWriterOptions = {}) {
    this.#cells = options.cells ?? new SharedCells(memory)
    this.#capacityBytes = this.#cells.capacityBytes
    this.#largestRecordBytes = largestRecordBytes(this.#capacityBytes)
    this.#onCommit = options.onCommit
  }

  /** The most bytes that one record may have. */
  get recordBytesMax(): number {
    return this.#largestRecordBytes
  }

  /** Whether the reader has said that it will read no more. */
  get readerClosed(): boolean {
    return this.#cells.load(cell.readerClosed) !== 0
  }

  /** The bytes that one record could have right now; 0 when there is no room or nobody to read. */
  capacity(): number {
    if (this.readerClosed) return 0
    return Math.max(0, Math.min(this.#largestRecordBytes, this.#freeBytes() - frameBytes))
  }

  /** Whether the reader has read everything that was written. */
  drained(): boolean {
    return this.#cells.load(cell.head) === this.#cells.load(cell.tail)
  }

  /** The position after the newest record: where the next one will stand. It wraps at 2³². */
  position(): number {
    return this.#cells.load(cell.tail)
  }

  /** Where the reader stands, by its own account: all before it was read. It wraps at 2³². */
  readPosition(): number {
    return this.#cells.load(cell.head)
  }

  /** The word of whoever made the lane. */
  ownerWord(): number {
    return this.#cells.load(cell.owner)
  }

  /**
   * Writes one record, or does nothing and answers `false` when there is no room or the reader has closed.
   *
   * @param record the bytes; copied.
   * @param byteLength how many of them, from the start; all unless said.
   * @throws {BulkheadError} `resource-limit-exceeded` when no lane of this capacity could hold it; `usage` after `close`.
   * @throws {LaneCorruption} when the reader's position cannot be.
   */
  tryWrite(record: Uint8Array, byteLength: number = record.length): boolean {
    const cells = this.#cells
    if (byteLength > this.#largestRecordBytes) throw this.#tooLarge(byteLength)
    if (cells.load(cell.writerClosed) !== 0) throw new BulkheadError('usage', 'the lane is closed by its own writer')
    if (cells.load(cell.readerClosed) !== 0) return false
    const tail = cells.load(cell.tail)
    const framed = framedBytes(byteLength)
    if (framed > this.#freeBytes()) return false
    const at = tail & (this.#capacityBytes - 1)
    cells.putLength(at, byteLength)
    this.#fill((at + frameBytes) & (this.#capacityBytes - 1), record, byteLength)
    cells.store(cell.tail, (tail + framed) >>> 0) // the commit
    if (cells.load(cell.readerWaiting) !== 0) cells.notify(cell.tail)
    this.#onCommit?.()
    return true
  }

  /**
   * Writes one record and blocks the thread while there is no room. Never on a thread whose event loop must run.
   *
   * @returns whether it was written: `false` when `waitMs` passed or the reader closed.
   * @throws as `tryWrite`.
   */
  write(record: Uint8Array, options: WriteOptions, byteLength: number = record.length): boolean {
    if (this.tryWrite(record, byteLength)) return true
    if (this.readerClosed) return false
    options.onWaitStart?.()
    try {
      return this.#writeWaiting(record, byteLength, options.waitMs)
    } finally {
      options.onWaitEnd?.()
    }
  }

  /** Says that nothing more will come. The reader still gets what was written. */
  close(): void {
    this.#cells.store(cell.writerClosed, 1)
    this.#cells.notify(cell.tail)
    this.#onCommit?.()
  }

  #writeWaiting(record: Uint8Array, byteLength: number, waitMs: number): boolean {
    const cells = this.#cells
    const untilMs = performance.now() + waitMs
    for (;;) {
      // The flag goes up before the last look, and the reader looks at it after it moved `head`: one of them sees the other.
      cells.store(cell.writerWaiting, 1)
      const head = cells.load(cell.head)
      if (this.tryWrite(record, byteLength)) break
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0 || this.readerClosed) {
        cells.store(cell.writerWaiting, 0)
        return false
      }
      cells.wait(cell.head, head, Math.min(leftMs, waitSliceMs))
    }
    cells.store(cell.writerWaiting, 0)
    return true
  }

  #freeBytes(): number {
    const used = (this.#cells.load(cell.tail) - this.#cells.load(cell.head)) >>> 0
    if (used > this.#capacityBytes) {
      throw new LaneCorruption('reader', 'the reader of a lane stands where nothing was written', { used })
    }
    return this.#capacityBytes - used
  }

  #fill(at: number, record: Uint8Array, byteLength: number): void {
    const untilEnd = this.#capacityBytes - at
    if (byteLength <= untilEnd) {
      this.#cells.copyIn(at, record, 0, byteLength)
      return
    }
    this.#cells.copyIn(at, record, 0, untilEnd)
    this.#cells.copyIn(0, record, untilEnd, byteLength)
  }

  #tooLarge(byteLength: number): BulkheadError {
    return new BulkheadError('resource-limit-exceeded', `a record of ${byteLength} bytes is too large for its lane`, {
      details: { resource: 'lane record', limit: this.#largestRecordBytes },
      hint: `at most ${this.#largestRecordBytes} bytes: send it in pieces`,
    })
  }
}
