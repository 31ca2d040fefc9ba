import { RateBucket, type RateBucketMemory } from '@bulkhead/quota'
import { type Clock, Denial } from '@bulkhead/vocabulary'

/** A channel's share of the network, in bytes of both directions together. */
export class Bandwidth {
  readonly #bucket: RateBucket
  readonly #clock: Clock
  readonly #onRefill: () => void
  readonly #onTaken: (bytes: number) => void
  #cancel: (() => void) | undefined

  /**
   * @param onRefill called when there is something to have again, after it was refused
   * @param onTaken called with what was taken
   */
  constructor(memory: RateBucketMemory, clock: Clock, onRefill: () => void, onTaken: (bytes: number) => void) {
    this.#bucket = new RateBucket(memory, clock.monotonicNs)
    this.#clock = clock
    this.#onRefill = onRefill
    this.#onTaken = onTaken
  }

  /** Whether nothing is to be had before the next refill. */
  get isSpent(): boolean {
    return this.#cancel !== undefined
  }

  /**
   * Takes as much of `bytes` as there is; 0 when there is nothing now.
   *
   * @throws {Denial} `resource-limit-exceeded` when there never will be.
   */
  take(bytes: number): number {
    if (this.isSpent || bytes === 0) return 0
    let retryInNs = 0
    for (let piece = bytes; piece >= 1; piece = Math.floor(piece / 2)) {
      const answer = this.#bucket.take(piece)
      if (answer === 'taken') {
        this.#onTaken(piece)
        return piece
      }
      retryInNs = answer.retryInNs
    }
    this.#waitFor(retryInNs)
    return 0
  }

  /**
   * Takes all of `bytes`, or nothing.
   *
   * @throws {Denial} `resource-limit-exceeded` when so many never pass at once.
   */
  takeWhole(bytes: number): boolean {
    if (this.isSpent) return false
    const answer = this.#bucket.take(bytes)
    if (answer === 'taken') {
      this.#onTaken(bytes)
      return true
    }
    this.#waitFor(answer.retryInNs)
    return false
  }

  #waitFor(retryInNs: number): void {
    if (retryInNs === Number.POSITIVE_INFINITY) {
      throw new Denial('resource-limit-exceeded', 'this component may not use so much of the network', {
        details: { resource: 'network' },
      })
    }
    // A few milliseconds' worth at once, not byte by byte.
    this.#cancel = this.#clock.after(Math.max(5, Math.ceil(retryInNs / 1e6)), () => {
      this.#cancel = undefined
      this.#onRefill()
    })
  }

  close(): void {
    this.#cancel?.()
  }
}
