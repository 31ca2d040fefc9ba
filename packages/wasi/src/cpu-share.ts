import { cpuBurstNs } from './limits.js'

/**
 * A share of one core, kept as one instant: until when the processor time that was used has been paid for by time that
 * passed. Integers, rounded against the guest once for each payment (GCRA, SPEC 12); no state but the instant.
 *
 * INVARIANT (burst): after each payment the instant is at most `cpuBurstNs` in the past, so that a guest that idled for an
 * hour has saved up one second's worth and no more.
 *
 * @example
 * ```ts
 * const share = new CpuShare(50, nowNs)
 * share.pay(usedNs, laterNs)
 * const waitNs = share.debtNs(laterNs) // 0n, or how long the guest has to wait
 * ```
 */
export class CpuShare {
  #percent: bigint
  #paidUntilNs: bigint

  /** @param percent of one core; at least 1. */
  constructor(percent: number, nowNs: bigint) {
    this.#percent = BigInt(percent)
    this.#paidUntilNs = nowNs - cpuBurstNs
  }

  /** What was used so far stays as it was paid; what is still owed is owed at the better of the two shares. */
  change(percent: number, nowNs: bigint): void {
    const share = BigInt(percent)
    const owedNs = this.debtNs(nowNs)
    if (owedNs > 0n && share > this.#percent) this.#paidUntilNs = nowNs + (owedNs * this.#percent + share - 1n) / share
    this.#percent = share
  }

  /** Pays for the processor time that was used since the last payment. */
  pay(usedNs: bigint, nowNs: bigint): void {
    this.#paidUntilNs += (usedNs * 100n + this.#percent - 1n) / this.#percent
    // Only now: the time that passed since the last payment pays for what was used in it, however long it was.
    const oldest = nowNs - cpuBurstNs
    if (this.#paidUntilNs < oldest) this.#paidUntilNs = oldest
  }

  /** How many nanoseconds have to pass before more may be used. */
  debtNs(nowNs: bigint): bigint {
    return this.#paidUntilNs > nowNs ? this.#paidUntilNs - nowNs : 0n
  }
}
