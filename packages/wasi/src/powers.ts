import type { InterfaceContract } from '@bulkhead/contracts'
import type { WorkerContext } from '@bulkhead/security-context'
import type { AccessRecord, Hostility, LogLine, Request } from '@bulkhead/vocabulary'
import type { TracedCalls } from './call-trace.js'
import type { IncomingExchange, OpenHttp } from './http/incoming-powers.js'
import type { MessagePowers } from './messaging/message-powers.js'
import type { ServiceCaller } from './services/service-access.js'

/**
 * What may change of a context while its guest runs. `policyVersion` moves with every change, also when only the rules of
 * neighbours did.
 */
export type ContextUpdate = Pick<WorkerContext, 'policyVersion' | 'table' | 'neighbours'> & {
  /** Limits that bind at once; absent ones stay as they are. */
  readonly limits?: Partial<Pick<WorkerContext['limits'], 'cpuPercent' | 'handlesMax'>>
}

/** What a guest begins with. */
export type GuestContext = WorkerContext & {
  /** Interfaces of the host application that its component imports (SPEC 17). */
  readonly interfaces?: readonly InterfaceContract[]
}

/** Where a guest's standard input comes from. Never blocks: `'empty'` now, `'closed'` for good. */
export type ByteSource = {
  /** At most `max` bytes, which the caller may keep (never an empty array), or why there are none. `max` is at least 1. */
  readonly read: (max: number) => Uint8Array | 'empty' | 'closed'
}

/** Where a guest's output goes. Never blocks: writes at most what `capacity` said. */
export type ByteSink = {
  /** Bytes that `write` would take now. */
  readonly capacity: () => number
  readonly write: (bytes: Uint8Array) => void
  /** Whether everything written has been taken over by the reader. */
  readonly flushed: () => boolean
}

/** Where a guest's log messages go. */
export type LogSink = {
  /** Takes the line, or says `false`: there is no room for it now. Never blocks. */
  readonly take: (line: LogLine) => boolean
}

/** Services that all actors share: the key-value store, the network, and the host application's own interfaces. */
export type ServiceName = 'store' | 'network' | 'interfaces'

/**
 * Everything that the guard may do to the world. It reaches nothing ambient: no `node:fs`, no clock, no randomness but
 * these. Whoever builds this record (the perimeter file of the actor's worker) decides what a guest can ever touch.
 */
export type HostPowers = {
  readonly context: GuestContext
  /**
   * Appends to the audit ring; may block while it is full. Check, record, act: in this order (D11). `false`: it is not on
   * record, which only a strict journal answers, and nothing may be done by it.
   */
  readonly appendAudit: (record: AccessRecord) => boolean
  /** Whether a strict journal makes no progress, so that everything is denied; absent where the journal is not strict. */
  readonly auditStalled?: (() => boolean) | undefined
  /** The newest policy version that the host published: one atomic load. */
  readonly observedVersion: () => number
  /** Drains the port synchronously to the newest update; `undefined` when nothing came. */
  readonly takeNewestContext: () => ContextUpdate | undefined
  /** Told the version that a host call decides by, at its entry and when it moves inside; 0 at its exit (D3). */
  readonly publishEntered: (version: number) => void
  readonly stdin: ByteSource
  readonly stdout: ByteSink
  readonly stderr: ByteSink
  /** Where the guest's log messages go; absent: they are dropped. */
  readonly logs?: LogSink
  /** What `wasi:config` gives by name besides the configuration, and never in a list. */
  readonly secrets?: readonly (readonly [name: string, value: string])[]
  /** Monotonic nanoseconds since the runtime's origin. */
  readonly monotonicNs: () => bigint
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly wallMs: () => number
  readonly fillRandom: (bytes: Uint8Array) => void
  /** The actor's one wake word: read it, look whether anything is ready, then `park` for the value that was read. */
  readonly wakeCount: () => number
  /**
   * Processor time that the guest's thread has used, in nanoseconds. Absent where it cannot be told; then a guest whose
   * share is below a whole core is not started. Called at most every few milliseconds, and only for such guests.
   */
  readonly threadCpuNs?: () => bigint
  /** Sleeps until the wake word differs from `seen` or the instant has come; may return early for no reason. */
  readonly park: (seen: number, untilNs: bigint | undefined) => void
  /** How messages leave the guest; absent for one that has nothing to do with messages. */
  readonly messages?: MessagePowers
  /**
   * The guest's end of a service that all actors share. The first call asks the host for it and says `opening`: the wake
   * word moves when it is there. `down`: there is none for this guest. Absent: the run has no such services.
   */
  readonly openService?: (name: ServiceName) => ServiceCaller | 'opening' | 'down'
  /** The component has proven itself hostile: reports it and throws `Poisoned`. */
  readonly hostile: (kind: Hostility, detail: string) => never
  /**
   * Called between a decision that was granted and recorded, and its effect. No entry of ours sets it: it is for tests
   * that hold a guest there.
   */
  readonly betweenCheckAndAct?: (request: Request) => void
  /** Handed in by the perimeter file; Linux with `/proc` (SPEC 8.1). */
  readonly fs: typeof import('node:fs')
}

/** What one guest did through this host, told when it is closed. */
export type HostTotals = {
  readonly checksGranted: number
  readonly checksDenied: number
  /** Bytes through files and standard streams. */
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** What the guard has counted so far, for metrics: nothing is decided by it. */
export type CheckCounters = {
  readonly checksGranted: number
  readonly checksDenied: number
  /** Decisions that were remembered, and those that were worked out. */
  readonly cacheHits: number
  readonly cacheMisses: number
  /** One decision in a thousand is timed: how many were, and nanoseconds of all of them together. */
  readonly checksTimed: number
  readonly checksTimedNs: number
  /** For each of `countedKinds` first the checks that were granted, then those that were denied. */
  readonly byKind: readonly number[]
}

/** The imports of one guest instance, and the way to end them. */
export type GuestHost = {
  /** As the glue reads them: unversioned interface name → function or class name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Closes every descriptor and writes the closing records; idempotent. Afterwards every host call is refused. */
  readonly close: () => HostTotals
  /** Refuses every later host call of this instance. */
  readonly poison: (reason: string) => void
  /** The component was found to use a handle that it was not given, outside of a host call: as `HostPowers.hostile`. */
  readonly forgedHandle: (detail: string) => never
  /** Writes out what repeated decisions have only counted so far: before the guest's thread sleeps outside of a call. */
  readonly flush: () => void
  /** Why no host function runs for the instance any more; `undefined` while they do. */
  readonly ended: () => Error | undefined
  readonly counters: () => CheckCounters
  /** Begins to write down the guest's host calls, between two of them; and ends it. Not called where nobody traces. */
  readonly beginTrace: () => void
  readonly endTrace: () => TracedCalls | undefined
  /** Kernel descriptors that the guest's handles hold open now. */
  readonly openDescriptors: () => number
  /** Makes the handles of a request to the guest, for its `wasi:http/incoming-handler`. Between host calls only. */
  readonly openHttp: (exchange: IncomingExchange) => OpenHttp
}
