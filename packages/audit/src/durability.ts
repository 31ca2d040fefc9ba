/** How far the ring is on the disk, as a position of its lane. */
const REACHED = 0
/** Not 0 while the journal is stalled. */
const STALLED = 1

const waitSliceMs = 250

/** Makes the memory between who records and who vouches that the disk has it. */
export function createDurability(): SharedArrayBuffer {
  return new SharedArrayBuffer(8)
}

/**
 * Strict mode's answer to one writer: how far what it recorded is on the disk, or that nobody can say so now.
 *
 * Positions are unsigned 32-bit words that wrap; they are compared by their distance, which no ring is as large as.
 */
export class Durability {
  readonly #words: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer)
  }

  /** Whether the journal makes no progress: nothing that needs a record may be done. */
  get stalled(): boolean {
    return Atomics.load(this.#words, STALLED) !== 0
  }

  /** Whether everything before `position` is on the disk. */
  covers(position: number): boolean {
    return ((Atomics.load(this.#words, REACHED) - position) | 0) >= 0
  }

  /** Everything before `position` is on the disk: whoever waits for it goes on. */
  reach(position: number): void {
    Atomics.store(this.#words, REACHED, position | 0)
    Atomics.notify(this.#words, REACHED)
  }

  setStalled(stalled: boolean): void {
    Atomics.store(this.#words, STALLED, stalled ? 1 : 0)
    Atomics.notify(this.#words, REACHED)
  }

  /** Blocks the thread until the disk has everything before `position`: `false` when the journal stalled first. */
  wait(position: number): boolean {
    for (;;) {
      const seen = Atomics.load(this.#words, REACHED)
      if (this.covers(position)) return true
      if (this.stalled) return false
      Atomics.wait(this.#words, REACHED, seen, waitSliceMs)
    }
  }
}
