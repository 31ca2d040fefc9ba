import { type SlotBell, SlotServer } from '@bulkhead/lane'
import type { Store } from '@bulkhead/state'
import { assertNever, BulkheadError, wireFromUnknown } from '@bulkhead/vocabulary'
import { groupBytesMax, idleLookMs } from '../limits.js'
import { ChannelAuthority } from '../service/channel-authority.js'
import { FairRounds } from '../service/fair-rounds.js'
import { farReports } from '../service/far-reports.js'
import { breachOf } from '../service/malformed-request.js'
import type { FromService, ToService } from '../service/protocol.js'
import { Usage } from './books.js'
import { Listing } from './listing.js'
import { decodeStoreRequest, type StoreRequest } from './store-request.js'
import {
  answerRead,
  carryOut,
  costOf,
  failedAnswer,
  isWrite,
  type StoreParty,
  type StoreTables,
  type Write,
} from './store-work.js'

/** What a channel of the store is given beside its table. */
export type StoreTerms = {
  readonly owner: string
  readonly scope: string
  /** `Usage` of the owner. */
  readonly usage: SharedArrayBuffer
}

export type StoreLoopPowers = {
  readonly transact: Store['transact']
  readonly tables: StoreTables
  readonly post: (message: FromService) => void
  readonly bell: SlotBell
  readonly nowNs: () => bigint
  readonly refresh: () => boolean
}

type Channel = {
  readonly id: number
  readonly server: SlotServer
  readonly party: StoreParty
  readonly usage: Usage
  /** A listing that has had a turn already. */
  listing: Listing | undefined
}

type PendingWrite = { readonly channel: Channel; readonly request: Write; readonly requestBytes: number }

/**
 * The work of the store's thread: in rounds, each of which answers what only looks, and writes what is to be written in one
 * transaction, after whose commit, and not before, it is acknowledged. Nobody waits longer than for one group and its commit.
 */
export class StoreLoop {
  readonly #powers: StoreLoopPowers
  readonly #channels = new Map<number, Channel>()
  readonly #rounds = new FairRounds<Channel>()
  /** What was taken in and not told of yet. */
  readonly #acks: number[] = []
  #open = true

  constructor(powers: StoreLoopPowers) {
    this.#powers = powers
  }

  /** Serves until the host says close. Blocks the thread while there is nothing to do. */
  async run(): Promise<void> {
    const { bell, refresh } = this.#powers
    while (this.#open) {
      bell.announce(true)
      const seen = bell.count()
      refresh()
      this.#acknowledge()
      const waiting = [...this.#channels.values()].filter(isWaiting)
      if (waiting.length > 0) {
        bell.announce(false)
        await this.#round(this.#rounds.choose(waiting))
        this.#acknowledge()
      } else if (this.#open) {
        bell.park(seen, idleLookMs)
      }
    }
  }

  take(message: ToService<StoreTerms>): void {
    switch (message.type) {
      case 'attach':
        this.#attach(message)
        break
      case 'table':
        this.#channels.get(message.channel)?.party.authority.adopt(message.table)
        this.#acks.push(message.ack)
        break
      case 'gone':
        this.#end(message.channel)
        this.#acks.push(message.ack)
        break
      case 'close':
        this.#open = false
        break
      default:
        assertNever(message)
    }
  }

  /** ORDER: never inside a round, where a write that was decided by older rules may not be committed yet. */
  #acknowledge(): void {
    for (const ack of this.#acks.splice(0)) this.#powers.post({ type: 'ack', ack })
  }

  #attach({ channel: id, slot, table, denialsTaken, terms }: Extract<ToService<StoreTerms>, { type: 'attach' }>): void {
    const { post, refresh, tables } = this.#powers
    const usage = new Usage(terms.usage)
    usage.usedBytes = tables.books.usedBytes(terms.owner)
    const authority = new ChannelAuthority(table, { refresh, report: farReports(id, denialsTaken, post) })
    const party = { authority, scope: terms.scope, owner: terms.owner, limitBytes: () => usage.limitBytes }
    this.#channels.set(id, { id, server: new SlotServer(slot), party, usage, listing: undefined })
  }

