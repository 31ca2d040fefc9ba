import { BulkheadError } from '@bulkhead/vocabulary'
import type { Authority } from './authority.js'
import { CpuShare } from './cpu-share.js'
import { ResourceExceeded } from './endings.js'
import { cpuReadingIntervalNs } from './limits.js'
import type { HostPowers } from './powers.js'

/** A whole core: more than one thread can use is no limit. */
const wholeCorePercent = 100

type ThrottlePowers = Pick<HostPowers, 'threadCpuNs' | 'monotonicNs' | 'wakeCount' | 'park'>

/**
 * Holds a guest to its share of a core: whoever used more waits at the door of its next host call (SPEC 9). The wait is
 * imposed by the guest's own quota, so its deadline counts it. A guest that makes no host call never comes here: the host
 * watches for that.
 */
export class CpuThrottle {
  readonly #powers: ThrottlePowers
  readonly #authority: Authority
  readonly #threadCpuNs: () => bigint
  readonly #share: CpuShare
  /** It may use a whole core now. */
  #isLifted = false
  #usedNs: bigint
  #readAtNs: bigint

  private constructor(powers: ThrottlePowers, authority: Authority, threadCpuNs: () => bigint, percent: number) {
    this.#powers = powers
    this.#authority = authority
    this.#threadCpuNs = threadCpuNs
    this.#readAtNs = powers.monotonicNs()
    this.#usedNs = threadCpuNs()
    this.#share = new CpuShare(percent, this.#readAtNs)
  }

  /**
   * `undefined` for a guest that may use a whole core. `present`, where there is one, goes on with the new share: what was
   * used stays used.
   *
   * @throws {ResourceExceeded} for a share of nothing.
   * @throws {BulkheadError} `platform-unsupported` where processor time cannot be told: a limit that is not kept is none.
   */
  static of(
    powers: ThrottlePowers,
    authority: Authority,
    percent: number,
    present?: CpuThrottle,
  ): CpuThrottle | undefined {
    if (percent >= wholeCorePercent) {
      if (present !== undefined) present.#isLifted = true
      return undefined
    }
    if (percent < 1) throw new ResourceExceeded('cpu', percent, 'its share of the processor is nothing')
    if (present !== undefined) {
      present.#share.change(percent, powers.monotonicNs())
      return present
    }
    const { threadCpuNs } = powers
    if (threadCpuNs === undefined) {
      throw new BulkheadError('platform-unsupported', `a share of ${percent} % of a core cannot be kept here`, {
        hint: 'this platform does not tell the processor time of one thread: leave out `cpu`',
      })
    }
    return new CpuThrottle(powers, authority, threadCpuNs, percent)
  }

  /** Waits until what was used is paid for. */
  admit(): void {
    const nowNs = this.read()
    if (this.#share.debtNs(nowNs) > 0n) this.#wait()
  }

  /**
   * Pays for what was used, every few milliseconds; answers the present instant. At the end of a host call too: what a
   * guest saves up while it waits in one is bounded there.
   */
  read(): bigint {
    const nowNs = this.#powers.monotonicNs()
    if (nowNs - this.#readAtNs < cpuReadingIntervalNs) return nowNs
    const usedNs = this.#threadCpuNs()
    this.#share.pay(usedNs - this.#usedNs, nowNs)
    this.#usedNs = usedNs
    this.#readAtNs = nowNs
    return nowNs
  }

  #wait(): void {
    // What is only counted must not stay unwritten while the guest sleeps.
    this.#authority.flush()
    for (;;) {
      const seen = this.#powers.wakeCount()
      // A larger share ends a wait that may be long; and what is open is closed where it is not allowed any more.
      this.#authority.refresh()
      const nowNs = this.#powers.monotonicNs()
      const debtNs = this.#isLifted ? 0n : this.#share.debtNs(nowNs)
      if (debtNs === 0n) return
      this.#powers.park(seen, nowNs + debtNs)
    }
  }
}
