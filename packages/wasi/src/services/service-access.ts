import type { SlotOutcome } from '@bulkhead/lane'
import type { Authority } from '../authority.js'
import type { Waiter } from '../io/waiter.js'
import type { HostPowers, ServiceName } from '../powers.js'

/** Why a service has no answer: it is not there, its call was ended from outside, or a deadline passed. */
export type ServiceEnd = 'down' | 'refused' | 'expired'

/** Thrown by {@link ServiceAccess.ask}; each interface turns it into an error of its own. */
export class ServiceEnded {
  readonly end: ServiceEnd
  /** Whether the service had begun, so that the effect may have happened. */
  readonly began: boolean

  constructor(end: ServiceEnd, began: boolean) {
    this.end = end
    this.began = began
  }
}

/**
 * A service that all actors share, as the host functions of one guest call it: one call at a time, and none while a poll is
 * open. What it is asked for has been decided and recorded here already; it is decided again on the far side (DESIGN D1).
 */
export class ServiceAccess {
  readonly #open: () => ServiceCaller | 'opening' | 'down'
  readonly #waiter: Waiter
  readonly #authority: Authority

  constructor(name: ServiceName, powers: Pick<HostPowers, 'openService'>, waiter: Waiter, authority: Authority) {
    this.#open = () => powers.openService?.(name) ?? 'down'
    this.#waiter = waiter
    this.#authority = authority
  }

  /**
   * Asks and blocks until the answer is there. `stillAllowed` is asked after each wake-up, and decides the request again by
   * the newest rules: when it says no, the call is given up and whatever the service still does of it is undone or counted
   * there.
   *
   * @throws {ServiceEnded}
   */
  ask(request: Uint8Array, stillAllowed: () => boolean, untilNs?: bigint): Uint8Array {
    const caller = this.#caller(stillAllowed, untilNs)
    if (!caller.post(request, untilNs)) throw new ServiceEnded('down', false)
    let outcome: SlotOutcome | undefined
    this.#waiter.wait(() => {
      outcome = caller.settled() ?? (stillAllowed() ? undefined : caller.giveUp('given-up'))
      return outcome !== undefined
    }, untilNs)
    return answerOf(outcome ?? caller.giveUp('expired'))
  }

  /** The way to post a call without waiting for it: for a poll over handles of the service and others besides. */
  caller(): ServiceCaller | undefined {
    const caller = this.#open()
    return typeof caller === 'string' ? undefined : caller
  }

  #caller(stillAllowed: () => boolean, untilNs: bigint | undefined): ServiceCaller {
    let caller = this.#open()
    if (caller === 'opening') {
      this.#waiter.wait(() => {
        caller = this.#open()
        return caller !== 'opening' || !stillAllowed()
      }, untilNs)
    }
    // Nothing of ours was asked yet: the rules that let us wait must let us ask.
    if (this.#authority.isBehind || !stillAllowed()) throw new ServiceEnded('refused', false)
    if (caller === 'opening') throw new ServiceEnded('expired', false)
    if (caller === 'down') throw new ServiceEnded('down', false)
    return caller
  }
}

/** What {@link ServiceAccess} needs of a `SlotCaller`. */
export type ServiceCaller = {
  readonly post: (request: Uint8Array, untilNs?: bigint) => boolean
  readonly settled: () => SlotOutcome | undefined
  readonly giveUp: (kind: 'expired' | 'given-up') => SlotOutcome
}

function answerOf(outcome: SlotOutcome): Uint8Array {
  switch (outcome.kind) {
    case 'answer':
      return outcome.bytes
    case 'given-up':
      throw new ServiceEnded('refused', outcome.began)
    case 'expired':
      throw new ServiceEnded('expired', outcome.began)
    case 'failed':
      throw new ServiceEnded('down', outcome.began)
    case 'closed':
      throw new ServiceEnded('down', false)
  }
}
