import type { Interest } from '@bulkhead/host-services/client'

/**
 * What a guest may wait for. Things of the network are ready when the network's service says so: they name what to ask it
 * for, and all that one wait is for is asked in one call.
 */
export type Waitable = {
  /** Whether it is ready as far as is known here. Never fails, never asks anybody, never waits. */
  readonly ready: () => boolean
  /** Ready at the latest at this instant. */
  readonly dueNs?: bigint
  /** What the network is asked where `ready` says no; `undefined` while there is nothing to ask it. */
  readonly interest?: (() => Interest | undefined) | undefined
}
