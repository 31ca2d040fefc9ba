import type { CapabilityTable } from '@bulkhead/capability'
import type { SlotMemory } from '@bulkhead/lane'

/** The host's end of what one incarnation of an actor has of a service. */
export type ServiceChannel = {
  readonly id: number
  /** For the actor's worker: the service's client over a `SlotCaller` there. */
  readonly slot: SlotMemory
  /** Resolves when the service decides by it and has closed what it does not allow. ORDER: before the version is published. */
  readonly updateTable: (table: CapabilityTable) => Promise<void>
  /** Nanoseconds in which calls waited for us: no deadline of the actor counts them. */
  readonly queuedNs: (nowNs: bigint) => bigint
  /** The incarnation's exit was seen: resolves when nothing of it is open. */
  readonly gone: () => Promise<void>
}
