import { compileTable } from '@bulkhead/capability'
import { createHost, type HostPowers } from '@bulkhead/wasi'

const nothing = {
  policyVersion: 1,
  table: compileTable({ version: 1, componentId: 'spare', layers: [], operator: [], deny: [], forbidden: [] }),
  mounts: [],
  neighbours: [],
  ownDirectories: [],
  args: [],
  environment: [],
  limits: {
    memoryBytesMax: 0,
    cpuPercent: 100,
    handlesMax: 0,
    pollablesMax: 0,
    randomBytesPerCallMax: 0,
    readBytesPerCallMax: 0,
  },
} as const

/**
 * Builds a host that nobody is given and closes it, so that its code is compiled while the spare waits: most of what
 * building the guest's own would cost.
 */
export function warmUp({ fs, fillRandom }: Pick<HostPowers, 'fs' | 'fillRandom'>): void {
  const closed = { capacity: () => 0, write: () => {}, flushed: () => true }
  createHost({
    context: nothing,
    fs,
    fillRandom,
    monotonicNs: () => 0n,
    wallMs: () => 0,
    stdin: { read: () => 'closed' },
    stdout: closed,
    stderr: closed,
    appendAudit: () => true,
    observedVersion: () => nothing.policyVersion,
    takeNewestContext: () => undefined,
    publishEntered: () => {},
    wakeCount: () => 0,
    park: () => {},
    hostile: (kind, detail) => {
      throw new TypeError(`${kind} without a guest: ${detail}`)
    },
  }).close()
}
