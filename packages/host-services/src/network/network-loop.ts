import { type SlotBell, SlotServer, WakeSlices } from '@bulkhead/lane'
import { assertNever } from '@bulkhead/vocabulary'
import { idleLookMs, keyCost, networkPollMs } from '../limits.js'
import { badAnswer, goodAnswer } from '../service/answer.js'
import { ChannelAuthority } from '../service/channel-authority.js'
import { FairRounds } from '../service/fair-rounds.js'
import { farReports } from '../service/far-reports.js'
import { FieldWriter } from '../service/field-writer.js'
import { breachOf } from '../service/malformed-request.js'
import type { FromService, ToService } from '../service/protocol.js'
import { Lookups } from './lookups.js'
import { NetworkChannel, type NetworkTerms } from './network-channel.js'
import { networkErrorFrom } from './network-error.js'
import type { NetworkPowers } from './network-powers.js'
import { decodeNetworkRequest, type Interest, type PollPatience } from './network-request.js'

export type NetworkLoopPowers = {
  readonly network: NetworkPowers
  readonly post: (message: FromService) => void
  readonly bell: SlotBell
  readonly refresh: () => boolean
  readonly epoch: number
}

type Channel = {
  readonly id: number
  readonly server: SlotServer
  readonly network: NetworkChannel
  /** What the call that was taken waits for. */
  polled: readonly Interest[] | undefined
}

/**
 * The work of the network's thread: turns its event loop, on which everything arrives, and between its turns answers what
 * callers ask. Nothing that it does for one of them waits for anything.
 */
export class NetworkLoop {
  readonly #powers: NetworkLoopPowers
  readonly #lookups: Lookups
  readonly #channels = new Map<number, Channel>()
  readonly #rounds = new FairRounds<Channel>()
  readonly #slices = new WakeSlices(idleLookMs, networkPollMs)
  #open = true

  constructor(powers: NetworkLoopPowers) {
    this.#powers = powers
    this.#lookups = new Lookups(powers.network.lookUp, powers.network.clock)
  }

  /** Serves until the host says close. */
  async run(): Promise<void> {
    const { bell, refresh } = this.#powers
    while (this.#open) {
      bell.announce(true)
      const seen = bell.count()
      refresh()
      const waiting = [...this.#channels.values()].filter(isWaiting)
      for (const channel of this.#rounds.choose(waiting)) this.#visit(channel)
      if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve))
      else if (this.#open) await this.#slices.pause(() => bell.parkAsync(seen), true)
    }
    for (const { network } of this.#channels.values()) network.destroy()
  }

  take(message: ToService<NetworkTerms>): void {
    switch (message.type) {
      case 'attach':
        this.#attach(message)
        break
      case 'table': {
        const network = this.#channels.get(message.channel)?.network
        network?.authority.adopt(message.table)
        network?.redecide()
        this.#powers.post({ type: 'ack', ack: message.ack })
        break
      }
      case 'gone':
        this.#end(message.channel)
        this.#powers.post({ type: 'ack', ack: message.ack })
        break
      case 'close':
        this.#open = false
        break
      default:
        assertNever(message)
    }
  }

  #attach({
    channel: id,
    slot,
    table,
    denialsTaken,
    terms,
  }: Extract<ToService<NetworkTerms>, { type: 'attach' }>): void {
    const { post, refresh, network, epoch } = this.#powers
    const authority = new ChannelAuthority(table, { refresh, report: farReports(id, denialsTaken, post) })
    const onChange = (): void => this.#settle(channel)
    const powers = { ...network, lookups: this.#lookups, onChange }
    const channel: Channel = {
      id,
      server: new SlotServer(slot),
      network: new NetworkChannel(authority, terms, powers, epoch),
      polled: undefined,
    }
    this.#channels.set(id, channel)
  }

  #end(id: number): void {
    const channel = this.#channels.get(id)
    if (channel === undefined) return
    this.#channels.delete(id)
    this.#rounds.forget(channel)
    channel.polled = undefined
    channel.network.destroy()
  }

  #visit(channel: Channel): void {
    if (channel.server.isAbandoned) {
      channel.polled = undefined
      channel.server.drop()
    }
    if (channel.server.turnPage() || channel.server.isBusy) return
    try {
      const call = channel.server.take(this.#powers.network.clock.monotonicNs())
      if (call !== undefined) this.#serve(channel, call.request)
    } catch (error) {
      this.#breach(channel, error)
    }
  }

  #serve(channel: Channel, bytes: Uint8Array): void {
    const request = decodeNetworkRequest(bytes)
    if (request.op === 'poll') {
      this.#rounds.charge(channel, bytes.length + keyCost)
      channel.polled = request.interests
      this.#settle(channel, request.patience)
      return
    }
    let answer: Uint8Array
    try {
      answer = channel.network.serve(request)
    } catch (error) {
      answer = badAnswer(new FieldWriter(), networkErrorFrom(error).toWire())
    }
    this.#rounds.charge(channel, bytes.length + answer.length + keyCost)
    channel.server.answer(answer)
    // Ended in the middle of its own request, by what was taken in for a decision: nothing of it stays open.
    if (!this.#channels.has(channel.id)) channel.network.destroy()
  }

  /** Answers a poll as soon as anything that it waits for is ready; one that only looks, at once. */
  #settle(channel: Channel, patience: PollPatience = 'wait'): void {
    if (channel.polled === undefined) return
    const ready = channel.network.ready(channel.polled)
    if (ready.length === 0 && patience === 'wait') return
    channel.polled = undefined
    const answer = goodAnswer(new FieldWriter())
    channel.server.answer(answer.list(ready, (index) => answer.u32(index)).finish())
  }

  /** @throws what is not the worker's doing. */
  #breach(channel: Channel, error: unknown): void {
    const breach = breachOf(error, 'network')
    this.#end(channel.id)
    this.#powers.post({ type: 'breach', channel: channel.id, error: breach.toWire() })
  }
}

function isWaiting({ server }: Channel): boolean {
  return server.hasCall || server.wantsPage || server.isAbandoned
}
