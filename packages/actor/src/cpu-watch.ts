import { cpuOveruseFactor, cpuWatchReadings } from './limits.js'

/** One look at an actor's thread. */
export type CpuReading = {
  readonly atMs: number
  /** Processor time of the thread so far. */
  readonly usedMs: number
  /** A count that moves when the guest comes by the guard, where its share is kept. */
  readonly visits: number
}

/**
 * Watches for what the guard cannot see: a guest that computes and makes no host call. Pure: readings come in, about ten in
 * a window, and the answer is the percent of a core that it used over a whole window in which it never came by the guard,
 * once that is twice its share.
 */
export class CpuWatch {
  readonly #limitPercent: number
  readonly #windowMs: number
  #readings: CpuReading[] = []

  constructor(sharePercent: number, windowMs: number) {
    this.#limitPercent = sharePercent * cpuOveruseFactor
    this.#windowMs = windowMs
  }

  /** Whether a thread can be over this limit at all: it has one core at most. */
  static canExceed(sharePercent: number): boolean {
    return sharePercent * cpuOveruseFactor <= 100
  }

  get intervalMs(): number {
    return this.#windowMs / cpuWatchReadings
  }

  /** @returns the percent used, when it is too much. */
  take(reading: CpuReading): number | undefined {
    if (this.#readings.at(-1)?.visits !== reading.visits) this.#readings = []
    this.#readings.push(reading)
    // The last reading that is a window old, or older, begins the window.
    const begin = this.#readings.findLastIndex(({ atMs }) => reading.atMs - atMs >= this.#windowMs)
    const first = this.#readings[begin]
    if (first === undefined) return undefined
    this.#readings = this.#readings.slice(begin)
    const percent = ((reading.usedMs - first.usedMs) / (reading.atMs - first.atMs)) * 100
    return percent >= this.#limitPercent * measured ? percent : undefined
  }
}

/** A thread that never waits is told as a little less than a whole core. */
const measured = 0.97
