import type { GuestHost, IncomingOutcome } from '@bulkhead/wasi'
import type { FrameFromGuest } from './frames.js'
import { GuestExchange, HttpLaneEnds, type HttpLanes } from './guest-exchange.js'
import { decodeRequestHead } from './request-head.js'

/** The guest's `handle`: it is given handles of the request and of the place for its answer. */
export type HttpHandler = (request: object, responseOut: object) => unknown

export type HttpRequestPowers = {
  readonly host: Pick<GuestHost, 'openHttp'>
  /** The actor's one wake word, and how its thread sleeps. */
  readonly wakeCount: () => number
  readonly park: (seen: number, untilNs: bigint | undefined) => void
}

/** Hands HTTP requests to a guest, one after the other. */
export class HttpRequests {
  readonly #handle: HttpHandler
  readonly #ends: HttpLaneEnds
  readonly #powers: HttpRequestPowers

  constructor(handle: HttpHandler, lanes: HttpLanes, powers: HttpRequestPowers) {
    this.#handle = handle
    this.#ends = new HttpLaneEnds(lanes)
    this.#powers = powers
  }

  /**
   * Has one request answered, and returns when the host has been told all of it. What ends the guest is thrown.
   *
   * @param body of the message that is the request.
   */
  serve(body: Uint8Array): void {
    const head = decodeRequestHead(body)
    const { number } = head
    this.#tell({ kind: 'begun', number })
    const exchange = new GuestExchange(head, this.#ends)
    const { request, outparam, end } = this.#powers.host.openHttp(exchange)
    this.#handle(request, outparam)
    const reason = exchange.refused ?? missing[end()]
    if (reason !== undefined) this.#tell({ kind: 'failed', number, reason })
    this.#tell({ kind: 'done', number })
  }

  /** Sends a frame; what waits for room waits for whoever reads the response, or for the host to give them up. */
  #tell(frame: FrameFromGuest): void {
    for (;;) {
      const seen = this.#powers.wakeCount()
      if (this.#ends.send(frame)) return
      this.#powers.park(seen, undefined)
    }
  }
}

/** What the host was not told of an answer. */
const missing: Readonly<Record<IncomingOutcome, string | undefined>> = {
  answered: undefined,
  failed: undefined,
  unfinished: 'the handler returned before the end of its response',
  unanswered: 'the handler returned without a response',
}
