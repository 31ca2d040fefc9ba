// One incarnation that answers HTTP requests: what comes out of its lane goes to clients, in order, at their pace.
//
// INVARIANT (claims): its frames are its claims. They name the exchange in hand, which lay in its own mailbox, and no other;
// the first one that does not is a breach.

import {
  BadFrame,
  decodeFrame,
  encodeFrame,
  type FrameFromGuest,
  type FrameToGuest,
  type HostAct,
  makeHttpLanes,
} from '@bulkhead/actor'
import { LaneReader, LaneWriter } from '@bulkhead/lane'
import { assertNever, type Clock, type ExitReport } from '@bulkhead/vocabulary'
import type { HttpExchange } from './http-exchange.js'
import { clientLookMsMax, clientLookMsMin, clientLooks, clientShare, laneRetryMs } from './limits.js'

/** What a run needs of its actor. */
export type HttpActor = {
  readonly wake: () => void
  readonly endExchange: (number: number) => void
  readonly killBecause: (act: HostAct) => Promise<void>
}

export type HttpRunPowers = {
  readonly clock: Clock
  /** Of one message: for so long the guest may have a request. */
  readonly deadlineMs: number
  /** The exchange of this number that lay in the run's mailbox; `undefined` for one that is over; `'unknown'`. */
  readonly take: (number: number) => HttpExchange | undefined | 'unknown'
}

/** Turns of the loop go to others after so many frames. */
const framesPerTurn = 64

export class HttpRun {
  readonly lanes = makeHttpLanes()
  readonly #powers: HttpRunPowers
  readonly #reader = new LaneReader(this.lanes.fromGuest)
  readonly #writer = new LaneWriter(this.lanes.toGuest)
  #actor: HttpActor | undefined
  #current: { readonly number: number; readonly exchange: HttpExchange | undefined } | undefined
  readonly #reported: Promise<ExitReport>
  #tellReport: (report: ExitReport) => void = () => {}
  #isOver = false
  #cancelWatch: () => void = () => {}

  constructor(powers: HttpRunPowers) {
    this.#powers = powers
    this.#reported = new Promise((resolve) => {
      this.#tellReport = resolve
    })
  }

  /** The actor that has the other ends. */
  attach(actor: HttpActor): void {
    this.#actor = actor
    void this.#read()
  }

  /** Whether the client of the exchange in hand has left it, before or after it was begun: a crash over that is not charged. */
  get isLeft(): boolean {
    return this.#current !== undefined && this.#current.exchange?.isDropped !== false
  }

  /** Its end was seen. What it had answered before still goes to its clients. */
  end(report: ExitReport): void {
    this.#tellReport(report)
    this.#isOver = true
    this.#writer.close()
  }

  async #read(): Promise<void> {
    try {
      let frames = 0
      while (!this.#reader.closed) {
        await this.#reader.readable({ keepAlive: false })
        for (let record = this.#reader.read(); record !== undefined; record = this.#reader.read()) {
          this.#actor?.wake()
          await this.#obey(decodeFrame(record))
          frames += 1
          if (frames % framesPerTurn === 0) await new Promise(setImmediate)
        }
      }
    } catch (thrown) {
      this.#reader.close()
      this.#current?.exchange?.refuse(502, 'failed')
      const message = `bad lane: ${thrown instanceof Error ? thrown.message : String(thrown)}`
      void this.#actor?.killBecause({ kind: 'breach', message })
    }
    this.#cancelWatch()
    this.#current?.exchange?.refuse(statusOf(await this.#reported), 'failed')
    this.#current = undefined
  }

  async #obey(frame: FrameFromGuest): Promise<void> {
    if (frame.kind === 'begun') {
      this.#begin(frame.number)
      return
    }
    const current = this.#current
    if (current === undefined || frame.number !== current.number) {
      throw new BadFrame('a frame of an exchange that it has not in hand')
    }
    const { exchange } = current
    switch (frame.kind) {
      case 'informational':
        await exchange?.informational(frame.status, frame.fields)
        return
      case 'head':
        exchange?.head(frame.status, frame.fields)
        return
      case 'data':
        await exchange?.write(frame.bytes)
        return
      case 'end':
        exchange?.end(frame.fields)
        return
      case 'failed':
        exchange?.refuse(500, 'failed')
        return
      case 'done':
        exchange?.refuse(500, 'failed')
        this.#cancelWatch()
        this.#current = undefined
        return
      default:
        assertNever(frame)
    }
  }

  #begin(number: number): void {
    if (this.#current !== undefined) throw new BadFrame('an exchange was begun in the middle of another')
    const exchange = this.#powers.take(number)
    if (exchange === 'unknown') throw new BadFrame('an exchange was begun that it was not handed')
    this.#current = { number, exchange }
    if (exchange === undefined) {
      this.#actor?.endExchange(number)
      return
    }
    exchange.begin(() => {
      if (!this.#isOver && this.#current?.number === number) this.#actor?.endExchange(number)
    })
    void this.#feed(exchange)
    this.#watchClient(exchange)
  }

  /** Sends the body of the request while the guest has it in hand. */
  async #feed(exchange: HttpExchange): Promise<void> {
    const { number } = exchange
    for await (const bytes of exchange.body()) await this.#send(exchange, { kind: 'data', number, bytes })
    if (!exchange.isGone && exchange.isWhole) {
      await this.#send(exchange, { kind: 'end', number, fields: exchange.trailers() })
    }
  }

  /** What a guest has not wanted of a request, when it has done with it, is read all the same and thrown away. */
  async #send(exchange: HttpExchange, frame: FrameToGuest): Promise<void> {
    while (!exchange.isGone && !this.#isOver && this.#current?.exchange === exchange) {
      if (this.#writer.tryWrite(encodeFrame(frame))) {
        this.#actor?.wake()
        return
      }
      await new Promise((resolve) => setTimeout(resolve, laneRetryMs))
    }
  }

  /**
   * Gives a client up for which the guest has waited too long in all. A guest has its deadline for its own work: who made
   * it wait until that is over would have it charged for what it could not help.
   */
  #watchClient(exchange: HttpExchange): void {
    const { clock, deadlineMs } = this.#powers
    const lookMs = Math.min(clientLookMsMax, Math.max(clientLookMsMin, deadlineMs / clientLooks))
    let waitedMs = 0
    const look = (): void => {
      if (exchange.isBlocked || (exchange.isAsking && this.#writer.drained())) waitedMs += lookMs
      if (waitedMs >= deadlineMs * clientShare) exchange.refuse(408, 'dropped')
      else this.#cancelWatch = clock.after(lookMs, look)
    }
    this.#cancelWatch = clock.after(lookMs, look)
  }
}

/** What a client is told that got nothing of an answer: 504 for one that took too long, 503 for one that was stopped. */
function statusOf(report: ExitReport): number {
  if (report.commandExitCode === deadlineExitCode) return 504
  return report.class === 'shutdown' ? 503 : 502
}

const deadlineExitCode = 124
