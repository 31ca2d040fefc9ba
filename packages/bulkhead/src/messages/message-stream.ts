import { BulkheadError } from '@bulkhead/vocabulary'
import { streamBytesMax, streamWaitingDefault, streamWaitingMax } from '../limits.js'
import type { HostSubscriptions } from './host-subscriptions.js'
import type { ReceivedMessage, StreamItem, StreamOptions } from './message-desk.js'

/** All streams of one tree. */
export type Streams = {
  /** What ends each of them, for as long as it has not ended. */
  readonly open: Set<() => void>
  /** Of bodies that wait for their readers. */
  readonly bytes: { waiting: number }
}

export function newStreams(): Streams {
  return { open: new Set(), bytes: { waiting: 0 } }
}

/**
 * The messages of a pattern as they come, for a reader that may be slow: what does not fit is left out and counted, and
 * nobody else waits for it. The subscription begins with the call, not with the first read.
 *
 * @param streams those beside which it is one
 * @throws {PatternError} when the pattern is none; `usage` for a bound that is none.
 */
export function messageStream(
  subscriptions: HostSubscriptions,
  pattern: string,
  options: StreamOptions = {},
  { open, bytes }: Streams = newStreams(),
): AsyncIterableIterator<StreamItem> & { readonly end: () => void } {
  const { signal, waitingMax = streamWaitingDefault } = options
  if (!Number.isInteger(waitingMax) || waitingMax < 1 || waitingMax > streamWaitingMax) {
    throw new BulkheadError('usage', `\`${waitingMax}\` is no number of messages to keep`, {
      hint: `1 to ${streamWaitingMax}`,
    })
  }
  const stream = new MessageStream(waitingMax, bytes)
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
      stream.drop()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

class MessageStream {
  readonly #waitingMax: number
  readonly #bytes: Streams['bytes']
  readonly #waiting: ReceivedMessage[] = []
  readonly #wanted: ((result: IteratorResult<StreamItem>) => void)[] = []
  #missed = 0
  #isEnded = false

  constructor(waitingMax: number, bytes: Streams['bytes']) {
    this.#waitingMax = waitingMax
    this.#bytes = bytes
  }

  push(message: ReceivedMessage): void {
    const wanted = this.#wanted.shift()
    if (wanted !== undefined) wanted({ done: false, value: { kind: 'message', message } })
    else if (this.#hasRoomFor(message)) {
      this.#waiting.push(message)
      this.#bytes.waiting += message.body.length
    } else this.#missed++
  }

  #hasRoomFor({ body }: ReceivedMessage): boolean {
    return this.#waiting.length < this.#waitingMax && this.#bytes.waiting + body.length <= streamBytesMax
  }

  #take(): ReceivedMessage | undefined {
    const message = this.#waiting.shift()
    this.#bytes.waiting -= message?.body.length ?? 0
    return message
  }

  /** Its reader has left: nobody takes what waits. */
  drop(): void {
    while (this.#take() !== undefined);
  }

  /** What was received before the end is still read. */
  next(): Promise<IteratorResult<StreamItem>> {
    const message = this.#take()
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
