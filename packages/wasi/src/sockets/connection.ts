import type { Interest } from '@bulkhead/host-services/client'
import type { NetworkDesk, Passage } from './network-desk.js'
import { failedWith, type SocketError } from './socket-error.js'

type Client = Parameters<Parameters<NetworkDesk['use']>[1]>[0]

/**
 * Something that is open in the network's service, held by the handles of a guest that share it: a connection by its socket
 * and its two streams, a UDP socket by its datagram streams. The last one that lets go of it closes it.
 */
export class Connection {
  readonly passage: Passage
  readonly #desk: NetworkDesk
  readonly #handle: number
  #holders = 1
  #uses = 0
  #ended: SocketError | undefined

  constructor(desk: NetworkDesk, passage: Passage, handle: number) {
    this.#desk = desk
    this.passage = passage
    this.#handle = handle
  }

  /** Why nothing can be done with it any more. */
  get ended(): SocketError | undefined {
    return this.#ended
  }

  /** @throws {WasiFailure} with a `SocketError`. */
  ask<T>(work: (network: Client, handle: number) => T): T {
    return this.#desk.use(this.passage, (network) => work(network, this.#handle))
  }

  /** Bytes have moved: how often is told when it is closed. */
  countUse(): void {
    this.#uses += 1
  }

  /** The error with which `work` fails ends it. */
  attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      this.#ended ??= failedWith(thrown)
      throw thrown
    }
  }

  /** What to ask the network for, while there is anything to ask. */
  interest(what: Interest['for']): Interest | undefined {
    return this.#ended === undefined ? { handle: this.#handle, for: what } : undefined
  }

  retain(): this {
    this.#holders += 1
    return this
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders > 0) return
    this.#desk.recordUses(this.passage, this.#uses)
    if (this.#ended !== 'access-denied') this.#desk.close(this.#handle)
  }

  /** The rules have moved. Called in the middle of waits: asks nothing. */
  redecide(): void {
    if (this.#ended !== undefined || this.#desk.stillAllows(this.passage)) return
    this.#ended = 'access-denied'
    this.#desk.closeLater(this.#handle)
  }

  /** Gives it up without closing it: the service has put something else in its place. */
  giveUp(): void {
    this.#ended = 'invalid-state'
  }

  get handle(): number {
    return this.#handle
  }
}