  #end(id: number): void {
    const channel = this.#channels.get(id)
    if (channel !== undefined) this.#rounds.forget(channel)
    this.#channels.delete(id)
  }

  async #round(chosen: readonly Channel[]): Promise<void> {
    const writes: PendingWrite[] = []
    let bytes = 0
    for (const channel of chosen) {
      // Whoever is left over comes first in a later round.
      if (bytes > groupBytesMax) break
      const write = this.#visit(channel)
      if (write === undefined) continue
      writes.push(write)
      bytes += write.requestBytes
    }
    if (writes.length > 0) await this.#commit(writes)
  }

  /** Serves what only looks; hands back what has to be written. */
  #visit(channel: Channel): PendingWrite | undefined {
    if (channel.server.turnPage()) return undefined
    try {
      if (channel.listing !== undefined) return this.#goOn(channel, channel.listing)
      const call = channel.server.take(this.#powers.nowNs())
      if (call === undefined) return undefined
      const request = decodeStoreRequest(call.request)
      const requestBytes = call.request.length
      if (isWrite(request)) return { channel, request, requestBytes }
      if (request.op === 'list') return this.#goOn(channel, new Listing(request, channel.party))
      this.#answer(channel, request, requestBytes, () => answerRead(request, channel.party, this.#powers.tables))
    } catch (error) {
      this.#breach(channel, error)
    }
    return undefined
  }

  #goOn(channel: Channel, listing: Listing): undefined {
    if (channel.server.isAbandoned) {
      channel.listing = undefined
      channel.server.drop()
      return
    }
    const { keys, answer } = listing.step(this.#powers.tables)
    this.#rounds.charge(channel, (keys + 1) * listedKeyCost + (answer?.length ?? 0))
    channel.listing = answer === undefined ? listing : undefined
    if (answer !== undefined) channel.server.answer(answer)
  }

  #answer(channel: Channel, request: StoreRequest, requestBytes: number, work: () => Uint8Array): void {
    let answer: Uint8Array
    try {
      answer = work()
    } catch (error) {
      this.#noteFault(error)
      answer = failedAnswer(error)
    }
    this.#rounds.charge(channel, costOf(request, requestBytes, answer.length))
    channel.server.answer(answer)
  }

  /** All in one transaction; where the disk refuses that, each in one of its own. */
  async #commit(writes: readonly PendingWrite[]): Promise<void> {
    const answers = (await this.#tryCommit(writes)) ?? (await this.#commitEach(writes))
    this.#publishUsage()
    for (const [index, { channel, request, requestBytes }] of writes.entries()) {
      this.#answer(channel, request, requestBytes, () => {
        const answer = answers[index]
        if (answer instanceof Uint8Array) return answer
        throw answer
      })
    }
  }

  async #commitEach(writes: readonly PendingWrite[]): Promise<readonly unknown[]> {
    const answers: unknown[] = []
    for (const write of writes) {
      let refusal: unknown
      const done = await this.#tryCommit([write], (error) => {
        refusal = error
      })
      answers.push(done?.[0] ?? refusal)
    }
    return answers
  }

  /** For each write its answer, or the error that it alone had; `undefined` when nothing of it could be stored. */
  async #tryCommit(
    writes: readonly PendingWrite[],
    onRefused: (error: unknown) => void = () => undefined,
  ): Promise<readonly unknown[] | undefined> {
    try {
      return await this.#powers.transact(() => writes.map((write) => this.#carryOut(write)))
    } catch (error) {
      onRefused(error)
      return undefined
    }
  }

  #carryOut({ channel, request }: PendingWrite): unknown {
    try {
      return carryOut(request, channel.party, this.#powers.tables)
    } catch (error) {
      // Thrown before anything was written. Whatever is not ours comes from the disk, and ends the transaction.
      if (error instanceof BulkheadError) return error
      throw error
    }
  }

  #publishUsage(): void {
    const { books } = this.#powers.tables
    const touched = books.takeTouched()
    for (const { party, usage } of this.#channels.values()) {
      if (touched.has(party.owner)) usage.usedBytes = books.usedBytes(party.owner)
    }
  }

  /** What is the host's to mend; refusals of a guest are not. */
  #noteFault(error: unknown): void {
    const isGuests = error instanceof BulkheadError && !hostCodes.has(error.code)
    if (!isGuests) this.#powers.post({ type: 'fault', error: wireFromUnknown(error) })
  }

  /** @throws what is not the worker's doing. */
  #breach(channel: Channel, error: unknown): void {
    const breach = breachOf(error, 'store')
    this.#end(channel.id)
    this.#powers.post({ type: 'breach', channel: channel.id, error: breach.toWire() })
  }
}

/** What a key of a listing costs: less than one that is asked for by name. */
const listedKeyCost = 16

const hostCodes: ReadonlySet<string> = new Set(['store-corrupt', 'state-unwritable', 'internal'])

function isWaiting({ server, listing }: Channel): boolean {
  return listing !== undefined || server.hasCall || server.wantsPage
}
