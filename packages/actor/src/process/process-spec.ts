import type { PortableExecutable } from '@bulkhead/component/load'
import type { WorkerContext } from '@bulkhead/security-context'
import type { CgroupPlace } from './cgroup.js'

export type ProcessSpec = {
  readonly executable: PortableExecutable
  /** What the actor begins with: its mounts decide which directories of the host the process gets to see. */
  readonly context: WorkerContext
  /** `weak`: a process without walls, which holds the memory and the end of an actor but none of its files. */
  readonly rung?: 'bubblewrap' | 'weak'
  /**
   * Host paths that are shown empty where they lie in a mount: the state directory, what the forbidden list names. What
   * is not there is left out.
   */
  readonly hidden?: readonly string[]
  /** Where groups with a memory limit may be made: `findCgroupPlace`. */
  readonly cgroups?: CgroupPlace | undefined
  /** Monotonic nanoseconds, of the origin of `begin.originNs`; the process's own clock when left out. */
  readonly monotonicNs?: () => bigint
  /** The file of the worker's code beside ours, for test builds. */
  readonly workerEntry?: string
}
