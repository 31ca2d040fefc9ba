import type { OutputPace } from '@bulkhead/actor'
import type { Spent } from '@bulkhead/quota'

const secondNs = 1_000_000_000

/**
 * How many bytes of log a child may write: a rate of which one second's worth may be saved up. A piece is taken whole where
 * anything is left, and the next one waits until it is paid for, so that no rate is too small for a piece.
 *
 * INVARIANT (paid): over any time, what was taken is at most the rate × the time, one second's worth, and one piece.
 *
 * @param bytesPerHour asked each time: another quota is in force at once.
 */
export class LogRate implements OutputPace {
  readonly #bytesPerHour: () => number
  readonly #nowNs: () => bigint
  /** When all that was taken is paid for. */
  #paidNs = 0

  constructor(bytesPerHour: () => number, nowNs: () => bigint) {
    this.#bytesPerHour = bytesPerHour
    this.#nowNs = nowNs
  }

  /** Zero is none: it keeps nobody waiting, and nothing of it is kept. */
  get isNothing(): boolean {
    return this.#bytesPerHour() === 0
  }

  readonly waitMs = (): number => (this.isNothing ? 0 : Math.max(0, Math.ceil((this.#owedNs() - secondNs) / 1e6)))

  readonly charge = (bytes: number): void => {
    if (this.isNothing) return
    const costNs = (bytes * 3_600 * secondNs) / this.#bytesPerHour()
    this.#paidNs = Number(this.#nowNs()) + this.#owedNs() + costNs
  }

  spent(): Spent {
    const limit = Math.ceil(this.#bytesPerHour() / 3_600)
    return { used: Math.min(limit, Math.round((this.#owedNs() / secondNs) * limit)), limit }
  }

  #owedNs(): number {
    return Math.max(0, this.#paidNs - Number(this.#nowNs()))
  }
}
