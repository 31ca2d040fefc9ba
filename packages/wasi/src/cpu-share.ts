import { cpuBurstNs } from './limits.js'

/**
 * A share of one core, kept as one instant: until when the processor time that was used has been paid for by time that
 * passed. Integers, rounded against the guest once for each payment (GCRA, SPEC 12); no state but the instant.
 *
 * INVARIANT (burst): the instant is never more than `cpuBurstNs` in the past when something is paid, so that a guest that
 * idled for an hour has saved up one second's worth and no more.
 *
 * @example
 * ```ts
 * const share = new CpuShare(50, nowNs)
 * const waitNs = share.pay(usedNs, nowNs) // 0n, or how long the guest has to wait
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

  /** What was used so far stays as it was paid. */
  set percent(percent: number) {
    this.#percent = BigInt(percent)
  }

  /** Pays for `usedNs` of processor time; answers how many nanoseconds have to pass before more may be used. */
  pay(usedNs: bigint, nowNs: bigint): bigint {
    const oldest = nowNs - cpuBurstNs
    if (this.#paidUntilNs < oldest) this.#paidUntilNs = oldest
    this.#paidUntilNs += (usedNs * 100n + this.#percent - 1n) / this.#percent
    return this.#paidUntilNs > nowNs ? this.#paidUntilNs - nowNs : 0n
  }
}
