import { defaultQuotas } from '@bulkhead/manifest'
import type { ContextLimits } from './worker-context.js'

/** Bounds that no document changes, with their units (SPEC 13). */
const pollablesMax = 1024
const randomBytesPerCallMax = 64 * 1024
const readBytesPerCallMax = 1024 * 1024

/**
 * The limits of one guest. Zero means none.
 *
 * @param handles what its documents say, if anything; `cpuPercent` the same
 */
export function contextLimits(
  memoryBytesMax: number,
  handles: number | undefined,
  cpuPercent: number | undefined = undefined,
): ContextLimits {
  return {
    memoryBytesMax,
    cpuPercent: cpuPercent ?? defaultQuotas.cpuPercent,
    handlesMax: handles ?? defaultQuotas.handles,
    pollablesMax,
    randomBytesPerCallMax,
    readBytesPerCallMax,
  }
}
