// What host and worker tell each other about the services that all actors share. The calls themselves go through slots.
import type { SlotMemory } from '@bulkhead/lane'
import type { ServiceName } from '@bulkhead/wasi'

/** The worker wants its end of a service: at its first use, and again when the one that it has is closed. */
export type ServiceWanted = { readonly kind: 'service-wanted'; readonly service: ServiceName }

/** The answer to it; `down`: there is none now. */
export type ServiceGiven = {
  readonly kind: 'service'
  readonly service: ServiceName
  readonly slot: SlotMemory | 'down'
}
