// Everything about the messages of one tree, put together.

import { BulkheadError, type Clock, type HealthEventDraft } from '@bulkhead/vocabulary'
import { cycleScanMs, sampleMs } from '../limits.js'
import { deadLetterDesk } from './dead-letter-desk.js'
import { Exchange } from './exchange.js'
import type { ExchangePowers } from './exchange-types.js'
import { HostRequests } from './host-requests.js'
import { checkTopic, HostSender } from './host-sender.js'
import { HostSubscriptions, type MessageHandler } from './host-subscriptions.js'
import type { MessageDesk } from './message-desk.js'
import { messageReport } from './message-stats.js'
import { messageStream, newStreams } from './message-stream.js'
import { QuotaWatch, type WatchPowers } from './quota-watch.js'
import { RequestCycles } from './request-cycles.js'
import { traceOf } from './traces.js'

export type MessagePowers = ExchangePowers & {
  readonly clock: Clock
  readonly raise: (draft: HealthEventDraft) => void
  /** Uniform in [0, 1). */
  readonly random: () => number
} & Pick<WatchPowers, 'isRunning' | 'gaugesOf' | 'feed' | 'fault' | 'floodSamples'>

/** What is left of messages when a tree has stopped. */
export type MessagesLeft = {
  /** Dead letters that were kept: they end with the process. */
  readonly deadLetters: number
  /** Messages that were accepted and never read. */
  readonly undelivered: number
}

export class MessageCenter {
  readonly exchange: Exchange
  readonly desk: MessageDesk
  readonly #subscriptions: HostSubscriptions
  readonly #requests: HostRequests
  readonly #watch: QuotaWatch
  readonly #cycles: RequestCycles
  readonly #clock: Clock
  #cancels: (() => void)[] = []
  #isClosed = false
  readonly #streams = newStreams()

  constructor(powers: MessagePowers) {
    const { clock, random, onHandlerFailed } = powers
    this.#clock = clock
    this.exchange = new Exchange(powers)
    const { exchange } = this
    const nowMs = (): number => Number(clock.monotonicNs() / 1_000_000n)
    this.#cycles = new RequestCycles(exchange, nowMs)
    this.#watch = new QuotaWatch({ ...powers, exchange, nowMs })
    exchange.onTimedOut((member) => {
      const cycle = this.#cycles.of(member)
      if (cycle === undefined) return
      this.#cycles.forget(member)
      this.#watch.cycled(member, cycle)
    })
    const sender = new HostSender(exchange, random)
    this.#subscriptions = new HostSubscriptions({ exchange, sender, clock, onHandlerFailed })
    this.#requests = new HostRequests({ exchange, sender, clock, cycleOf: (child) => this.#cycles.ofChild(child) })
    this.desk = {
      publish: async (topic, body, { traceparent } = {}) => {
        checkTopic(topic)
        if (this.#isClosed) throw new BulkheadError('actor-not-running', 'the runtime was stopped')
        return sender.send({ subject: topic, body, trace: traceOf(traceparent) }, sender.receiversOf(topic))
      },
      request: (topic, body, options) => this.#requests.request(topic, body, options),
      stream: (pattern, options) => messageStream(this.#subscriptions, pattern, options, this.#streams),
      deadLetters: deadLetterDesk(exchange.letters, sender),
      stats: () => messageReport(exchange, (member) => this.#watch.samplesOf(member)),
    }
    this.#every(sampleMs, () => this.sample())
    this.#every(cycleScanMs, () => this.#cycles.scan())
  }

  /** See `Runtime.subscribe`. */
  subscribe(pattern: string, handler: MessageHandler): () => void {
    return this.#subscriptions.subscribe(pattern, handler)
  }

  /** What happens every second. */
  sample(): void {
    this.#watch.sample()
    this.exchange.letters.tellRest()
  }

  /** After the children have stopped: ends what the host waits for and reads. */
  async close(): Promise<MessagesLeft> {
    this.#isClosed = true
    for (const cancel of this.#cancels.splice(0)) cancel()
    for (const end of this.#streams.open) end()
    await Promise.all([this.#requests.close(), this.#subscriptions.close()])
    const undelivered = await this.exchange.close()
    this.exchange.letters.tellRest()
    return { deadLetters: this.exchange.letters.letters.size, undelivered }
  }

  #every(ms: number, act: () => void): void {
    const index = this.#cancels.length
    const again = (): void => {
      this.#cancels[index] = this.#clock.after(ms, () => {
        act()
        again()
      })
    }
    again()
  }
}
