import type { Clock } from '@bulkhead/vocabulary'
import type { Ledger } from './ledger.js'
import { revocationLookMs } from './limits.js'

/** Whether the guest is inside a host call that decided by rules older than `version` (DESIGN D3). */
export function isInOlderCall(ledger: Ledger, version: number): boolean {
  const entered = ledger.enteredVersion
  return entered !== 0 && entered < version
}

/**
 * Resolves `left` when the guest is in no host call that was entered under rules older than `version`, or has ended;
 * `inside` when it still is after `graceMs`. Call it after the version was published: a guest that enters later sees it.
 */
export async function waitForOlderCall(
  ledger: Ledger,
  version: number,
  graceMs: number,
  clock: Clock,
  ended: Promise<unknown>,
): Promise<'left' | 'inside'> {
  let gone = false
  void ended.then(() => {
    gone = true
  })
  const sinceNs = clock.monotonicNs()
  const graceNs = BigInt(Math.round(graceMs * 1e6))
  while (isInOlderCall(ledger, version) && !gone) {
    if (clock.monotonicNs() - sinceNs >= graceNs) return 'inside'
    // By timers and not by a shared word: a guest that had to notify at each exit would pay for every call.
    await new Promise<void>((resolve) => void clock.after(revocationLookMs, resolve))
  }
  return 'left'
}
