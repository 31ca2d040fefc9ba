// From a client's request to the mailbox of who answers it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { encodeRequestHead, exchangeNumberMax, httpFieldsMax, httpSubject } from '@bulkhead/actor'
import { MessageEncoder, parseTraceparent } from '@bulkhead/mailbox'
import type { Clock, HealthEventDraft } from '@bulkhead/vocabulary'
import type { Exchange } from '../messages/exchange.js'
import type { PostBox } from '../messages/post-box.js'
import { reachableMember } from '../messages/reachable-member.js'
import { httpSpan } from '../tracing/http-spans.js'
import type { Tracing } from '../tracing/tracing.js'
import { refuse } from './answers.js'
import { collectBody } from './collect-body.js'
import { type Client, requestFields } from './fields.js'
import { HttpCounts } from './http-counts.js'
import { type ExchangeEnd, HttpExchange } from './http-exchange.js'
import { HttpRun } from './http-run.js'
import { retryAfterDown, retryAfterFull } from './limits.js'
import { Refusals } from './refusals.js'
import type { Target } from './request-target.js'

export type GatePowers = {
  readonly exchange: Exchange
  readonly clock: Clock
  readonly raise: (draft: HealthEventDraft) => void
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The state of a member, in the words of supervision. */
  readonly stateOf: (member: string) => string | undefined
  /** For how long a child may have one request, in milliseconds. */
  readonly deadlineMsOf: (child: string) => number
  readonly bodyBytesMax: number
  /** Absent where nobody traces. */
  readonly tracing?: Tracing | undefined
}

/** A request whose target was read and whose child is known. */
export type RoutedRequest = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly target: Target
  readonly client: Client
  readonly child: string
}

export class HttpGate {
  readonly counts = new HttpCounts()
  readonly #powers: GatePowers
  readonly #encoder = new MessageEncoder()
  readonly #exchanges = new Map<number, HttpExchange>()
  readonly #refusals: Refusals
  #number = 0

  constructor(powers: GatePowers) {
    this.#powers = powers
    this.#refusals = new Refusals(powers.clock, powers.raise)
  }

  /** Has a child answer a request. Never rejects. */
  async handle(routed: RoutedRequest): Promise<void> {
    const { request, response, target, client, child } = routed
    const { bodyBytesMax, clock, tracing } = this.#powers
    const span = tracing && httpSpan(tracing, routed)
    const tooMuch = excessOf(request, bodyBytesMax)
    if (tooMuch !== undefined) {
      refuse(request, response, tooMuch)
      return
    }
    const collected = await collectBody(request, response, clock)
    if (collected === 'refused') return
    const member = reachableMember(child, this.#powers)
    if (member?.box === undefined) {
      refuse(request, response, 503, { 'retry-after': String(retryAfterDown) })
      this.#refusals.tell(child, 'down')
      return
    }
    const number = this.#nextNumber()
    const exchange = new HttpExchange({
      ...{ number, request, response, bodyBytesMax, clock },
      member: member.id,
      collected: collected === 'streamed' ? undefined : collected,
      onEnd: (end) => this.#ended(number, member.id, end),
    })
    this.#exchanges.set(number, exchange)
    this.counts.began(member.id)
    const asked = requestFields(request.rawHeaders, client)
    const fields = span === undefined ? asked : span.fields(asked)
    const { authority, pathWithQuery } = target
    const method = request.method ?? 'GET'
    const body = encodeRequestHead({ number, method, scheme: 'http', authority, pathWithQuery, fields })
    if (this.#send(member.box, body, child, span?.traceparent) === 'sent') this.#giveUpLater(exchange, child)
    else {
      exchange.refuse(503, 'refused', { 'retry-after': String(retryAfterFull) })
      this.#refusals.tell(child, 'full')
    }
  }

  /** What a new incarnation of a member needs. */
  begin(member: string, child: string): HttpRun {
    return new HttpRun({
      clock: this.#powers.clock,
      deadlineMs: this.#powers.deadlineMsOf(child),
      take: (number) => this.#take(number, member),
    })
  }

  /** A member will not take what waits for it, or not soon: who waits is told so. */
  abandon(member: string): void {
    for (const exchange of [...this.#exchanges.values()]) {
      if (exchange.member !== member || !exchange.isQueued) continue
      exchange.refuse(503, 'refused', { 'retry-after': String(retryAfterDown) })
    }
  }

  close(): void {
    this.#refusals.close()
    for (const exchange of [...this.#exchanges.values()]) exchange.refuse(503, 'failed')
  }

  #send(box: PostBox, body: Uint8Array, child: string, traceparent: string | undefined): 'sent' | 'overloaded' {
    const now = this.#powers.exchange.now()
    const expiresAtNs = now + BigInt(Math.ceil(this.#powers.deadlineMsOf(child))) * 1_000_000n
    const trace = traceparent === undefined ? undefined : parseTraceparent(traceparent)
    const message = {
      subject: httpSubject,
      body,
      sentAtNs: now,
      expiresAtNs,
      ...(trace === undefined ? {} : { trace }),
    }
    return box.send(this.#encoder.encode(message), now)
  }

  /** A request waits in a mailbox as long as its child may have it, and no longer. */
  #giveUpLater(exchange: HttpExchange, child: string): void {
    const cancel = this.#powers.clock.after(this.#powers.deadlineMsOf(child), () => {
      if (!exchange.isQueued) return
      exchange.refuse(503, 'refused', { 'retry-after': String(retryAfterDown) })
      this.#refusals.tell(child, 'late')
    })
    exchange.onLeft(cancel)
  }

  /** What a member says that it has in hand. One that is over in the meantime is nobody's any more. */
  #take(number: number, member: string): HttpExchange | undefined | 'unknown' {
    const exchange = this.#exchanges.get(number)
    if (exchange !== undefined) return exchange.member === member && exchange.isQueued ? exchange : 'unknown'
    return number > 0 && number <= exchangeNumberMax ? undefined : 'unknown'
  }

  #ended(number: number, member: string, end: ExchangeEnd): void {
    this.#exchanges.delete(number)
    this.counts.ended(member, end)
  }

  #nextNumber(): number {
    this.#number = (this.#number % exchangeNumberMax) + 1
    return this.#number
  }
}

/** The status that says of what a request has too much. */
function excessOf({ headers, rawHeaders }: IncomingMessage, bodyBytesMax: number): number | undefined {
  if (Number(headers['content-length'] ?? 0) > bodyBytesMax) return 413
  return rawHeaders.length > 2 * httpFieldsMax ? 431 : undefined
}
