import type { Clock } from '@bulkhead/vocabulary'
import type { Ledger } from './ledger.js'
import { revocationLookMs, starvedGraces } from './limits.js'

/** Whether the guest is inside a host call that decided by rules older than `version` (DESIGN D3). */
export function isInOlderCall(ledger: Ledger, version: number): boolean {
  const entered = ledger.enteredVersion
  return entered !== 0 && entered < version
}

/** What the operating system tells of the guest's thread: `Channel` has both. */
export type ThreadTime = {
  readonly cpuMs: () => number
  readonly wantsCpu: () => boolean
}

/**
 * Resolves `left` when the guest is in no host call that was entered under rules older than `version`, or has ended;
 * `inside` when it still is after `graceMs`, which are longer for a thread that waits for a processor all the while. Call it
 * after the version was published: a guest that enters later sees it.
 */
export async function waitForOlderCall(
  ledger: Ledger,
  version: number,
  graceMs: number,
  thread: ThreadTime,
  clock: Clock,
  ended: Promise<unknown>,
): Promise<'left' | 'inside'> {
  let gone = false
  void ended.then(() => {
    gone = true
  })
  const sinceNs = clock.monotonicNs()
  const cpuBeforeMs = thread.cpuMs()
  const isStarved = (): boolean => thread.wantsCpu() && thread.cpuMs() - cpuBeforeMs < graceMs / 2
  while (isInOlderCall(ledger, version) && !gone) {
    const waitedMs = Number(clock.monotonicNs() - sinceNs) / 1e6
    if (waitedMs >= graceMs * starvedGraces || (waitedMs >= graceMs && !isStarved())) return 'inside'
    // By timers and not by a shared word: a guest that had to notify at each exit would pay for every call.
    await new Promise<void>((resolve) => void clock.after(revocationLookMs, resolve))
  }
  return 'left'
}
