import type { RingMemory } from '@bulkhead/audit'
import type { Executable } from '@bulkhead/component/load'
import type { LaneMemory } from '@bulkhead/lane'
import type { WireError } from '@bulkhead/vocabulary'
import type { ContextUpdate, GuestContext } from '@bulkhead/wasi'
import type { HttpLanes } from './http/guest-exchange.js'
import type { LifecycleEvent, MessageEvent, MessagesBegin, MessagesToWorker } from './message-protocol.js'
import type { RemoteBegin, RemoteClaim, RemoteNews } from './process/remote-protocol.js'
import type { ServiceGiven, ServiceWanted } from './services/service-protocol.js'

/** What a worker is told once, when it stops being a spare. Plain data and shared memory. */
export type Begin = {
  readonly kind: 'begin'
  readonly executable: Executable
  readonly context: GuestContext
  /** `undefined` where the thread is given another way to record: in a process of its own, a pipe. */
  readonly ring: RingMemory | undefined
  /** In a process of its own, where the audit is strict: how many of its granted decisions are on the host's disk. */
  readonly confirmed?: SharedArrayBuffer | undefined
  /** `process.hrtime.bigint()` at the runtime's start: one origin for all threads. */
  readonly originNs: bigint
  readonly stdin: LaneMemory | undefined
  readonly stdout: LaneMemory
  readonly stderr: LaneMemory
  /** Its log messages. */
  readonly logs: LaneMemory
  /** What `wasi:config` gives besides the configuration. Apart from the context, which is kept and shown. */
  readonly secrets?: readonly (readonly [name: string, value: string])[]
  /** `undefined` for a guest that has nothing to do with messages. */
  readonly messages: MessagesBegin | undefined
  /** The ends of bodies; `undefined` for a guest that answers no HTTP requests. */
  readonly http?: HttpLanes | undefined
  /** Instead of `messages`, where a host in another process sends and receives them. */
  readonly remote?: RemoteBegin | undefined
}

/** Newer rules. Posted before their version is stored in the ledger (DESIGN D3). */
export type NewContext = { readonly kind: 'context'; readonly update: ContextUpdate }

export type ToWorker = Begin | NewContext | MessagesToWorker | RemoteNews | ServiceGiven

/** How the guest ended, in the worker's words: a claim, which the host holds against the ledger and its own acts. */
export type GuestOutcome =
  | { readonly kind: 'returned'; readonly ok: boolean }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'trapped'; readonly message: string; readonly frames: readonly string[] }
  | { readonly kind: 'exceeded'; readonly message: string }
  | { readonly kind: 'poisoned'; readonly message: string }
  | { readonly kind: 'unstartable'; readonly error: WireError }

export type FromWorker =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'ended'
      readonly outcome: GuestOutcome
      readonly cpuMs: number
      readonly leakedDescriptors: number
    }
  | MessageEvent
  | LifecycleEvent
  | RemoteClaim
  | ServiceWanted
