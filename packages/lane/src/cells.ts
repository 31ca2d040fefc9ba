import { headerBytes, type LaneMemory, laneCapacityBytes } from './lane.js'

/**
 * Everything that a lane does to shared memory. The writer and the reader go through it alone, so that a test can stop
 * the writer after any numbered step and look at what is left.
 */
export type Cells = {
  readonly capacityBytes: number
  /** One atomic load, as an unsigned number. */
  readonly load: (cell: number) => number
  /** One atomic store. */
  readonly store: (cell: number, value: number) => void
  /** Blocks this thread while the cell holds `seen`, at most `timeoutMs`. */
  readonly wait: (cell: number, seen: number, timeoutMs: number) => void
  /** Resolves when the cell is notified; `undefined` when it does not hold `seen` any more or the engine cannot do it. */
  readonly waitAsync: (cell: number, seen: number) => Promise<unknown> | undefined
  readonly notify: (cell: number) => void
  readonly putLength: (offset: number, length: number) => void
  readonly getLength: (offset: number) => number
  /** Copies `source[from, to)` to the ring at `offset`; never across its end. */
  readonly copyIn: (offset: number, source: Uint8Array, from: number, to: number) => void
  /** Copies from the ring at `offset` to `target[from, to)`; never across its end. */
  readonly copyOut: (offset: number, target: Uint8Array, from: number, to: number) => void
}

type WaitAsync = (
  cells: Int32Array,
  index: number,
  value: number,
) => { readonly async: boolean; readonly value: unknown }

/** The real cells, over a lane's memory. */
export class SharedCells implements Cells {
  readonly capacityBytes: number
  readonly #header: Int32Array
  readonly #lengths: Uint32Array
  readonly #bytes: Uint8Array

  /** @throws {BulkheadError} `usage` when the buffer is not a lane's. */
  constructor(memory: LaneMemory) {
    this.capacityBytes = laneCapacityBytes(memory)
    this.#header = new Int32Array(memory.buffer, 0, headerBytes / 4)
    this.#lengths = new Uint32Array(memory.buffer, headerBytes)
    this.#bytes = new Uint8Array(memory.buffer, headerBytes)
  }

  load(cell: number): number {
    return Atomics.load(this.#header, cell) >>> 0
  }

  store(cell: number, value: number): void {
    Atomics.store(this.#header, cell, value | 0)
  }

  wait(cell: number, seen: number, timeoutMs: number): void {
    Atomics.wait(this.#header, cell, seen | 0, timeoutMs)
  }

  waitAsync(cell: number, seen: number): Promise<unknown> | undefined {
    const waitAsync = (Atomics as { readonly waitAsync?: WaitAsync }).waitAsync
    const answer = waitAsync?.(this.#header, cell, seen | 0)
    return answer?.async === true ? (answer.value as Promise<unknown>) : undefined
  }

  notify(cell: number): void {
    Atomics.notify(this.#header, cell)
  }

  putLength(offset: number, length: number): void {
    this.#lengths[offset >>> 2] = length
  }

  getLength(offset: number): number {
    return this.#lengths[offset >>> 2] ?? 0
  }

  copyIn(offset: number, source: Uint8Array, from: number, to: number): void {
    this.#bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), offset)
  }

  copyOut(offset: number, target: Uint8Array, from: number, to: number): void {
    target.set(this.#bytes.subarray(offset, offset + to - from), from)
  }
}
