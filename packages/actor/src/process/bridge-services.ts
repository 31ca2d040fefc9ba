import { createSlot, createSlotBell, SlotBell, SlotHost, type SlotMemory, SlotServer, WakeSlices } from '@bulkhead/lane'
import type { ServiceName } from '@bulkhead/wasi'
import type { Channel } from '../channel.js'
import type { ServiceClaim, ServiceNews } from '../services/service-protocol.js'
import { requestMsMax, serviceLookMs, servicePollMs } from './limits.js'

export type BridgeServicesPowers = {
  /** To the actor's worker. */
  readonly channel: Pick<Channel, 'serviceWake' | 'giveService'>
  readonly send: (claim: ServiceClaim) => void
  /** Nanoseconds on the worker's scale. */
  readonly nowNs: () => bigint
}

/** One service, as the bridge serves it to its worker. */
type Bridged = { readonly server: SlotServer; readonly slot: SlotHost; inHand: number | undefined }

/**
 * The services of an actor in a process of its own, on its side: the worker calls through slots as everywhere, and what it
 * calls is carried to the host, which has the real ones.
 */
export class BridgeServices {
  readonly #powers: BridgeServicesPowers
  readonly #bellMemory = createSlotBell()
  readonly #bell = new SlotBell(this.#bellMemory)
  readonly #slices = new WakeSlices(serviceLookMs, servicePollMs)
  readonly #bridged = new Map<ServiceName, Bridged>()
  #number = 0
  #isServing = false

  constructor(powers: BridgeServicesPowers) {
    this.#powers = powers
  }

  obey(news: ServiceNews): void {
    if (news.kind === 'service-given') this.#give(news.service, news.sizes)
    else this.#answered(news)
  }

  #give(service: ServiceName, sizes: Pick<SlotMemory, 'requestBytes' | 'pageBytes'> | 'down'): void {
    const { channel } = this.#powers
    if (sizes === 'down') {
      channel.giveService(service, 'down')
      return
    }
    const slot = createSlot({ ...sizes, wake: channel.serviceWake, bell: this.#bellMemory })
    this.#bridged.set(service, { server: new SlotServer(slot), slot: new SlotHost(slot), inHand: undefined })
    channel.giveService(service, slot)
    void this.#serve()
  }

  #answered({ service, number, outcome }: Extract<ServiceNews, { readonly kind: 'service-answer' }>): void {
    const bridged = this.#bridged.get(service)
    // The worker may have given it up meanwhile.
    if (bridged === undefined || bridged.inHand !== number) return
    bridged.inHand = undefined
    if (outcome.kind === 'answer') {
      bridged.server.answer(outcome.bytes)
      return
    }
    bridged.server.drop()
    if (outcome.kind === 'closed') bridged.slot.close()
    else bridged.slot.fail()
  }

  /** From the first service on, for as long as the process runs. */
  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    for (;;) {
      this.#bell.announce(true)
      const seen = this.#bell.count()
      let hasDone = false
      for (const [service, bridged] of this.#bridged) hasDone = this.#attend(service, bridged) || hasDone
      if (!hasDone) await this.#slices.pause(() => this.#bell.parkAsync(seen), false)
    }
  }

  /** Does what can be done now; whether anything was. */
  #attend(service: ServiceName, bridged: Bridged): boolean {
    const { server, inHand } = bridged
    if (server.turnPage()) return true
    if (inHand !== undefined && server.isAbandoned) {
      bridged.inHand = undefined
      server.drop()
      this.#powers.send({ kind: 'service-cancel', service, number: inHand })
      return true
    }
    const call = server.hasCall ? server.take(this.#powers.nowNs()) : undefined
    if (call === undefined) return false
    const number = ++this.#number
    bridged.inHand = number
    this.#powers.send({ kind: 'service-call', service, number, ...this.#waitOf(call.untilNs), request: call.request })
    return true
  }

  #waitOf(untilNs: bigint | undefined): { readonly waitMs?: number } {
    if (untilNs === undefined) return {}
    const waitMs = Math.max(0, Math.ceil(Number(untilNs - this.#powers.nowNs()) / 1e6))
    return waitMs <= requestMsMax ? { waitMs } : {}
  }
}
