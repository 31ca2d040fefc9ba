import type { Clock } from '@bulkhead/vocabulary'
import { lookUpMs, lookupsAtOnceMax, lookupsWaitingMax } from '../limits.js'
import { networkError, networkErrorFrom } from './network-error.js'

export type LookUp = (name: string) => Promise<readonly string[]>

type Waiting = {
  readonly name: string
  readonly resolve: (answer: readonly string[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Look-ups of all channels. The resolver blocks a thread of a small pool for as long as a name server likes; so a channel
 * has one under way at a time, and all together leave a thread of the pool to others.
 */
export class Lookups {
  readonly #lookUp: LookUp
  readonly #clock: Pick<Clock, 'after'>
  readonly #waiting = new Map<object, Waiting[]>()
  readonly #busy = new Set<object>()

  constructor(lookUp: LookUp, clock: Pick<Clock, 'after'>) {
    this.#lookUp = lookUp
    this.#clock = clock
  }

  /**
   * @throws {BulkheadError} `network-failed`, and with `resolver-busy` for one that is too many of the channel's, or has no
   *   answer after 30 s. The resolver goes on with it for as long as it likes: it cannot be told to stop.
   */
  find(channel: object, name: string): Promise<readonly string[]> {
    const queue = this.#waiting.get(channel) ?? []
    this.#waiting.set(channel, queue)
    if (queue.length >= lookupsWaitingMax) {
      return Promise.reject(networkError('resolver-busy', `${lookupsWaitingMax} look-ups wait already`))
    }
    let cancel = (): void => {}
    const answer = new Promise<readonly string[]>((resolve, reject) => {
      const waiting = { name, resolve, reject }
      queue.push(waiting)
      cancel = this.#clock.after(lookUpMs, () => {
        const at = queue.indexOf(waiting)
        if (at !== -1) queue.splice(at, 1)
        reject(networkError('resolver-busy', `no answer after ${lookUpMs / 1_000} s`))
      })
      this.#next()
    })
    return answer.finally(cancel)
  }

  /** The channel has ended: nothing of it is looked up that was not begun. */
  forget(channel: object): void {
    for (const { reject } of this.#waiting.get(channel) ?? []) reject(networkError('unknown', 'the channel has ended'))
    this.#waiting.delete(channel)
  }

  #next(): void {
    for (const [channel, queue] of this.#waiting) {
      if (this.#busy.size >= lookupsAtOnceMax) return
      if (this.#busy.has(channel)) continue
      const next = queue.shift()
      // To the end of the line: who always has a look-up waiting must not come before those who have none but this.
      this.#waiting.delete(channel)
      if (queue.length > 0) this.#waiting.set(channel, queue)
      if (next !== undefined) void this.#run(channel, next)
    }
  }

  async #run(channel: object, { name, resolve, reject }: Waiting): Promise<void> {
    this.#busy.add(channel)
    try {
      resolve(await this.#lookUp(name))
    } catch (error) {
      reject(networkErrorFrom(error))
    } finally {
      this.#busy.delete(channel)
      this.#next()
    }
  }
}
