import { setTimeout } from 'node:timers/promises'
import { BulkheadError } from '@bulkhead/vocabulary'
import { deskPatienceMs, deskRetryMs } from '../limits.js'
import type { Desk, OpenDesk } from './desk.js'

/**
 * Two commands on a directory that no process uses come one after the other: the second finds it held by somebody who does
 * not answer, for as long as the first takes. So does who comes while a process starts or stops.
 *
 * @throws {BulkheadError} `runtime-unreachable` when nobody answers in the meantime; what `openDesk` throws besides, at once.
 */
export async function openPatiently(
  stateDirectory: string,
  openDesk: OpenDesk,
  patienceMs: number = deskPatienceMs,
): Promise<Desk> {
  const end = performance.now() + patienceMs
  for (;;) {
    try {
      return await openDesk(stateDirectory)
    } catch (thrown) {
      const busy = thrown instanceof BulkheadError && thrown.code === 'runtime-unreachable'
      if (!busy || performance.now() >= end) throw thrown
      await setTimeout(deskRetryMs)
    }
  }
}
