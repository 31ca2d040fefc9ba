import { BulkheadError } from '@bulkhead/vocabulary'
import { canaryMs, cleanStepMs, quarantineFirstMs, scoreStepMs, timeScaleMax } from '../limits.js'

/** The durations of the ladder, in milliseconds. A tree's `time_scale` divides all of them, and nothing else. */
export type LadderTiming = {
  /** A full one of these without a fault halves the score. */
  readonly scoreStepMs: number
  /** Clean time for each rung above `thread` before a child comes down by one. */
  readonly cleanStepMs: number
  /** How long a quarantined child that is tried again has to stay well. */
  readonly canaryMs: number
  /** The first quarantine; each further one is twice as long. */
  readonly quarantineFirstMs: number
}

/**
 * @param timeScale 60 makes a minute a second.
 * @throws {BulkheadError} `usage` for a scale that is not above 0, or beyond `timeScaleMax`.
 */
export function ladderTiming(timeScale = 1): LadderTiming {
  if (!(timeScale > 0 && timeScale <= timeScaleMax)) {
    throw new BulkheadError(
      'usage',
      `the time scale is \`${timeScale}\`; a number above 0, at most ${timeScaleMax}, is expected`,
    )
  }
  return {
    scoreStepMs: scoreStepMs / timeScale,
    cleanStepMs: cleanStepMs / timeScale,
    canaryMs: canaryMs / timeScale,
    quarantineFirstMs: quarantineFirstMs / timeScale,
  }
}
