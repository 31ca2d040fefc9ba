// Perimeter: what memory this machine has, and what of it this process holds.
import { totalmem } from 'node:os'
import type { HostMemory } from '@bulkhead/supervisors'

/** @param apartBytes what processes of our own hold, beside this one. */
export function hostMemory(apartBytes: () => number): HostMemory {
  const physicalBytes = totalmem()
  const cgroupBytesMax = process.constrainedMemory()
  return {
    physicalBytes,
    ...(cgroupBytesMax > 0 && cgroupBytesMax < physicalBytes ? { cgroupBytesMax } : {}),
    residentBytes: process.memoryUsage.rss() + apartBytes(),
  }
}
