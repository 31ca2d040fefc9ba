import { setMaxListeners } from 'node:events'
import { eventStream, type StreamSource } from './event-stream.js'
import { retryAfterSeconds, streamsMax } from './limits.js'
import { type Refusal, refused } from './refusal.js'

const full: Refusal = {
  status: 503,
  code: 'streams-full',
  message: 'so many streams are open that there is no room for another',
  fields: { 'retry-after': String(retryAfterSeconds), connection: 'close' },
}

/** All streams that are open: so many and no more, and one end for all. */
export class Streams {
  readonly #ending = new AbortController()
  readonly #heartbeatMs: number | undefined
  #open = 0

  constructor(heartbeatMs?: number) {
    this.#heartbeatMs = heartbeatMs
    // Each of them listens.
    setMaxListeners(0, this.#ending.signal)
  }

  get open(): number {
    return this.#open
  }

  /** @param begin gets what tells it to end */
  answer(method: string, begin: (signal: AbortSignal) => StreamSource): Response {
    const fields = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }
    // Nobody would read it, and so nobody would end it.
    if (method === 'HEAD') return new Response(null, { headers: fields })
    if (this.#open >= streamsMax || this.#ending.signal.aborted) return refused(full)
    const source = begin(this.#ending.signal)
    this.#open += 1
    const close = (): void => {
      this.#open -= 1
      source.close()
    }
    return new Response(eventStream({ next: source.next, close }, this.#heartbeatMs), { headers: fields })
  }

  /** Ends those that are open; none is opened any more. */
  end(): void {
    this.#ending.abort()
  }
}
