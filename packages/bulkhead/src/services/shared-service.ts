import type { FarDenial, ServiceEvents } from '@bulkhead/host-services'
import type { BulkheadError, Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import { serviceFaultTellMs, serviceRestMs } from './limits.js'

/** Who a channel of a service belongs to. */
export type ChannelOwner = {
  /** Its worker wrote what our code in it cannot write. */
  readonly onBreach: (error: BulkheadError) => void
  readonly onDenied: (denial: FarDenial) => void
}

/** A service from its start until it comes down for good, or is closed. */
export type ServiceLife<Service> = {
  readonly service: Service
  /** By channel. */
  readonly owners: Map<number, ChannelOwner>
  readonly isServing: () => boolean
}

type Closable = { readonly close: () => Promise<void> }

export type SharedServicePowers<Service extends Closable> = {
  readonly name: string
  readonly start: (events: ServiceEvents) => Promise<Service>
  readonly clock: Clock
  readonly raise: (draft: HealthEventDraft) => void
}

/**
 * One service of the runtime. It starts with the first actor that needs it; what dies is started again by the service itself,
 * and what came down for good is started again, after a rest, by the next need. Nothing of it charges an actor.
 */
export class SharedService<Service extends Closable> {
  readonly #powers: SharedServicePowers<Service>
  #life: Promise<ServiceLife<Service> | undefined> | undefined
  #restUntilMs = 0
  #faultToldMs = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(powers: SharedServicePowers<Service>) {
    this.#powers = powers
  }

  /** The service as it runs now; `undefined` when there is none. Never rejects. */
  life(): Promise<ServiceLife<Service> | undefined> {
    if (this.#life === undefined && !this.#isClosed && this.#nowMs() >= this.#restUntilMs) this.#life = this.#start()
    return this.#life ?? Promise.resolve(undefined)
  }

  /** No more of it; resolves when it has ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    const life = await this.#life
    await life?.service.close()
  }

  async #start(): Promise<ServiceLife<Service> | undefined> {
    const owners = new Map<number, ChannelOwner>()
    let isServing = true
    try {
      const service = await this.#powers.start({
        onBreach: (channel, error) => owners.get(channel)?.onBreach(error),
        onDenied: (channel, denial) => owners.get(channel)?.onDenied(denial),
        onDied: (reason) => this.#tell('service.failed', `it died: ${reason}`),
        onRestarted: () => this.#tell('service.restarted', 'it serves again'),
        onFault: (error) => this.#tellFault(error),
        onFailed: (error) => {
          isServing = false
          this.#down(error)
        },
      })
      return { service, owners, isServing: () => isServing }
    } catch (thrown) {
      this.#down(thrown)
      return undefined
    }
  }

  #down(error: unknown): void {
    this.#life = undefined
    this.#restUntilMs = this.#nowMs() + serviceRestMs
    this.#tell('service.failed', `it is down: ${textOf(error)}`)
  }

  /** It goes on: what went wrong may go wrong at every call. */
  #tellFault(error: BulkheadError): void {
    const nowMs = this.#nowMs()
    if (nowMs - this.#faultToldMs < serviceFaultTellMs) return
    this.#faultToldMs = nowMs
    this.#tell('service.failed', textOf(error))
  }

  #tell(type: 'service.failed' | 'service.restarted', what: string): void {
    const { raise, name } = this.#powers
    raise({ type, supervisor: 'root', reason: `the ${name} service: ${what}` })
  }

  #nowMs(): number {
    return Number(this.#powers.clock.monotonicNs()) / 1e6
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
