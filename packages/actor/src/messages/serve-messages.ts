// The life of an actor: it waits for a message, hands it to the guest's handler, and the next one.
//
// ORDER of one message: it is marked as in processing when it is taken, and leaves its lane when the handler has returned
// (`@bulkhead/mailbox`). Whatever ends the thread in between, the host finds the mark and settles the message's fate.
import type { Delivery, MailboxReader } from '@bulkhead/mailbox'
import type { GuestHost, IncomingMessage } from '@bulkhead/wasi'
import type { Ledger } from '../ledger.js'
import type { HealthRounds } from '../lifecycle/health-rounds.js'
import { failuresToldPerSecond, failureTextMax, parkMsMax } from '../limits.js'
import type { MessageEvent } from '../message-protocol.js'
import type { HandlingReports } from './handling-reports.js'
import type { MessageRate } from './message-rate.js'
import type { ReplyRights } from './reply-rights.js'
import type { Stopping } from './stopping.js'
import type { TraceSource } from './trace-source.js'

/** The guest's `handle-message`; throws the glue's error with the guest's text as `payload` where that returned one. */
export type MessageHandler = (message: IncomingMessage) => unknown

/** Where an actor's messages come from. */
export type MessageSource = {
  readonly mailbox: Pick<MailboxReader, 'take' | 'waitTake' | 'finish'> | undefined
  readonly inboundRate: MessageRate | undefined
  readonly replies: Pick<ReplyRights, 'grant'>
  readonly traces: Pick<TraceSource, 'follow'>
  /** Absent where nobody traces, and where the host itself sees how long messages take. */
  readonly handlings?: Pick<HandlingReports, 'tells' | 'tell'> | undefined
  readonly refresh: () => void
  readonly sweepInbox: () => void
}

export type ServePowers = {
  readonly host: Pick<GuestHost, 'flush' | 'ended' | 'beginTrace' | 'endTrace'>
  readonly messages: MessageSource
  readonly ledger: Ledger
  readonly now: () => bigint
  readonly post: (event: MessageEvent) => void
  readonly stopping: Stopping
  /** After so many the guest has done its work; `undefined`: when it is stopped. */
  readonly messagesMax: number | undefined
  /** The guest is about to be entered: what the glue copies from now on is for this message. */
  readonly begin: () => void
  /** Writes down what the guest uses. */
  readonly sample: () => void
  /** Asks the guest how it is, when that is due. */
  readonly health: Pick<HealthRounds, 'look' | 'leftMs'>
}

const secondNs = 1_000_000_000n

/** Serves messages until the host asks for a stop, or all that it is to serve. What ends the guest otherwise is thrown. */
export class MessageServer {
  readonly #handle: MessageHandler
  readonly #powers: ServePowers
  #failuresToldSinceNs = 0n
  #failuresTold = 0
  #failuresUntold = 0
  /** A message may be taken: its place in the inbound rate is paid. */
  #admitted = false
  #handled = 0

  constructor(handle: MessageHandler, powers: ServePowers) {
    this.#handle = handle
    this.#powers = powers
  }

  run(): 'stopped' | 'done' {
    const { stopping, messages, messagesMax, health } = this.#powers
    const reader = messages.mailbox
    while (reader !== undefined && !stopping.isAsked) {
      if (this.#handled === messagesMax) return 'done'
      messages.refresh()
      health.look()
      if (!this.#admit()) continue
      const delivery = reader.take() ?? this.#idle()
      if (delivery === undefined) continue
      this.#admitted = false
      this.#process(delivery)
      const ended = this.#powers.host.ended()
      // A guest may catch what a host function throws, and return as if nothing was: the message is not done for all that.
      if (ended !== undefined) throw ended
      this.#powers.ledger.countMessage('handled')
      reader.finish()
      this.#powers.ledger.messageSinceNs = undefined
      this.#handled += 1
    }
    return 'stopped'
  }

  /** Waits for a message, or for anything else that the host wakes the actor for. */
  #idle(): Delivery | undefined {
    const { host, messages, sample, stopping, health } = this.#powers
    messages.sweepInbox()
    // What is only counted must not stay unwritten while the thread sleeps.
    host.flush()
    sample()
    return messages.mailbox?.waitTake(Math.min(parkMsMax, health.leftMs()), {
      interrupted: () => {
        messages.refresh()
        return stopping.isAsked
      },
    })
  }

  /** The inbound rate is asked before a message is taken, so that what waits for it is not in processing yet. */
  #admit(): boolean {
    const { messages, ledger, host } = this.#powers
    if (this.#admitted || messages.inboundRate === undefined) return true
    const seen = ledger.wakeCount()
    const answer = messages.inboundRate()
    if (answer === 'taken') {
      this.#admitted = true
      return true
    }
    host.flush()
    if (!this.#powers.stopping.isAsked) ledger.park(seen, Math.min(Math.ceil(answer.retryInNs / 1e6), parkMsMax))
    return false
  }

  #process(delivery: Delivery): void {
    const { host, messages, ledger, now, stopping, begin } = this.#powers
    const isTold = messages.handlings?.tells(delivery) === true
    const replyTo = messages.replies.grant(delivery.replyTo, delivery.expiresAtNs)
    messages.traces.follow(delivery.trace)
    const sinceNs = now()
    let failed = false
    ledger.messageSinceNs = sinceNs
    ledger.countMessage('received')
    stopping.inMessage = true
    begin()
    if (isTold) host.beginTrace()
    try {
      this.#handle({ subject: delivery.subject, body: delivery.body, replyTo })
    } catch (thrown) {
      const error = handlerError(thrown)
      if (error === undefined) throw thrown
      failed = true
      this.#failed(delivery, error)
    }
    stopping.inMessage = false
    messages.traces.follow(undefined)
    if (isTold) messages.handlings?.tell(delivery, sinceNs, failed, host.endTrace())
  }

  #failed({ subject, sender }: Delivery, error: string): void {
    const { ledger, now, post } = this.#powers
    ledger.countMessage('handlerErrors')
    const nowNs = now()
    if (nowNs - this.#failuresToldSinceNs >= secondNs) {
      this.#failuresToldSinceNs = nowNs
      this.#failuresTold = 0
    }
    if (this.#failuresTold >= failuresToldPerSecond) {
      this.#failuresUntold += 1
      return
    }
    this.#failuresTold += 1
    post({ kind: 'handler-failed', subject, from: sender, error, unreported: this.#failuresUntold })
    this.#failuresUntold = 0
  }
}

/**
 * What the handler returned as its error, which the glue throws as it is; `undefined` for everything else that is thrown,
 * which ends the guest. No host function lets a text through: what it throws is an error value of its interface, which the
 * glue hands to the guest.
 */
function handlerError(thrown: unknown): string | undefined {
  return typeof thrown === 'string' ? thrown.slice(0, failureTextMax) : undefined
}
