import type { Clock } from '@bulkhead/vocabulary'
import { idleLookMsMin, idleLooks } from '../limits.js'

/** A run that may end when it has had nothing to do for long enough. */
export type IdleRun = {
  /** How long, in milliseconds. */
  readonly afterMs: number
  /** Whether it has something to do now. */
  readonly isBusy: () => boolean
  /** Messages that it has handled. */
  readonly handled: () => number
  /** In order: what comes meanwhile stays in its mailbox. */
  readonly stop: () => void
}

/**
 * Stops a run that was without work. It is looked at four times in that time, so that it is idle for as long as was said,
 * and at most a quarter longer.
 *
 * @returns ends the watch.
 */
export function stopWhenIdle({ afterMs, isBusy, handled, stop }: IdleRun, clock: Clock): () => void {
  const lookMs = Math.max(idleLookMsMin, Math.ceil(afterMs / idleLooks))
  let seen = handled()
  let idleMs = 0
  let cancel = (): void => {}
  const look = (): void => {
    const now = handled()
    idleMs = isBusy() || now !== seen ? 0 : idleMs + lookMs
    seen = now
    if (idleMs >= afterMs) stop()
    else again()
  }
  const again = (): void => {
    cancel = clock.after(lookMs, look)
  }
  again()
  return () => cancel()
}
