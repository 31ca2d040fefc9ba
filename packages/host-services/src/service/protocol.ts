// The messages between the host's end of a service and its thread. Both ends are ours; nothing here comes from a component.

import type { MessagePort } from 'node:worker_threads'
import type { CapabilityTable } from '@bulkhead/capability'
import type { SlotMemory } from '@bulkhead/lane'
import type { WireError } from '@bulkhead/vocabulary'
import type { FarDenial } from './channel-authority.js'

/** What a service is told of a channel, whatever it serves. Plain: it is cloned to its thread. */
export type ChannelTerms<Terms> = {
  readonly channel: number
  readonly slot: SlotMemory
  readonly table: CapabilityTable
  /** One word, written by the host: how many denials of this channel it has taken. */
  readonly denialsTaken: SharedArrayBuffer
  readonly terms: Terms
}

export type ToService<Terms> =
  | ({ readonly type: 'attach' } & ChannelTerms<Terms>)
  | { readonly type: 'table'; readonly channel: number; readonly table: CapabilityTable; readonly ack: number }
  | { readonly type: 'gone'; readonly channel: number; readonly ack: number }
  | { readonly type: 'close' }

export type FromService =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: WireError }
  | { readonly type: 'ack'; readonly ack: number }
  | { readonly type: 'denied'; readonly channel: number; readonly denial: FarDenial }
  | { readonly type: 'breach'; readonly channel: number; readonly error: WireError }
  | { readonly type: 'fault'; readonly error: WireError }
  | { readonly type: 'closed' }

export type ServiceThreadData<Options> = {
  readonly port: MessagePort
  readonly bell: SharedArrayBuffer
  /** One word: how many messages the host has posted. Moved after the message lies in the port (DESIGN D3). */
  readonly posted: SharedArrayBuffer
  /** Instants count from here, on the clock of `process.hrtime.bigint`: those of callers' deadlines too. */
  readonly originNs: bigint
  /** Counts the threads of this service, so that nothing of one is taken for something of another. */
  readonly epoch: number
  readonly options: Options
}
