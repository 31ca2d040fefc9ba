import { probesDistinctMax, probeWindowMs } from './limits.js'

/**
 * Whether a denied look-up was a probe: nothing is there (SPEC 2.3). An empty path means that nothing is mounted where
 * the guest looked. What cannot be looked at is taken for existing: the denial then counts.
 *
 * @param lstat throws as `fs.lstatSync` does.
 */
export function isProbe(hostPath: string | undefined, lstat: (path: string) => unknown): boolean {
  if (hostPath === undefined) return false
  if (hostPath === '') return true
  try {
    lstat(hostPath)
    return false
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ENOENT' || code === 'ENOTDIR'
  }
}

/** Notices an actor that tries names out: 256 distinct probes within 10 s. */
export class ProbeCounter {
  readonly #seen = new Map<string, number>()
  #quietUntilMs = Number.NEGATIVE_INFINITY

  /** Counts one; `true` when this one makes a violation. At most one violation for each 10 s. */
  count(name: string, nowMs: number): boolean {
    // Set anew, so that the map stays ordered by time and the oldest names are the first.
    this.#seen.delete(name)
    this.#seen.set(name, nowMs)
    for (const [oldest, atMs] of this.#seen) {
      if (atMs > nowMs - probeWindowMs && this.#seen.size <= probesDistinctMax) break
      this.#seen.delete(oldest)
    }
    if (this.#seen.size < probesDistinctMax || nowMs < this.#quietUntilMs) return false
    this.#quietUntilMs = nowMs + probeWindowMs
    this.#seen.clear()
    return true
  }
}
