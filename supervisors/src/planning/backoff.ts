import { backoffFactor, backoffFirstMs, backoffMsMax, backoffResetMs } from '../limits.js'
import type { RestartAccount } from './restart-account.js'

/**
 * The delay before a restart: 200 ms doubled with each failure in a row, jittered in its upper half, never above 30 s.
 * The cap comes before the jitter and the jitter only shortens: jitter on top of a capped delay would pass the cap.
 *
 * @param random a number in [0, 1).
 */
export function backoffDelayMs(failuresInARow: number, random: number): number {
  const nominalMs = Math.min(backoffFirstMs * backoffFactor ** failuresInARow, backoffMsMax)
  return Math.round(nominalMs / 2 + (nominalMs / 2) * random)
}

/** Forgets earlier failures when the run that just ended had been healthy for max(10 s, twice the last delay). */
export function forgiveAfterHealth(account: RestartAccount, healthyMs: number): RestartAccount {
  if (healthyMs < Math.max(backoffResetMs, 2 * account.lastDelayMs)) return account
  return { ...account, failuresInARow: 0, lastDelayMs: 0 }
}

/** The account once the restart after `delayMs` is decided. */
export function countDelay(account: RestartAccount, delayMs: number): RestartAccount {
  return { ...account, failuresInARow: account.failuresInARow + 1, lastDelayMs: delayMs }
}
