import { BulkheadError } from '@bulkhead/vocabulary'
import { streamWaitingDefault, streamWaitingMax } from '../limits.js'
import type { HostSubscriptions } from './host-subscriptions.js'
import type { ReceivedMessage, StreamItem, StreamOptions } from './message-desk.js'

/**
 * The messages of a pattern as they come, for a reader that may be slow: what does not fit is left out and counted, and
 * nobody else waits for it. The subscription begins with the call, not with the first read.
 *
 * @param open holds what ends each stream, for as long as it has not ended
 * @throws {PatternError} when the pattern is none; `usage` for a bound that is none.
 */
export function messageStream(
  subscriptions: HostSubscriptions,
  pattern: string,
  options: StreamOptions = {},
  open: Set<() => void> = new Set(),
): AsyncIterableIterator<StreamItem> & { readonly end: () => void } {
  const { signal, waitingMax = streamWaitingDefault } = options
  if (!Number.isInteger(waitingMax) || waitingMax < 1 || waitingMax > streamWaitingMax) {
    throw new BulkheadError('usage', `\`${waitingMax}\` is no number of messages to keep`, {
      hint: `1 to ${streamWaitingMax}`,
    })
  }
  const stream = new MessageStream(waitingMax)
  const unsubscribe = subscriptions.subscribe(pattern, (message) => stream.push(message))
  const end = (): void => {
    unsubscribe()
    signal?.removeEventListener('abort', end)
    stream.end()
    open.delete(end)
  }
  open.add(end)
  if (signal?.aborted === true) end()
  else signal?.addEventListener('abort', end)
  return {
    end,
    next: () => stream.next(),
    return: async () => {
      end()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

class MessageStream {
  readonly #waitingMax: number
  readonly #waiting: ReceivedMessage[] = []
  readonly #wanted: ((result: IteratorResult<StreamItem>) => void)[] = []
  #missed = 0
  #isEnded = false

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax
  }

  push(message: ReceivedMessage): void {
    const wanted = this.#wanted.shift()
    if (wanted !== undefined) wanted({ done: false, value: { kind: 'message', message } })
    else if (this.#waiting.length < this.#waitingMax) this.#waiting.push(message)
    else this.#missed++
  }

  /** What was received before the end is still read. */
  next(): Promise<IteratorResult<StreamItem>> {
    const message = this.#waiting.shift()
    if (message !== undefined) return Promise.resolve({ done: false, value: { kind: 'message', message } })
    if (this.#missed > 0) {
      const count = this.#missed
      this.#missed = 0
      return Promise.resolve({ done: false, value: { kind: 'missed', count } })
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      this.#wanted.push(resolve)
    })
  }

  end(): void {
    this.#isEnded = true
    for (const wanted of this.#wanted.splice(0)) wanted({ done: true, value: undefined })
  }
}
