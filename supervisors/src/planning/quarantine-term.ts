import { quarantineFactor, quarantinesTimed } from '../limits.js'
import { type LadderTiming, ladderTiming } from './ladder-timing.js'

/**
 * How long the next quarantine lasts, in milliseconds: 5 min, 10 min, 20 min; `undefined` means until released.
 *
 * @param earlier how often the child was quarantined before.
 */
export function quarantineTermMs(earlier: number, timing: LadderTiming = ladderTiming()): number | undefined {
  return earlier < quarantinesTimed ? timing.quarantineFirstMs * quarantineFactor ** earlier : undefined
}

/** The longest time that a deadline of the ladder may lie ahead: one that is further was not reckoned by this clock. */
export function longestTermMs(timing: LadderTiming): number {
  return timing.quarantineFirstMs * quarantineFactor ** (quarantinesTimed - 1)
}
