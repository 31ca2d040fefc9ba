// Which descriptors a process with an actor has, and where its code is: known on both sides.
import { createRequire } from 'node:module'

export const descriptorOf = { diagnostics: 2, control: 3, audit: 4, stdin: 5, stdout: 6, stderr: 7, http: 8 } as const
/** bubblewrap's own come behind; it closes them before it starts anything. */
export const firstFreeDescriptor = 9

/** The bridge, where the process sees the files of the host. */
export function bridgeFile(): string {
  return createRequire(import.meta.url).resolve('@bulkhead/actor/process-bridge')
}
