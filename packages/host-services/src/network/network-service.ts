import type { CapabilityTable } from '@bulkhead/capability'
import type { WakeWord } from '@bulkhead/lane'
import { changeRate, createQuotaBlock, RateBucket, type RateSettings, type Spent } from '@bulkhead/quota'
import {
  connectionsDefault,
  networkPageBytes,
  networkRequestBytes,
  requestsDefault,
  responseBytesMaxDefault,
} from '../limits.js'
import type { ServiceChannel } from '../service/service-channel.js'
import { type ServiceEvents, ServiceHost, type ServiceHostOptions } from '../service/service-host.js'
import { ConnectionLimit } from './connections.js'
import { checkInjections, type HttpInjection } from './http-injection.js'
import type { NetworkTerms } from './network-channel.js'
import { RefusedRequests } from './refused-requests.js'
import type { SystemNetworkOptions } from './system-network.js'
import { type Traffic, TrafficMeter } from './traffic.js'

export type NetworkServiceOptions = SystemNetworkOptions & {
  readonly events?: ServiceEvents
  /** What the callers' instants count from, on the clock of `process.hrtime.bigint`; its zero unless said. */
  readonly originNs?: bigint
  readonly spawn?: ServiceHostOptions<SystemNetworkOptions>['spawn']
}

export type NetworkChannelOptions = {
  /** The actor's effective table. */
  readonly table: CapabilityTable
  /** Bytes of both directions together. Zero is none. */
  readonly bandwidth: RateSettings
  /** HTTP requests; as good as unlimited unless said. Zero is none. */
  readonly requests?: RateSettings
  /** Open at once; 32 unless said. Sockets that listen, and that wait for the next exchange, count. */
  readonly connectionsMax?: number
  /** The body of one response, in bytes; 256 MiB unless said. */
  readonly responseBytesMax?: number
  /** Header fields that are added to requests for their origins, instead of the component's own of the same names. */
  readonly inject?: readonly HttpInjection[]
  /** The actor's wake word. */
  readonly wake: WakeWord
}

/** The network, as one incarnation of an actor has it. */
export type NetworkChannelPort = ServiceChannel & {
  readonly changeBandwidth: (rate: RateSettings) => void
  readonly changeRequests: (rate: RateSettings) => void
  /** What is open already stays open. */
  readonly changeConnections: (connectionsMax: number) => void
  /** What it has used since it was opened. */
  readonly traffic: () => Traffic
  /** Samples for `stepWatermark`: how much of a second's bandwidth, of a second's requests and of its connections is used. */
  readonly spent: () => { readonly bandwidth: Spent; readonly requests: Spent; readonly connections: Spent }
}

/**
 * The network that all actors share: one thread with the sockets, the look-ups and the HTTP exchanges of all of them.
 *
 * @example
 * ```ts
 * const network = await NetworkService.start({ events })
 * const channel = network.attach({ table, bandwidth: { rate: { amount: 10 * 1024 ** 2, perMs: 1_000 } }, requests, wake })
 * new Worker(file, { workerData: { network: channel.slot } })
 * ```
 */
export class NetworkService implements AsyncDisposable {
  readonly #host: ServiceHost<SystemNetworkOptions, NetworkTerms>
  readonly #nowNs: () => bigint

  private constructor(host: ServiceHost<SystemNetworkOptions, NetworkTerms>, nowNs: () => bigint) {
    this.#host = host
    this.#nowNs = nowNs
  }

  static async start(options: NetworkServiceOptions = {}): Promise<NetworkService> {
    const { events = {}, originNs = 0n, spawn, authorities } = options
    const host = await ServiceHost.start<SystemNetworkOptions, NetworkTerms>({
      name: 'network',
      entry: '@bulkhead/host-services/network-thread',
      options: { authorities },
      slot: { requestBytes: networkRequestBytes, pageBytes: networkPageBytes },
      ...{ events, originNs },
      ...(spawn === undefined ? {} : { spawn }),
    })
    return new NetworkService(host, () => process.hrtime.bigint() - originNs)
  }

  /**
   * Opens a channel for one incarnation of an actor.
   *
   * @throws {BulkheadError} `usage` for rates that cannot be, or header fields that cannot be added; `resource-limit-exceeded`
   *   for one channel too many; what ended the service where it is down.
   */
  attach(options: NetworkChannelOptions): NetworkChannelPort {
    const { table, bandwidth, requests = requestsDefault, wake, inject = [] } = options
    checkInjections(inject)
    const { rates } = createQuotaBlock({ rates: { bandwidth, requests }, ledgers: {} })
    const connections = ConnectionLimit.createMemory()
    const requestsRefused = new SharedArrayBuffer(4)
    const traffic = TrafficMeter.createMemory()
    const meter = new TrafficMeter(traffic)
    const refused = new RefusedRequests(requestsRefused)
    const limit = new ConnectionLimit(connections)
    limit.connectionsMax = options.connectionsMax ?? connectionsDefault
    const used = {
      bandwidth: new RateBucket(rates.bandwidth, this.#nowNs),
      requests: new RateBucket(rates.requests, this.#nowNs),
    }
    const responseBytesMax = options.responseBytesMax ?? responseBytesMaxDefault
    return {
      ...this.#host.attach(table, { ...rates, requestsRefused, traffic, connections, responseBytesMax, inject }, wake),
      changeBandwidth: (rate) => changeRate(rates.bandwidth, rate),
      changeRequests: (rate) => changeRate(rates.requests, rate),
      changeConnections: (connectionsMax) => {
        limit.connectionsMax = connectionsMax
      },
      traffic: () => meter.get(),
      spent: () => ({
        bandwidth: used.bandwidth.spent(),
        // Who was refused has used all of it, whatever it has earned again since.
        requests: refused.areNew() ? { used: 1, limit: 1 } : used.requests.spent(),
        connections: { used: limit.connectionsOpen, limit: limit.connectionsMax },
      }),
    }
  }

  /** Closes everything. */
  close(): Promise<void> {
    return this.#host.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
