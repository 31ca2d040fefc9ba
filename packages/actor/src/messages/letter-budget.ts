import { letterBytesBurst, letterBytesPerSecond } from '../limits.js'

/** What a letter costs beside its body, in bytes. */
const letterBytes = 512

/**
 * How much of a guest's unanswerable requests, and of messages that it is not handed, the host is told with their bodies.
 * Its queue has no bound of its own, and the rate of messages counts none of their bytes.
 */
export class LetterBudget {
  readonly #now: () => bigint
  #spentBytes = 0
  #atNs = 0n

  constructor(now: () => bigint) {
    this.#now = now
  }

  /** Takes the cost of one letter, or nothing: then it is not to be sent. */
  take(bodyBytes: number): boolean {
    this.#earn()
    const costBytes = bodyBytes + letterBytes
    if (this.#spentBytes + costBytes > letterBytesBurst) return false
    this.#spentBytes += costBytes
    return true
  }

  /** Takes it whatever is left. In how many milliseconds what it took too much is earned: to be waited for. */
  owe(bodyBytes: number): number {
    this.#earn()
    this.#spentBytes += bodyBytes + letterBytes
    return Math.max(0, ((this.#spentBytes - letterBytesBurst) / letterBytesPerSecond) * 1_000)
  }

  #earn(): void {
    const nowNs = this.#now()
    const earned = (Number(nowNs - this.#atNs) / 1e9) * letterBytesPerSecond
    this.#spentBytes = Math.max(0, this.#spentBytes - earned)
    this.#atNs = nowNs
  }
}
