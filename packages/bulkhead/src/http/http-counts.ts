import type { ExchangeEnd } from './http-exchange.js'

/** What became of the requests to one member, of all its incarnations. */
export type HttpCounters = {
  /** Answered to the end. */
  readonly served: number
  /** Begun, and not answered: it crashed, took too long, or gave no answer. */
  readonly failed: number
  /** Not begun: there was no room, or nobody to answer in time. */
  readonly refused: number
  /** Given up by their clients. */
  readonly dropped: number
  readonly inFlight: number
}

export const noRequests: HttpCounters = { served: 0, failed: 0, refused: 0, dropped: 0, inFlight: 0 }

export class HttpCounts {
  readonly #counters = new Map<string, HttpCounters>()

  of(member: string): HttpCounters {
    return this.#counters.get(member) ?? noRequests
  }

  /** The same; `undefined` for one that was asked nothing yet. */
  seen(member: string): HttpCounters | undefined {
    return this.#counters.get(member)
  }

  began(member: string): void {
    const counters = this.of(member)
    this.#counters.set(member, { ...counters, inFlight: counters.inFlight + 1 })
  }

  ended(member: string, end: ExchangeEnd): void {
    const counters = this.#counters.get(member)
    // One that was forgotten in the meantime.
    if (counters === undefined) return
    this.#counters.set(member, { ...counters, [end]: counters[end] + 1, inFlight: counters.inFlight - 1 })
  }

  forget(member: string): void {
    this.#counters.delete(member)
  }
}
