import type { CapabilityTable } from '@bulkhead/capability'
import type { SlotMemory, WakeWord } from '@bulkhead/lane'
import type { Clock } from '@bulkhead/vocabulary'
import type { ServiceName } from '@bulkhead/wasi'
import { serviceEndMs, serviceSettleMs } from '../limits.js'

/** The host's end of what one incarnation has of a service: a channel of `@bulkhead/host-services`, or one like it. */
export type ServicePort = {
  readonly slot: SlotMemory
  /** Resolves when the service decides by the newer table and has closed what that does not allow. */
  readonly updateTable: (table: CapabilityTable) => Promise<void>
  /** Nanoseconds in which calls waited for the service: no deadline counts them. */
  readonly queuedNs: (nowNs: bigint) => bigint
  /** Whether calls are still served; not, when the service came down for good and closed the slot. */
  readonly isServing: () => boolean
  /** The incarnation's exit was seen: resolves when nothing of it is open. */
  readonly gone: () => Promise<void>
}

/**
 * Opens a port for the incarnation: called at once when the service is there, with the rules that are then the newest.
 * `undefined` where the service has no place for it.
 */
export type AttachService = (terms: {
  readonly table: CapabilityTable
  readonly wake: WakeWord
}) => ServicePort | undefined

/** Resolves when the service is there; with `undefined` where there is none for this actor now. Never rejects. */
export type FindService = (service: ServiceName) => Promise<AttachService | undefined>

export type ActorServicesPowers = {
  readonly find: FindService
  /** The word on which the caller of the slots sleeps. */
  readonly wake: WakeWord
  /** Hands the caller its end. */
  readonly give: (service: ServiceName, slot: SlotMemory | 'down') => void
  readonly clock: Clock
  /** Nanoseconds on the worker's scale. */
  readonly nowNs: () => bigint
}

/**
 * The host's end of all services that one incarnation uses.
 *
 * INVARIANT (far-first): a newer table is posted to each service before its version is published to the worker, so that no
 * service decides anything by older rules that the worker asks by newer ones, or after it was told of them.
 *
 * INVARIANT (one slot): an incarnation has at most one slot of a service that serves, however often its worker asks.
 */
export class ActorServices {
  readonly #powers: ActorServicesPowers
  /** Every one that was ever opened: those that a service left behind when it came down, too. */
  readonly #ports: ServicePort[] = []
  readonly #serving = new Map<ServiceName, ServicePort>()
  readonly #openingSince = new Map<ServiceName, bigint>()
  #openedNs = 0n
  #table: CapabilityTable
  #settling: Promise<unknown> = Promise.resolve()
  #hasEnded = false

  constructor(table: CapabilityTable, powers: ActorServicesPowers) {
    this.#table = table
    this.#powers = powers
  }

  /** The worker asks for its end of a service. One that it has already is not made again. */
  async want(service: ServiceName): Promise<void> {
    const isServed = this.#serving.get(service)?.isServing() === true
    if (this.#hasEnded || isServed || this.#openingSince.has(service)) return
    const { find, nowNs, give } = this.#powers
    this.#openingSince.set(service, nowNs())
    const attach = await find(service)
    this.#openedNs += nowNs() - (this.#openingSince.get(service) ?? nowNs())
    this.#openingSince.delete(service)
    if (this.#hasEnded) return
    give(service, (attach && this.#open(service, attach)) ?? 'down')
  }

  /** Posts a newer table to every service: before the version is published to the worker. */
  updateTable(table: CapabilityTable): void {
    this.#table = table
    this.#settling = Promise.all([this.#settling, ...this.#ports.map((port) => port.updateTable(table))])
  }

  /** Resolves when the newest rules are in force in every service; `false` when one has not said so in time. */
  settled(): Promise<boolean> {
    return this.#within(serviceSettleMs, this.#settling)
  }

  /** Time in which the host owed progress: services that were being opened, and calls that they had not begun. */
  queuedNs(nowNs: bigint): bigint {
    let sum = this.#openedNs
    for (const since of this.#openingSince.values()) sum += nowNs - since
    for (const port of this.#ports) sum += port.queuedNs(nowNs)
    return sum
  }

  /** The exit was seen: resolves when nothing of the incarnation is open, or a service has not said so in time. */
  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#within(serviceEndMs, Promise.all(this.#ports.map((port) => port.gone())))
  }

  #open(service: ServiceName, attach: AttachService): SlotMemory | undefined {
    const port = attach({ table: this.#table, wake: this.#powers.wake })
    if (port === undefined) return undefined
    this.#ports.push(port)
    this.#serving.set(service, port)
    return port.slot
  }

  /** A service that is late is the host's own fault: nobody waits for it without end. */
  async #within(ms: number, work: Promise<unknown>): Promise<boolean> {
    let cancel = (): void => {}
    const late = new Promise<false>((resolve) => {
      cancel = this.#powers.clock.after(ms, () => resolve(false))
    })
    const done = await Promise.race([work.then(() => true), late])
    cancel()
    return done
  }
}
