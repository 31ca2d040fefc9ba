import type { Channel } from './channel.js'
import { spareRefillDelayMs } from './limits.js'

/**
 * A few workers that have booted and loaded our code before anybody needs them: taking one saves most of an actor's start.
 * A spare holds no authority and no data; it is used once and never comes back.
 */
export class WarmSpares {
  readonly #open: () => Channel
  readonly #size: number
  readonly #spares: Channel[] = []
  #refill: NodeJS.Timeout | undefined
  #closed = false

  constructor(open: () => Channel, size: number) {
    this.#open = open
    this.#size = size
    this.#fill()
  }

  /** A worker that waits for `begin`: a spare, or a new one where there is none. */
  take(): Channel {
    const channel = this.#spares.shift() ?? this.#open()
    this.#scheduleRefill()
    return channel
  }

  /** Ends all spares and makes no more. Resolves when the exit of each was seen. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#refill)
    const spares = this.#spares.splice(0)
    for (const spare of spares) spare.terminate()
    await Promise.all(spares.map((spare) => spare.exited))
  }

  #scheduleRefill(): void {
    if (this.#closed || this.#refill !== undefined) return
    this.#refill = setTimeout(() => {
      this.#refill = undefined
      this.#fill()
    }, spareRefillDelayMs)
    this.#refill.unref()
  }

  #fill(): void {
    while (!this.#closed && this.#spares.length < this.#size) {
      const spare = this.#open()
      this.#spares.push(spare)
      void spare.exited.then(() => {
        const index = this.#spares.indexOf(spare)
        if (index === -1) return
        // A spare that died by itself is replaced after a pause, so that a broken machine does not fork in a loop.
        this.#spares.splice(index, 1)
        this.#scheduleRefill()
      })
    }
  }
}
