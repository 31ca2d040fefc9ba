import { callsPerSecondMax } from './limits.js'

/**
 * Holds one incarnation to a rate of calls: they run on the thread that is the host application's own, and none of its guests
 * may keep that busy with calls alone. Who is too fast waits, with its own deadline.
 */
export class CallPace {
  readonly #nowNs: () => bigint
  #arrivalNs = 0n

  constructor(nowNs: () => bigint) {
    this.#nowNs = nowNs
  }

  /** Resolves when the call's turn has come. */
  async turn(): Promise<void> {
    const nowNs = this.#nowNs()
    if (this.#arrivalNs < nowNs) this.#arrivalNs = nowNs
    const aheadNs = this.#arrivalNs - nowNs - burstNs
    this.#arrivalNs += costNs
    if (aheadNs > 0n) await new Promise((resolve) => setTimeout(resolve, Number(aheadNs) / 1e6))
  }
}

const burstNs = 1_000_000_000n
const costNs = burstNs / BigInt(callsPerSecondMax)
