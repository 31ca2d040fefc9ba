/** What the journal is doing, as the one word that it may be asleep on. */
const AWAKE = 0
/** Nothing to do: every commit wakes it. */
const ASLEEP = 1
/** It will look again in a moment: only who cannot wait wakes it. */
const NAPPING = 2

/** Makes the bell's memory. */
export function createBell(): SharedArrayBuffer {
  return new SharedArrayBuffer(4)
}

/**
 * The one word by which all writers wake the journal. Ringing costs one atomic load while the journal is awake; a ring
 * that comes just before the journal lies down is lost, which costs no more than the sleep's length.
 */
export class Bell {
  readonly #word: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#word = new Int32Array(buffer)
  }

  /** There is something new: wakes a journal that has nothing to do, leaves one alone that naps. */
  ringIfAsleep(): void {
    if (Atomics.load(this.#word, 0) === ASLEEP) this.#wake()
  }

  /** Somebody waits: wakes the journal whatever it does. */
  ring(): void {
    if (Atomics.load(this.#word, 0) !== AWAKE) this.#wake()
  }

  /** Sleeps until rung or `timeoutMs`, unless `hasWork` says, after the word is set, that something came meanwhile. */
  sleep(timeoutMs: number, hasWork: () => boolean): void {
    Atomics.store(this.#word, 0, ASLEEP)
    if (!hasWork()) Atomics.wait(this.#word, 0, ASLEEP, timeoutMs)
    Atomics.store(this.#word, 0, AWAKE)
  }

  /** Sleeps until somebody who waits rings, or `timeoutMs`. */
  nap(timeoutMs: number): void {
    Atomics.store(this.#word, 0, NAPPING)
    Atomics.wait(this.#word, 0, NAPPING, timeoutMs)
    Atomics.store(this.#word, 0, AWAKE)
  }

  #wake(): void {
    Atomics.store(this.#word, 0, AWAKE)
    Atomics.notify(this.#word, 0)
  }
}
