import { SharedWords, type Words } from './words.js'

// Each word has a cache line of its own.
const CACHE_LINE_WORDS = 16
const word = { count: 0, waiting: CACHE_LINE_WORDS, ready: 2 * CACHE_LINE_WORDS } as const
const bellBytes = (word.ready + 2) * 4

/** The one word on which a receiver blocks, whoever wakes it. */
export type Wake = {
  /** Wakes the receiver, whatever it waits for. */
  readonly wake: () => void
  readonly count: () => number
  /** Blocks until `wake` was called after `seen` was counted, or `timeoutMs` passed. */
  readonly park: (seen: number, timeoutMs: number) => void
}

/** Makes the memory of a bell. */
export function createBell(): SharedArrayBuffer {
  return new SharedArrayBuffer(bellBytes)
}

/**
 * The bell of a mailbox: the one piece of its memory that all its senders share. It holds hints and nothing else: a word
 * that wakes the receiver, and one bit a lane that says where to look first. Whoever is killed while ringing, or
 * scribbles over the bell, delays a receiver until its next sweep and does no other harm.
 *
 * The host wakes the receiver by the same word for its own reasons (input, newer rules, a stop), so that a worker has to
 * block on one word only.
 */
export class Bell implements Wake {
  readonly #words: Words

  constructor(memory: SharedArrayBuffer, words: Words = new SharedWords(memory)) {
    this.#words = words
  }

  /** Says that the lane of this slot holds something; called after the commit. */
  ring(slot: number): void {
    const words = this.#words
    const at = word.ready + (slot >>> 5)
    const bit = 1 << (slot & 31)
    if ((words.load(at) & bit) === 0) words.or(at, bit)
    // The receiver puts its flag up before its last look at the bits: one of them sees the other.
    if (words.load(word.waiting) !== 0 && words.exchange(word.waiting, 0) !== 0) this.wake()
  }

  wake(): void {
    this.#words.add(word.count, 1)
    this.#words.notify(word.count)
  }

  count(): number {
    return this.#words.load(word.count)
  }

  park(seen: number, timeoutMs: number): void {
    this.#words.wait(word.count, seen, timeoutMs)
  }

  /** `undefined` when there is nothing to wait for or the engine cannot wait so. */
  parkAsync(seen: number): Promise<unknown> | undefined {
    return this.#words.waitAsync(word.count, seen)
  }

  /** The receiver is about to look for the last time before it blocks, or is awake again. */
  announce(waiting: boolean): void {
    this.#words.store(word.waiting, waiting ? 1 : 0)
  }

  /** Whether a lane was rung for that nobody has looked at yet. */
  hasRung(): boolean {
    return (this.#words.load(word.ready) | this.#words.load(word.ready + 1)) !== 0
  }

  /** The slots of one half (0 or 1) that were rung since the last time, as bits; the lanes are looked at after this. */
  takeReady(half: 0 | 1): number {
    return this.#words.load(word.ready + half) === 0 ? 0 : this.#words.exchange(word.ready + half, 0)
  }
}
