import type { MessageCounters } from '@bulkhead/actor'
import { sampleMs, samplesKept } from '../limits.js'

/** The last few samples of one member's counters: what rates and sustained refusals are told from. */
export class MessageSamples {
  /** What came since the sample before, newest last. */
  readonly #steps: MessageCounters[] = []
  #last: MessageCounters | undefined

  /** Takes a sample, once every `sampleMs`. */
  add(now: MessageCounters): void {
    if (this.#last !== undefined) this.#steps.push(difference(now, this.#last))
    this.#last = now
    if (this.#steps.length > samplesKept) this.#steps.shift()
  }

  /** Per second, over what is kept. */
  perSecond(name: keyof MessageCounters): number {
    const seconds = (this.#steps.length * sampleMs) / 1_000
    return seconds === 0 ? 0 : Math.round((this.sum(name) / seconds) * 10) / 10
  }

  sum(name: keyof MessageCounters): number {
    return this.#steps.reduce((sum, step) => sum + step[name], 0)
  }

  /** Whether it is full of nothing. */
  get isQuiet(): boolean {
    const counts = this.#steps.flatMap((step) => Object.values(step))
    return this.#steps.length === samplesKept && counts.every((count) => count === 0)
  }

  /** Since the sample before the newest. */
  last(name: keyof MessageCounters): number {
    return this.#steps.at(-1)?.[name] ?? 0
  }

  /** How many of them have any. */
  withAny(name: keyof MessageCounters): number {
    return this.#steps.filter((step) => step[name] > 0).length
  }
}

function difference(now: MessageCounters, before: MessageCounters): MessageCounters {
  return {
    published: now.published - before.published,
    requested: now.requested - before.requested,
    received: now.received - before.received,
    handled: now.handled - before.handled,
    handlerErrors: now.handlerErrors - before.handlerErrors,
    refusedRate: now.refusedRate - before.refusedRate,
    refusedOverloaded: now.refusedOverloaded - before.refusedOverloaded,
  }
}
