import type { CapabilityTable } from '@bulkhead/capability'
import type { WorkerContext } from '@bulkhead/security-context'
import type { AccessRecord, Hostility } from '@bulkhead/vocabulary'

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

/**
 * Everything that the guard may do to the world. It reaches nothing ambient: no `node:fs`, no clock, no randomness but
 * these. Whoever builds this record (the perimeter file of the actor's worker) decides what a guest can ever touch.
 */
export type HostPowers = {
  readonly context: WorkerContext
  /** Appends to the audit ring; may block while it is full. Check, record, act: in this order (D11). */
  readonly appendAudit: (record: AccessRecord) => void
  /** The newest policy version that the host published: one atomic load. */
  readonly observedVersion: () => number
  /** Drains the port synchronously to the newest table; `undefined` when nothing newer came. */
  readonly takeNewestTable: () => CapabilityTable | undefined
  /** Told the version that a host call decides by, at its entry and when it moves inside; 0 at its exit (D3). */
  readonly publishEntered: (version: number) => void
  readonly stdin: ByteSource
  readonly stdout: ByteSink
  readonly stderr: ByteSink
  /** Monotonic nanoseconds since the runtime's origin. */
  readonly monotonicNs: () => bigint
  /** Wall clock, milliseconds since 1970 UTC. */
  readonly wallMs: () => number
  readonly fillRandom: (bytes: Uint8Array) => void
  /** The actor's one wake word: read it, look whether anything is ready, then `park` for the value that was read. */
  readonly wakeCount: () => number
  /** Sleeps until the wake word differs from `seen` or the instant has come; may return early for no reason. */
  readonly park: (seen: number, untilNs: bigint | undefined) => void
  /** The component has proven itself hostile: reports it and throws `Poisoned`. */
  readonly hostile: (kind: Hostility, detail: string) => never
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

/** The imports of one guest instance, and the way to end them. */
export type GuestHost = {
  /** As the glue reads them: unversioned interface name → function or class name. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Closes every descriptor and writes the closing records; idempotent. Afterwards every host call is refused. */
  readonly close: () => HostTotals
  /** Refuses every later host call of this instance. */
  readonly poison: (reason: string) => void
  /** Kernel descriptors that the guest's handles hold open now. */
  readonly openDescriptors: () => number
}
