import type { TreeRoster } from '../administration/tree-roster.js'
import type { SumOfCaps } from './cgroup-limits.js'

/** What the caps of all members come to; a member without a share of the processor may have one core. */
export function sumOfCaps({ members }: TreeRoster): SumOfCaps {
  const caps = [...members.values()].map(({ child }) => child.live.judgement.limits)
  return {
    memoryBytes: caps.reduce((sum, { memoryBytes }) => sum + memoryBytes.value, 0),
    cpuPercent: caps.reduce((sum, limits) => sum + (limits.cpuPercent?.value ?? 100), 0),
  }
}
