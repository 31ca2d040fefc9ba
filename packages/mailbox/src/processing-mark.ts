import { SharedWords, type Words } from './words.js'

const word = { lane: 0, position: 1, attempt: 2 } as const

/** What a worker says that it is processing. */
export type Mark = { readonly lane: number; readonly position: number; readonly attempt: number }

/** Makes the memory of a mark. */
export function createProcessingMark(): SharedArrayBuffer {
  return new SharedArrayBuffer(12)
}

/**
 * Where a worker says which message it is processing, for whoever comes after it was killed (DESIGN D7).
 *
 * Order: `position` and `attempt`, then `lane`, then the handler runs, then the lane's `head` moves, then `lane` is
 * cleared. Killed before `lane` is stored, nothing was begun; killed after `head` moved, the mark's position is not the
 * lane's `head` any more, and nothing is left to do. The lane's id alone would not tell that end from a beginning: the
 * next message of the same lane would be taken for the one that was lost.
 *
 * It is a claim of the worker about its own messages, and judged as one (`planRecovery`).
 */
export class ProcessingMark {
  readonly #words: Words

  constructor(memory: SharedArrayBuffer, words: Words = new SharedWords(memory)) {
    this.#words = words
  }

  begin(mark: Mark): void {
    this.#words.store(word.position, mark.position)
    this.#words.store(word.attempt, mark.attempt)
    this.#words.store(word.lane, mark.lane)
  }

  end(): void {
    this.#words.store(word.lane, 0)
  }

  /** What was in processing; `undefined` when nothing was. */
  read(): Mark | undefined {
    const lane = this.#words.load(word.lane) >>> 0
    if (lane === 0) return undefined
    return { lane, position: this.#words.load(word.position) >>> 0, attempt: this.#words.load(word.attempt) >>> 0 }
  }
}
