import type { CapabilityTable } from '@bulkhead/capability'
import type { WakeWord } from '@bulkhead/lane'
import type { Spent } from '@bulkhead/quota'
import type { StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { ownerBytesMax, scopeBytesMax, storeBytesMaxDefault, storePageBytes, storeRequestBytes } from '../limits.js'
import type { ServiceChannel } from '../service/service-channel.js'
import { type ServiceEvents, ServiceHost, type ServiceHostOptions } from '../service/service-host.js'
import { Usage } from './books.js'
import type { StoreTerms } from './store-loop.js'
import type { StoreThreadOptions } from './store-thread.js'

export type StoreServiceOptions = {
  /** Held by this process, and closed after the service. */
  readonly state: Pick<StateDirectory, 'root' | 'previousStop'>
  /** Its folder in the state directory; `storage` unless said. */
  readonly name?: string
  /** What the whole store may hold, in bytes; 4 GiB unless said. */
  readonly bytesMax?: number
  /** What the callers' instants count from, on the clock of `process.hrtime.bigint`; its zero unless said. */
  readonly originNs?: bigint
  readonly events?: ServiceEvents
  readonly spawn?: ServiceHostOptions<StoreThreadOptions>['spawn']
}

export type StoreChannelOptions = {
  /** Whose storage quota is used: the child's id. Quotas outlive channels. */
  readonly owner: string
  /**
   * Stands before all names: channels of different scopes share nothing, whatever their tables say. The tenant, by custom;
   * empty where there is none.
   */
  readonly scope: string
  /** The actor's effective table; its component's id says what `self:` means. */
  readonly table: CapabilityTable
  /** Zero is nothing. */
  readonly quotaBytes: number
  /** The actor's wake word. */
  readonly wake: WakeWord
}

/** The store, as one incarnation of an actor has it. */
export type StoreChannel = ServiceChannel & {
  readonly changeQuota: (bytes: number) => void
  /** A sample for `stepWatermark`: what the owner has in use, and may have. */
  readonly spent: () => Spent
}

/**
 * The store that all actors share: one thread that owns one LMDB environment, so that no actor's worker, which may be
 * killed at any instruction, ever holds its lock.
 *
 * @example
 * ```ts
 * const store = await StoreService.start({ state })
 * const channel = store.attach({ owner: 'ingest', scope: '', table, quotaBytes: 100 * 1024 ** 2, wake })
 * new Worker(file, { workerData: { store: channel.slot } })
 * // the exit was seen:
 * await channel.gone()
 * await store.close()
 * ```
 */
export class StoreService implements AsyncDisposable {
  readonly #host: ServiceHost<StoreThreadOptions, StoreTerms>
  /** By owner. */
  readonly #usage = new Map<string, SharedArrayBuffer>()

  private constructor(host: ServiceHost<StoreThreadOptions, StoreTerms>) {
    this.#host = host
  }

  /**
   * Opens the store, or makes it.
   *
   * @throws {BulkheadError} `store-corrupt` when what lies there is damaged: nothing of it is guessed at;
   *   `state-unwritable` when the disk refuses.
   */
  static async start(options: StoreServiceOptions): Promise<StoreService> {
    const { state, name = 'storage', bytesMax = storeBytesMaxDefault, events = {}, originNs, spawn } = options
    const host = await ServiceHost.start<StoreThreadOptions, StoreTerms>({
      name: 'store',
      entry: '@bulkhead/host-services/store-thread',
      options: { holder: { root: state.root, previousStop: state.previousStop }, name, bytesMax },
      slot: { requestBytes: storeRequestBytes, pageBytes: storePageBytes },
      ...{ events, originNs },
      ...(spawn === undefined ? {} : { spawn }),
    })
    return new StoreService(host)
  }

  /**
   * Opens a channel for one incarnation of an actor.
   *
   * @throws {BulkheadError} `usage` for an owner or a scope that cannot be; `resource-limit-exceeded` for one channel too
   *   many; what ended the service where it is down.
   */
  attach(options: StoreChannelOptions): StoreChannel {
    const { owner, scope, table, quotaBytes, wake } = options
    checkName('owner', owner, 1, ownerBytesMax)
    checkName('scope', scope, 0, scopeBytesMax)
    const memory = this.#usageOf(owner, quotaBytes)
    const usage = new Usage(memory)
    return {
      ...this.#host.attach(table, { owner, scope, usage: memory }, wake),
      changeQuota: (bytes) => {
        usage.limitBytes = bytes
      },
      spent: () => ({ used: usage.usedBytes, limit: usage.limitBytes }),
    }
  }

  /** Closes the store and vouches for it. Before the state directory closes. */
  close(): Promise<void> {
    return this.#host.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #usageOf(owner: string, quotaBytes: number): SharedArrayBuffer {
    const memory = this.#usage.get(owner) ?? Usage.createMemory(quotaBytes)
    new Usage(memory).limitBytes = quotaBytes
    this.#usage.set(owner, memory)
    return memory
  }
}

function checkName(what: string, name: string, bytesMin: number, bytesMax: number): void {
  const bytes = Buffer.byteLength(name)
  const isPlain = ![...name].some((character) => character < ' ')
  if (isPlain && bytes >= bytesMin && bytes <= bytesMax) return
  throw new BulkheadError('usage', `\`${name.slice(0, 100)}\` cannot be the ${what} of a channel of the store`)
}
