import { setTimeout } from 'node:timers/promises'
import type { HealthStreamItem } from '@bulkhead/admin'
import { BulkheadError, type HealthEventType } from '@bulkhead/vocabulary'
import type { Live } from '../desk/live.js'
import { reconnectMs } from '../limits.js'

/** `gone`: the process has ended or was not reached any more; what follows is of the one that comes after it. */
export type FeedItem = HealthStreamItem | { readonly kind: 'gone' }

export type FeedQuestion = {
  readonly after?: string
  readonly types?: readonly HealthEventType[]
  readonly child?: string
  /** Whether it goes on with what comes, from one process to the next. */
  readonly follow: boolean
}

/** Health events of whichever process uses a state directory: where one ends, the feed waits for the next and goes on there. */
export class EventFeed {
  readonly #open: () => Promise<Live>
  readonly #question: FeedQuestion
  readonly #left = new AbortController()

  constructor(open: () => Promise<Live>, question: FeedQuestion) {
    this.#open = open
    this.#question = question
  }

  /** Ends it, also while nothing comes. */
  leave(): void {
    this.#left.abort()
  }

  /** @throws {BulkheadError} `runtime-unreachable` where there is no process at first, or it ends while one is not followed. */
  async *items(): AsyncGenerator<FeedItem> {
    let { after } = this.#question
    let live = await this.#open()
    for (;;) {
      try {
        for await (const item of this.#read(live, after)) {
          after = item.kind === 'began' ? (after ?? `${item.id}-0`) : item.cursor
          yield item
        }
      } catch (thrown) {
        if (!this.#question.follow || !isUnreachable(thrown)) throw thrown
      } finally {
        await live.close()
      }
      if (!this.#question.follow || this.#left.signal.aborted) return
      yield { kind: 'gone' }
      const next = await this.#reached()
      if (next === undefined) return
      live = next
    }
  }

  async *#read(live: Live, after: string | undefined): AsyncGenerator<HealthStreamItem> {
    const { types, child, follow } = this.#question
    const items = live.stream('events', {
      follow,
      ...(after === undefined ? {} : { after }),
      ...(types === undefined ? {} : { types: [...types] }),
      ...(child === undefined ? {} : { child }),
    })
    const end = (): void => void items.return?.()
    if (this.#left.signal.aborted) end()
    this.#left.signal.addEventListener('abort', end)
    try {
      yield* items
    } finally {
      this.#left.signal.removeEventListener('abort', end)
    }
  }

  /** The next process; `undefined`: nobody waits for it any more. */
  async #reached(): Promise<Live | undefined> {
    while (!this.#left.signal.aborted) {
      try {
        return await this.#open()
      } catch (thrown) {
        if (!isUnreachable(thrown)) throw thrown
      }
      await setTimeout(reconnectMs, undefined, { signal: this.#left.signal }).catch(() => {})
    }
    return undefined
  }
}

export function isUnreachable(thrown: unknown): boolean {
  return thrown instanceof BulkheadError && thrown.code === 'runtime-unreachable'
}
