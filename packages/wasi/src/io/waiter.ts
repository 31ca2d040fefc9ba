import type { Authority } from '../authority.js'
import type { HostPowers } from '../powers.js'

type WaiterPowers = Pick<HostPowers, 'wakeCount' | 'park' | 'monotonicNs'>

/**
 * The one place where a host call blocks.
 *
 * The wake word is read before looking, so that what happens between the look and the sleep ends the sleep at once. After
 * each wake the policy version is loaded and published, and what is open is decided again: a wait whose request is no
 * longer allowed finds its handle closed and ends (D3).
 */
export class Waiter {
  readonly #powers: WaiterPowers
  readonly #authority: Authority

  constructor(powers: WaiterPowers, authority: Authority) {
    this.#powers = powers
    this.#authority = authority
  }

  nowNs(): bigint {
    return this.#powers.monotonicNs()
  }

  /** Returns when `isReady` says so, or at `dueNs`. */
  wait(isReady: () => boolean, dueNs?: bigint): void {
    for (;;) {
      const seen = this.#powers.wakeCount()
      this.#authority.catchUp()
      if (isReady()) return
      if (dueNs !== undefined && this.#powers.monotonicNs() >= dueNs) return
      // What is only counted must not stay unwritten while the guest sleeps.
      this.#authority.flush()
      this.#authority.rest()
      this.#powers.park(seen, dueNs)
      this.#authority.enter()
    }
  }
}
