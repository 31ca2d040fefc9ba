import type { AttachService, FindService, ServicePort } from '@bulkhead/actor'
import type { HttpInjection, NetworkChannelPort, StoreChannel, Traffic } from '@bulkhead/host-services'
import type { BulkheadError, HealthEventDraft } from '@bulkhead/vocabulary'
import { type HostRecordPowers, HostRecords } from '../interfaces/host-records.js'
import type { Gauge } from '../messages/quota-watch.js'
import { FarDenials } from './far-denials.js'
import type { HostServices } from './host-services.js'
import { nothing, type ServiceQuotas } from './service-quotas.js'
import type { ServiceLife } from './shared-service.js'

/** Whose run it is, as the services know it, and how much of them it may use. */
export type ServiceTerms = {
  /** Who pays for what it keeps: its child, all members of a pool together. */
  readonly owner: string
  /** Stands before all names that it stores by: those of another scope share nothing with it. */
  readonly scope: string
  readonly quotas: ServiceQuotas
  /** What is added to its HTTP requests: asked for when its network begins, and kept nowhere else. */
  readonly inject?: () => readonly HttpInjection[]
}

export type RunServicesPowers = HostRecordPowers & {
  readonly services: HostServices
  /** `undefined`: it has neither store nor network. */
  readonly terms: ServiceTerms | undefined
  /** The way to the host application's interfaces, for a component that imports any. */
  readonly interfaces: AttachService | undefined
  readonly raise: (draft: HealthEventDraft) => void
  /** The worker wrote what our code in it cannot write. */
  readonly onBreach: (error: BulkheadError) => void
}

/** What one run has of the services that all actors share. */
export class RunServices {
  readonly #powers: RunServicesPowers
  readonly #records: HostRecords
  readonly #far: FarDenials
  readonly #stores = new Set<StoreChannel>()
  readonly #networks = new Set<NetworkChannelPort>()
  #quotas: ServiceQuotas
  /** Of channels that are closed: a network that starts anew gives the run another one. */
  #pastTraffic: Traffic = { bytes: 0, requests: 0 }

  constructor(powers: RunServicesPowers) {
    this.#powers = powers
    this.#quotas = powers.terms?.quotas ?? nothing
    this.#records = new HostRecords(powers)
    this.#far = new FarDenials(this.#records, powers.nowNs)
  }

  readonly find: FindService = (service) => {
    switch (service) {
      case 'store':
        return this.#findStore()
      case 'network':
        return this.#findNetwork()
      case 'interfaces':
        return Promise.resolve(this.#powers.interfaces)
    }
  }

  /** Other quotas are in force at once. */
  changeQuotas(quotas: ServiceQuotas): void {
    this.#quotas = quotas
    for (const store of this.#stores) store.changeQuota(quotas.storageBytes)
    for (const network of this.#networks) {
      network.changeBandwidth(quotas.bandwidth)
      network.changeRequests(quotas.requests)
    }
  }

  /** How much of them is used now. */
  gauges(): readonly Gauge[] {
    return [
      ...[...this.#stores].map((store) => ({ quota: 'storage', spent: store.spent() })),
      ...[...this.#networks].flatMap((network) => {
        const { bandwidth, requests, connections } = network.spent()
        return [
          { quota: 'network bytes', spent: bandwidth },
          { quota: 'HTTP requests', spent: requests },
          { quota: 'connections', spent: connections },
        ]
      }),
    ]
  }

  /** What it has used of the network since it began. */
  traffic(): Traffic {
    return [...this.#networks].reduce((sum, network) => addTraffic(sum, network.traffic()), this.#pastTraffic)
  }

  async #findStore(): Promise<AttachService | undefined> {
    const { services, terms } = this.#powers
    const life = terms === undefined ? undefined : await services.store.life()
    if (terms === undefined || life === undefined) return undefined
    const { owner, scope } = terms
    return ({ table, wake }) =>
      this.#attach(life, this.#stores, () => {
        const { storageBytes: quotaBytes } = this.#quotas
        return life.service.attach({ owner, scope, table, wake, quotaBytes })
      })
  }

  async #findNetwork(): Promise<AttachService | undefined> {
    const { services, terms } = this.#powers
    const life = terms === undefined ? undefined : await services.network.life()
    if (life === undefined) return undefined
    return ({ table, wake }) =>
      this.#attach(life, this.#networks, () => {
        const { bandwidth, requests } = this.#quotas
        return life.service.attach({ table, wake, bandwidth, requests, inject: terms?.inject?.() ?? [] })
      })
  }

  #attach<Channel extends StoreChannel | NetworkChannelPort>(
    { owners, isServing }: ServiceLife<unknown>,
    open: Set<Channel>,
    attach: () => Channel,
  ): ServicePort | undefined {
    let channel: Channel
    try {
      channel = attach()
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#powers.raise({ type: 'service.failed', supervisor: 'root', reason })
      return undefined
    }
    open.add(channel)
    owners.set(channel.id, { onBreach: this.#powers.onBreach, onDenied: (denial) => this.#far.note(denial) })
    return {
      ...channel,
      isServing,
      gone: async () => {
        await channel.gone()
        owners.delete(channel.id)
        if (open.delete(channel) && 'traffic' in channel) {
          this.#pastTraffic = addTraffic(this.#pastTraffic, channel.traffic())
        }
        // ORDER: all that was refused is told by now, and is in the log before the exit is told.
        if (this.#stores.size + this.#networks.size === 0) await this.#records.close()
      },
    }
  }
}

function addTraffic(one: Traffic, other: Traffic): Traffic {
  return { bytes: one.bytes + other.bytes, requests: one.requests + other.requests }
}
