// Perimeter: the real clock. The only file of this workspace that reaches ambient time.
import type { Clock } from './clock.js'

/** The machine's clocks and timers. A pending timer does not keep the process alive. */
export const systemClock: Clock = {
  monotonicNs: () => process.hrtime.bigint(),
  wallMs: () => Date.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
