import type { SlotMemory, WakeWord } from '@bulkhead/lane'
import type { ContextUpdate, ServiceName } from '@bulkhead/wasi'
import type { Ledger } from './ledger.js'
import type { MessagesToWorker } from './message-protocol.js'
import type { RemoteNews } from './process/remote-protocol.js'
import type { Begin, FromWorker } from './protocol.js'

/**
 * The way between the host and the place where an actor runs: `shared`, a worker thread and shared memory, or `socket`, a
 * process of its own. Nothing above this type notices which.
 */
export type Channel = {
  readonly kind: 'shared' | 'socket'
  /** What the actor reports. Of a process it is a mirror: claims of its bridge, at most `mirrorMs` old. */
  readonly ledger: Ledger
  /** Ends the wait of a spare and gives it everything that it may have. Once. */
  readonly begin: (message: Begin) => void
  /** Publishes newer rules: posts them, then stores their version, then wakes the guest. In this order (DESIGN D3). */
  readonly replaceContext: (update: ContextUpdate) => void
  /** Asks for an orderly stop, and wakes the guest wherever it waits. */
  readonly requestStop: () => void
  /** Posts news about messages, then stores the version of a routing table, then wakes the guest wherever it waits. */
  readonly post: (message: MessagesToWorker | RemoteNews) => void
  /** The word on which the caller of a service sleeps: a slot that is given is made with it. */
  readonly serviceWake: WakeWord
  /** Hands over the slot of a service, or says that there is none now, and wakes the guest wherever it waits. Once for each wish. */
  readonly giveService: (service: ServiceName, slot: SlotMemory | 'down') => void
  /** Says of an HTTP exchange that its client is gone, and wakes the guest wherever it waits. */
  readonly endExchange: (number: number) => void
  readonly onMessage: (listener: (message: FromWorker) => void) => void
  /** Resolves when the end of the other side was *seen*; with the error that ended it, if one did. */
  readonly exited: Promise<ChannelExit>
  /** Resolves after `exited`, when all that the other side had written to its outputs lies in their lanes. */
  readonly drained?: Promise<void>
  /** Processor time that the actor has used so far, in milliseconds, as the operating system tells it; 0 where it cannot. */
  readonly cpuMs: () => number
  /** Whether it has, or waits for, a processor now; `false` where the operating system does not tell. */
  readonly wantsCpu: () => boolean
  /** Forces the end. Does not wait: `exited` tells. */
  readonly terminate: () => void
}

export type ChannelExit = { readonly error?: Error & { readonly code?: string } }
