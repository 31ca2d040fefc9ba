import { pollSliceMs } from './limits.js'

/**
 * How an event loop waits for a word of shared memory: until it is notified, or a slice of time has passed.
 *
 * At most one `waitAsync` is outstanding, which cannot be cancelled: the next wait uses it again. Nothing may be hung on it
 * at each slice, since a promise keeps what waits for it until it is settled, and a quiet word is never notified.
 */
export class WakeSlices {
  readonly #sliceMs: number
  readonly #pollMs: number
  #isAwaited = false
  #resume: () => void = () => {}

  /** @param pollMs the slice where there is no promise to wait for: the engine cannot wait so, or the word has moved. */
  constructor(sliceMs: number, pollMs: number = pollSliceMs) {
    this.#sliceMs = sliceMs
    this.#pollMs = pollMs
  }

  /**
   * One slice.
   *
   * @param wait begins to wait for the word; `undefined` when there is nothing to wait for or the engine cannot do it.
   * @param keepAlive whether the process goes on meanwhile.
   */
  pause(wait: () => Promise<unknown> | undefined, keepAlive: boolean): Promise<void> {
    if (!this.#isAwaited) this.#await(wait())
    const sliceMs = this.#isAwaited ? this.#sliceMs : this.#pollMs
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, sliceMs)
      if (!keepAlive) timer.unref()
      this.#resume = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #await(wakeUp: Promise<unknown> | undefined): void {
    if (wakeUp === undefined) return
    this.#isAwaited = true
    void wakeUp.then(() => {
      this.#isAwaited = false
      this.#resume()
    })
  }
}
