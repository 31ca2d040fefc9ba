import { SlotCaller } from '@bulkhead/lane'
import type { HostPowers, ServiceCaller, ServiceName } from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import { serviceAskAgainMs } from '../limits.js'
import type { PortPump } from '../port-pump.js'
import type { ServiceGiven, ServiceWanted } from './service-protocol.js'

export type GuestServicesPowers = {
  readonly ledger: Pick<Ledger, 'wakeCount'>
  readonly pump: Pick<PortPump, 'drain' | 'onServices'>
  readonly post: (wanted: ServiceWanted) => void
  readonly now: () => bigint
  readonly park: HostPowers['park']
}

/** What the guest's thread has of one service. */
type Held =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly caller: SlotCaller; isClosed: boolean }
  | { readonly kind: 'down'; readonly sinceNs: bigint }

const askAgainNs = BigInt(serviceAskAgainMs) * 1_000_000n

/**
 * The services as the guest's thread has them. The host is asked for a slot at the first use, so that a guest which uses
 * none costs none; it is asked again when the service was down, or came down, after a while.
 */
export class GuestServices {
  readonly #powers: GuestServicesPowers
  readonly #held = new Map<ServiceName, Held>()

  constructor(powers: GuestServicesPowers) {
    this.#powers = powers
    powers.pump.onServices((given) => this.#take(given))
  }

  open(service: ServiceName): ServiceCaller | 'opening' | 'down' {
    const held = this.#held.get(service)
    if (held === undefined) return this.#want(service)
    switch (held.kind) {
      case 'opening':
        return this.#lookAgain(service)
      case 'open':
        return held.isClosed ? this.#want(service) : callerOf(held)
      case 'down':
        return this.#powers.now() - held.sinceNs < askAgainNs ? 'down' : this.#want(service)
    }
  }

  #want(service: ServiceName): 'opening' {
    this.#held.set(service, { kind: 'opening' })
    this.#powers.post({ kind: 'service-wanted', service })
    return 'opening'
  }

  /** The wake word has moved, or soon will: what the host has posted is in the port before it does. */
  #lookAgain(service: ServiceName): ServiceCaller | 'opening' | 'down' {
    this.#powers.pump.drain()
    const held = this.#held.get(service)
    if (held?.kind === 'open') return callerOf(held)
    return held?.kind === 'down' ? 'down' : 'opening'
  }

  #take({ service, slot }: ServiceGiven): void {
    const { ledger, now, park } = this.#powers
    if (slot === 'down') {
      this.#held.set(service, { kind: 'down', sinceNs: now() })
      return
    }
    const caller = new SlotCaller(slot, { nowNs: now, wakeCount: () => ledger.wakeCount(), park })
    this.#held.set(service, { kind: 'open', caller, isClosed: false })
  }
}

function callerOf(held: Extract<Held, { readonly kind: 'open' }>): ServiceCaller {
  const { caller } = held
  return {
    post: (request, untilNs) => {
      const isOpen = caller.post(request, untilNs)
      if (!isOpen) held.isClosed = true
      return isOpen
    },
    settled: () => caller.settled(),
    giveUp: (kind) => caller.giveUp(kind),
  }
}
