import { stormRestartsMax, stormWindowMs } from '../limits.js'

// A hundred children that crash together must not make a hundred starts together. The guard is one for a host, handed to
// each of its trees; initial starts do not pass it, only restarts.

/** Instants of the restarts of the last second, oldest first. */
export type StormWindow = readonly number[]

/** `go` with the window after it, or `wait` with the milliseconds until the oldest restart leaves the window. */
export type Admission =
  | { readonly kind: 'go'; readonly window: StormWindow }
  | { readonly kind: 'wait'; readonly delayMs: number }

/** Admits a restart unless 20 already happened within the last second. Pure. */
export function admitRestart(window: StormWindow, nowMs: number): Admission {
  const recent = window.filter((instant) => instant > nowMs - stormWindowMs)
  const oldest = recent[0]
  if (oldest === undefined || recent.length < stormRestartsMax) return { kind: 'go', window: [...recent, nowMs] }
  return { kind: 'wait', delayMs: oldest + stormWindowMs - nowMs }
}

/** The host's storm guard: the one mutable holder of a `StormWindow`. Share it between the trees of a host. */
export class StormGuard {
  #window: StormWindow = []

  /** Takes a turn and answers 0, or answers the milliseconds until one may be free. `nowMs`: monotonic, one origin for all trees. */
  take(nowMs: number): number {
    const admission = admitRestart(this.#window, nowMs)
    if (admission.kind === 'wait') return admission.delayMs
    this.#window = admission.window
    return 0
  }

  /** The milliseconds until a turn may be free; takes none. */
  delayMs(nowMs: number): number {
    const admission = admitRestart(this.#window, nowMs)
    return admission.kind === 'wait' ? admission.delayMs : 0
  }
}
