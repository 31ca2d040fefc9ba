// The services that all actors of a runtime share: when they start, and when they end.

import {
  NetworkService,
  type NetworkServiceOptions,
  StoreService,
  type StoreServiceOptions,
} from '@bulkhead/host-services'
import type { StateDirectory } from '@bulkhead/state'
import { BulkheadError, type Clock, type HealthEventDraft } from '@bulkhead/vocabulary'
import { SharedService } from './shared-service.js'

export type HostServicesPowers = {
  /** Where the store lies; without one nothing is kept, and there is no store. */
  readonly state: StateDirectory | undefined
  readonly clock: Clock
  /** What the instants of all threads count from. */
  readonly originNs: bigint
  readonly raise: (draft: HealthEventDraft) => void
  /** Other ways to start their threads: for tests that kill them, or that have a resolver of their own. */
  readonly spawn?: {
    readonly store?: StoreServiceOptions['spawn']
    readonly network?: NetworkServiceOptions['spawn']
  }
}

/** Nothing is started before somebody needs it. */
export class HostServices {
  readonly store: SharedService<StoreService>
  readonly network: SharedService<NetworkService>

  constructor({ state, clock, originNs, raise, spawn = {} }: HostServicesPowers) {
    this.store = new SharedService({
      ...{ name: 'store', clock, raise },
      start: async (events) => {
        if (state === undefined) throw nothingIsKept()
        const { store } = spawn
        return StoreService.start({ state, events, originNs, ...(store === undefined ? {} : { spawn: store }) })
      },
    })
    this.network = new SharedService({
      ...{ name: 'network', clock, raise },
      start: async (events) => {
        const { network } = spawn
        return NetworkService.start({ events, originNs, ...(network === undefined ? {} : { spawn: network }) })
      },
    })
  }

  /** After the last actor has ended; before the journal and the state directory close. */
  async close(): Promise<void> {
    await Promise.all([this.network.close(), this.store.close()])
  }
}

function nothingIsKept(): BulkheadError {
  return new BulkheadError('usage', 'it keeps nothing without a state directory', {
    hint: 'bulkhead exec --state DIRECTORY, or createRuntime({ state })',
  })
}
