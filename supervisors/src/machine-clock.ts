import type { Clock } from '@bulkhead/vocabulary'

/** A timer as xstate holds it. `live` is cleared by a cancel that comes after the timer fired but before its task ran. */
type MachineTimer = { live: boolean; readonly cancel: () => void }

/** xstate's clock, over ours. */
export type MachineClock = {
  readonly setTimeout: (fire: () => void, delayMs: number) => MachineTimer
  readonly clearTimeout: (timer: MachineTimer) => void
}

/**
 * Lends a `Clock` to a machine. What falls due goes through `enqueue` (the machine's inbox) like every other event, so a
 * timer never interrupts a step; a timer that was cancelled while it waited there does nothing, else a state entered
 * anew would be left by the timer of its earlier visit. A delay of `Infinity` arms nothing: Node would fire it at once.
 */
export function machineClock(clock: Clock, enqueue: (task: () => void) => void): MachineClock {
  return {
    setTimeout: (fire, delayMs) => {
      if (delayMs === Number.POSITIVE_INFINITY) return { live: false, cancel: () => undefined }
      const cancel = clock.after(delayMs, () => {
        enqueue(() => {
          if (timer.live) fire()
        })
      })
      const timer: MachineTimer = { live: true, cancel }
      return timer
    },
    clearTimeout: (timer) => {
      timer.live = false
      timer.cancel()
    },
  }
}
