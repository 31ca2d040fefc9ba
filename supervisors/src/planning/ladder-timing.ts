import { canaryMs, cleanStepMs, quarantineFirstMs, scoreStepMs } from '../limits.js'

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

/** @param timeScale above 0; 60 makes a minute a second. */
export function ladderTiming(timeScale = 1): LadderTiming {
  return {
    scoreStepMs: scoreStepMs / timeScale,
    cleanStepMs: cleanStepMs / timeScale,
    canaryMs: canaryMs / timeScale,
    quarantineFirstMs: quarantineFirstMs / timeScale,
  }
}
