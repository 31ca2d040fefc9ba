import type { Intensity } from './restart-spec.js'

// One account for each child: a budget that siblings share would let one hostile child take them down. All instants are
// monotonic milliseconds of the tree's clock.

/** What a child's past costs it. Plain data: later versions persist it, one record for each child. */
export type RestartAccount = {
  /** Instants of the charged exits that still lie in the window, oldest first. */
  readonly chargedAtMs: readonly number[]
  /** Restarts since the child was last healthy for long enough: the exponent of the backoff. */
  readonly failuresInARow: number
  readonly lastDelayMs: number
}

export const freshAccount: RestartAccount = { chargedAtMs: [], failuresInARow: 0, lastDelayMs: 0 }

/**
 * Drops charges older than the window. The edge belongs to the window: a charge exactly `withinMs` ago still counts,
 * as in OTP, but in milliseconds where OTP counts whole seconds.
 */
export function withinWindow(account: RestartAccount, intensity: Intensity, nowMs: number): RestartAccount {
  const chargedAtMs = account.chargedAtMs.filter((instant) => instant >= nowMs - intensity.withinMs)
  return { ...account, chargedAtMs }
}

/** Restarts that the account still forgives now; never negative. */
export function restartsLeft(account: RestartAccount, intensity: Intensity, nowMs: number): number {
  return Math.max(0, intensity.restarts - withinWindow(account, intensity, nowMs).chargedAtMs.length)
}

/** The account after one charged exit. It is exhausted when it then holds more than `intensity.restarts`. */
export function charge(account: RestartAccount, intensity: Intensity, nowMs: number): RestartAccount {
  const current = withinWindow(account, intensity, nowMs)
  return { ...current, chargedAtMs: [...current.chargedAtMs, nowMs] }
}
