import type { Clock } from '@bulkhead/vocabulary'

/** Turns a record's monotonic instant into wall-clock time. */
export class WallTime {
  readonly #originNs: bigint
  readonly #clock: Pick<Clock, 'monotonicNs' | 'wallMs'>

  /** @param originNs the reading of the monotonic clock that records count from. */
  constructor(originNs: bigint, clock: Pick<Clock, 'monotonicNs' | 'wallMs'>) {
    this.#originNs = originNs
    this.#clock = clock
  }

  /** Milliseconds since 1970 UTC. An instant that is not in the past, or longer ago than the machine can tell, is now. */
  ofNs(at: bigint): number {
    const nowMs = this.#clock.wallMs()
    const agoMs = Number((this.#clock.monotonicNs() - this.#originNs - at) / 1_000_000n)
    return agoMs > 0 && agoMs < nowMs ? nowMs - agoMs : nowMs
  }
}
