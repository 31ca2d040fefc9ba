// What host and worker tell each other about the services that all actors share. The calls themselves go through slots; where
// the worker is in a process of its own, its bridge and the host carry them between two slots.
import type { SlotMemory, SlotOutcome } from '@bulkhead/lane'
import type { ServiceName } from '@bulkhead/wasi'

export const serviceNames = ['store', 'network', 'interfaces'] as const satisfies readonly ServiceName[]

/** The worker wants its end of a service: at its first use, and again when the one that it has is closed. */
export type ServiceWanted = { readonly kind: 'service-wanted'; readonly service: ServiceName }

/** The answer to it; `down`: there is none now. */
export type ServiceGiven = {
  readonly kind: 'service'
  readonly service: ServiceName
  readonly slot: SlotMemory | 'down'
}

/** What a bridge wants of its host. Calls of a service are numbered upwards, and one is open at a time. */
export type ServiceClaim =
  | ServiceWanted
  | {
      readonly kind: 'service-call'
      readonly service: ServiceName
      readonly number: number
      /** When it ends by itself, in milliseconds from now; absent: never. */
      readonly waitMs?: number
      readonly request: Uint8Array
    }
  /** Nobody waits any more for the call of this number. */
  | { readonly kind: 'service-cancel'; readonly service: ServiceName; readonly number: number }

/** What the host answers. */
export type ServiceNews =
  | {
      readonly kind: 'service-given'
      readonly service: ServiceName
      readonly sizes: Pick<SlotMemory, 'requestBytes' | 'pageBytes'> | 'down'
    }
  | {
      readonly kind: 'service-answer'
      readonly service: ServiceName
      readonly number: number
      readonly outcome: SlotOutcome
    }
