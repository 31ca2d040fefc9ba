import { memoryAlarmPart, memoryCommittedPart, memoryResidentPart } from '../limits.js'

// Admission by memory (SPEC 12). Caps are promises that are seldom all kept at once, so more may be promised than there is
// (`overcommit`); what is really resident is watched besides, before a start and while children run.

/** What the host has, in bytes. */
export type HostMemory = {
  readonly physicalBytes: number
  /** Of the control group; absent where there is none, or none with a limit. */
  readonly cgroupBytesMax?: number
  /** What this process, and those of its rungs, have resident. */
  readonly residentBytes: number
}

/** What one child may take: linear cap, cap of its JavaScript heap, rings. */
export type MemoryClaim = {
  readonly linearBytesMax: number
  readonly heapBytesMax: number
  readonly ringBytes: number
}

export type MemoryAdmission =
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly reason: 'memory'; readonly detail: string }

export function claimedBytes({ linearBytesMax, heapBytesMax, ringBytes }: MemoryClaim): number {
  return linearBytesMax + heapBytesMax + ringBytes
}

/** What there is: the control group's limit where it is the smaller one. */
export function availableBytes({ physicalBytes, cgroupBytesMax }: HostMemory): number {
  return Math.min(physicalBytes, cgroupBytesMax ?? physicalBytes)
}

/** What may be promised to all children together. */
export function budgetBytes(memory: HostMemory, overcommit: number): number {
  return memoryCommittedPart * availableBytes(memory) * overcommit
}

/**
 * Whether a child may start beside those that run.
 *
 * @param committedBytes the claims of all children that run or are starting.
 */
export function admitByMemory(
  claim: MemoryClaim,
  committedBytes: number,
  memory: HostMemory,
  overcommit: number,
): MemoryAdmission {
  const wanted = committedBytes + claimedBytes(claim)
  const budget = Math.floor(budgetBytes(memory, overcommit))
  if (wanted > budget) return waiting(`its ${claimedBytes(claim)} bytes would make ${wanted} of ${budget} promised`)
  const residentMost = Math.floor(memoryResidentPart * availableBytes(memory))
  if (memory.residentBytes < residentMost) return { kind: 'open' }
  return waiting(`${memory.residentBytes} bytes are resident, ${residentMost} may be`)
}

/** A child as the alarm sees it. */
export type MemoryUse<Id> = { readonly id: Id; readonly usedBytes: number; readonly claimBytes: number }

/**
 * The child to stop when more than 0.9 of the memory is resident: the one that is furthest, in bytes, over its share, which
 * is what its claim would be if all claims were cut to fit below the alarm. `undefined`: there is no alarm, or nobody is over
 * and the memory is the host's own.
 */
export function childOverShare<Id>(children: readonly MemoryUse<Id>[], memory: HostMemory): Id | undefined {
  const alarmBytes = memoryAlarmPart * availableBytes(memory)
  if (memory.residentBytes <= alarmBytes) return undefined
  const claimed = children.reduce((sum, { claimBytes }) => sum + claimBytes, 0)
  const cut = Math.min(1, alarmBytes / Math.max(1, claimed))
  let found: { readonly id: Id; readonly overBytes: number } | undefined
  for (const { id, usedBytes, claimBytes } of children) {
    const overBytes = usedBytes - claimBytes * cut
    if (overBytes > (found?.overBytes ?? 0)) found = { id, overBytes }
  }
  return found?.id
}

function waiting(detail: string): MemoryAdmission {
  return { kind: 'waiting', reason: 'memory', detail }
}
