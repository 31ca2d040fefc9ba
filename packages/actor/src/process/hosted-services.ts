import { SlotBell, SlotCaller, type SlotMemory, type SlotOutcome, WakeSlices, type WakeWord } from '@bulkhead/lane'
import type { ServiceName } from '@bulkhead/wasi'
import type { ServiceClaim, ServiceNews, ServiceWanted } from '../services/service-protocol.js'
import { BadClaim } from './from-child.js'
import { answersUnreadMax, serviceLookMs, servicePollMs } from './limits.js'

export type HostedServicesPowers = {
  /** Asks for the slot of a service; `give` is the answer. */
  readonly want: (wanted: ServiceWanted) => void
  /** Tells the bridge; `onSent` once the process has taken it from us. */
  readonly send: (news: ServiceNews, onSent: () => void) => void
  readonly nowNs: () => bigint
}

/** One service of the process. */
type Hosted = {
  readonly caller: SlotCaller
  readonly requestBytes: number
  open: { readonly number: number } | undefined
  lastNumber: number
  unread: number
}

/**
 * The services of an actor in a process of its own: what its bridge asks is posted to the real slots, where it is decided and
 * charged, and the answers go back. Never blocks.
 *
 * INVARIANT (claims): a call is a piece of bytes that fits its slot, one at a time. What is in it is judged by the service.
 */
export class HostedServices {
  readonly wake: WakeWord
  readonly #powers: HostedServicesPowers
  readonly #bell: SlotBell
  readonly #slices = new WakeSlices(serviceLookMs, servicePollMs)
  readonly #hosted = new Map<ServiceName, Hosted>()
  #isServing = false
  #isOver = false

  /** @param bell on which those who answer wake us. */
  constructor(bell: SharedArrayBuffer, powers: HostedServicesPowers) {
    this.wake = { buffer: bell, byteOffset: 0 }
    this.#bell = new SlotBell(bell)
    this.#powers = powers
  }

  /** @throws {BadClaim} for what no honest bridge asks. */
  hear(claim: ServiceClaim): void {
    switch (claim.kind) {
      case 'service-wanted':
        if (this.#hosted.get(claim.service)?.open !== undefined)
          throw new BadClaim('it has a call of that service open')
        this.#powers.want(claim)
        break
      case 'service-call':
        this.#call(claim)
        break
      case 'service-cancel':
        this.#cancel(claim.service, claim.number)
        break
    }
  }

  give(service: ServiceName, slot: SlotMemory | 'down'): void {
    if (slot === 'down') {
      this.#powers.send({ kind: 'service-given', service, sizes: 'down' }, () => {})
      return
    }
    const { requestBytes, pageBytes } = slot
    const caller = new SlotCaller(slot, {
      nowNs: this.#powers.nowNs,
      wakeCount: () => this.#bell.count(),
      park: neverBlocks,
    })
    const before = this.#hosted.get(service)
    this.#hosted.set(service, {
      ...{ caller, requestBytes, open: undefined },
      lastNumber: before?.lastNumber ?? 0,
      unread: before?.unread ?? 0,
    })
    this.#powers.send({ kind: 'service-given', service, sizes: { requestBytes, pageBytes } }, () => {})
  }

  /** The process has ended; its slots are closed by who made them. */
  leave(): void {
    this.#isOver = true
    this.#bell.wake()
  }

  #call({ service, number, waitMs, request }: Extract<ServiceClaim, { readonly kind: 'service-call' }>): void {
    const hosted = this.#hosted.get(service)
    if (hosted === undefined) throw new BadClaim('a call of a service that it was not given')
    if (hosted.open !== undefined) throw new BadClaim('two calls of one service at once')
    if (number <= hosted.lastNumber) throw new BadClaim('a call with an old number')
    if (request.length > hosted.requestBytes) throw new BadClaim('a call that is larger than its slot')
    if (hosted.unread >= answersUnreadMax) throw new BadClaim('it does not read what it is answered')
    hosted.lastNumber = number
    const untilNs = waitMs === undefined ? undefined : this.#powers.nowNs() + BigInt(waitMs) * 1_000_000n
    if (!hosted.caller.post(request, untilNs)) {
      this.#answer(service, hosted, number, { kind: 'closed' })
      return
    }
    hosted.open = { number }
    void this.#serve()
  }

  #cancel(service: ServiceName, number: number): void {
    const hosted = this.#hosted.get(service)
    // The answer may have crossed it.
    if (hosted?.open?.number !== number) return
    hosted.open = undefined
    hosted.caller.giveUp('given-up')
  }

  /** Waits while a call is open. */
  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    while (!this.#isOver && this.#hasOpen()) {
      const seen = this.#bell.count()
      this.#settle()
      if (this.#hasOpen()) await this.#slices.pause(() => this.#bell.parkAsync(seen), false)
    }
    this.#isServing = false
  }

  #hasOpen(): boolean {
    return [...this.#hosted.values()].some(({ open }) => open !== undefined)
  }

  #settle(): void {
    for (const [service, hosted] of this.#hosted) {
      const { open, caller } = hosted
      const outcome = open && caller.settled()
      if (open === undefined || outcome === undefined) continue
      hosted.open = undefined
      this.#answer(service, hosted, open.number, outcome)
    }
  }

  #answer(service: ServiceName, hosted: Hosted, number: number, outcome: SlotOutcome): void {
    hosted.unread += 1
    this.#powers.send({ kind: 'service-answer', service, number, outcome }, () => {
      hosted.unread -= 1
    })
  }
}

/** The thread is everybody's. */
function neverBlocks(): void {}
