import { type SlotMemory, slotHeaderBytes } from './slot.js'

/**
 * Everything that the ends of a slot do to shared memory, so that a test can stop either of them after any numbered step,
 * or let the other one act in between.
 */
export type SlotCells = {
  readonly load: (word: number) => number
  readonly store: (word: number, value: number) => void
  /** Whether the word was `expected`, and is `next` now. */
  readonly exchange: (word: number, expected: number, next: number) => boolean
  readonly loadInstant: (instant: number) => bigint
  readonly storeInstant: (instant: number, value: bigint) => void
  readonly putRequest: (bytes: Uint8Array) => void
  readonly getRequest: (length: number) => Uint8Array
  readonly putPage: (bytes: Uint8Array) => void
  /** Copies the page's first `length` bytes to `target` from `at` on. */
  readonly getPage: (target: Uint8Array, at: number, length: number) => void
  /** Adds to the caller's wake word and wakes it. */
  readonly wakeCaller: () => void
}

/** The real cells, over a slot's memory. */
export class SharedSlotCells implements SlotCells {
  readonly #words: Int32Array
  readonly #instants: BigInt64Array
  readonly #request: Uint8Array
  readonly #page: Uint8Array
  readonly #wake: Int32Array

  constructor({ buffer, requestBytes, pageBytes, wake }: SlotMemory) {
    this.#words = new Int32Array(buffer, 0, slotHeaderBytes / 4)
    this.#instants = new BigInt64Array(buffer, 0, slotHeaderBytes / 8)
    this.#request = new Uint8Array(buffer, slotHeaderBytes, requestBytes)
    this.#page = new Uint8Array(buffer, slotHeaderBytes + requestBytes, pageBytes)
    this.#wake = new Int32Array(wake.buffer, wake.byteOffset, 1)
  }

  load(word: number): number {
    return Atomics.load(this.#words, word)
  }

  store(word: number, value: number): void {
    Atomics.store(this.#words, word, value)
  }

  exchange(word: number, expected: number, next: number): boolean {
    return Atomics.compareExchange(this.#words, word, expected, next) === expected
  }

  loadInstant(instant: number): bigint {
    return Atomics.load(this.#instants, instant)
  }

  storeInstant(instant: number, value: bigint): void {
    Atomics.store(this.#instants, instant, value)
  }

  putRequest(bytes: Uint8Array): void {
    this.#request.set(bytes)
  }

  getRequest(length: number): Uint8Array {
    return this.#request.slice(0, length)
  }

  putPage(bytes: Uint8Array): void {
    this.#page.set(bytes)
  }

  getPage(target: Uint8Array, at: number, length: number): void {
    target.set(this.#page.subarray(0, length), at)
  }

  wakeCaller(): void {
    Atomics.add(this.#wake, 0, 1)
    Atomics.notify(this.#wake, 0)
  }
}
