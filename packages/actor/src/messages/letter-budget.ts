import { letterBytesBurst, letterBytesPerSecond } from '../limits.js'

/** What a letter costs beside its body, in bytes. */
const letterBytes = 512

/**
 * How much of a guest's unanswerable requests the host is told, with their bodies. Its queue has no bound of its own, and
 * the rate of messages counts none of their bytes.
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
    const nowNs = this.#now()
    const earned = (Number(nowNs - this.#atNs) / 1e9) * letterBytesPerSecond
    this.#spentBytes = Math.max(0, this.#spentBytes - earned)
    this.#atNs = nowNs
    const costBytes = bodyBytes + letterBytes
    if (this.#spentBytes + costBytes > letterBytesBurst) return false
    this.#spentBytes += costBytes
    return true
  }
}
