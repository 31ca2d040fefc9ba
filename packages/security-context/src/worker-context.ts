import type { CapabilityTable } from '@bulkhead/capability'

/** One mount as the worker sees it. The root is opened by the worker and compared with `device` and `inode` (SPEC 8.1). */
export type ContextMount = {
  /** Canonical absolute guest path: `/data`, or `/`. */
  readonly guestPath: string
  /** Real absolute host path. Never shown to the guest. */
  readonly hostPath: string
  readonly mode: 'read' | 'write'
  readonly kind: 'directory' | 'file'
  readonly device: bigint
  readonly inode: bigint
  /** Whether files with more than one hard link may be written (SPEC 2.2). */
  readonly hardlinks: boolean
  /** Of a scratch mount: what it may hold. Its directory is made, empty, for each incarnation. */
  readonly scratchBytes?: number
}

/** The limits that the guard enforces inside the worker. Zero means none. */
export type ContextLimits = {
  readonly memoryBytesMax: number
  /** The share of one core, in percent; may be above 100 (SPEC 9). */
  readonly cpuPercent: number
  /** Descriptors, counted with the depth of the directory stack that each one holds, and streams. */
  readonly handlesMax: number
  readonly pollablesMax: number
  readonly randomBytesPerCallMax: number
  readonly readBytesPerCallMax: number
}

/**
 * Another child whose mounts overlap ours by host path. Moving a file changes what *it* may do as well, so its rules are
 * asked too (SPEC 2.2).
 */
export type Neighbour = {
  readonly table: CapabilityTable
  readonly mounts: readonly Pick<ContextMount, 'guestPath' | 'hostPath' | 'mode'>[]
}

/** Everything that an actor's worker is told about authority: plain data, cloned into the worker, never changed there. */
export type WorkerContext = {
  readonly policyVersion: number
  readonly table: CapabilityTable
  readonly mounts: readonly ContextMount[]
  readonly neighbours: readonly Neighbour[]
  /** Device and inode of the runtime's own directories (state directory…): opening one, by whatever name, is forbidden. */
  readonly ownDirectories: readonly { readonly device: bigint; readonly inode: bigint }[]
  readonly args: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  /** What `wasi:config` gives; no secrets. */
  readonly configuration?: readonly (readonly [name: string, value: string])[]
  readonly limits: ContextLimits
}
