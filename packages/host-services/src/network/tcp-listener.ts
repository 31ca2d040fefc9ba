import type { AddressInfo, Server, Socket } from 'node:net'
import type { BulkheadError } from '@bulkhead/vocabulary'
import { acceptQueueMax } from '../limits.js'
import { type Endpoint, parseAddress } from './addresses.js'
import { denial, type Verdict } from './gate.js'
import { networkErrorFrom } from './network-error.js'
import type { NetworkResource } from './network-resource.js'

export type ListenerPowers = {
  readonly judge: () => Verdict
  readonly release: () => void
  readonly onChange: () => void
}

/**
 * A place where `bind` was granted. Node binds and listens in one step: until the guest says listen, whoever connects is
 * sent away. Its connections wait here until they are accepted.
 */
export class TcpListener implements NetworkResource {
  readonly #server: Server
  readonly #powers: ListenerPowers
  readonly #waiting: Socket[] = []
  #local: Endpoint | undefined
  #isListening = false
  #error: BulkheadError | undefined

  /** @param server makes its sockets paused and half-open, and listens already. */
  constructor(server: Server, powers: ListenerPowers) {
    this.#server = server
    this.#powers = powers
    server.on('listening', () => {
      const { address, port } = server.address() as AddressInfo
      this.#local = { address: parseAddress(address) ?? { kind: 'ipv4', bits: 0 }, port }
      powers.onChange()
    })
    server.on('error', (error) => this.#end(networkErrorFrom(error)))
    server.on('connection', (socket) => this.#keep(socket))
  }

  get isReadable(): boolean {
    return this.#error !== undefined || this.#waiting.length > 0
  }

  get isWritable(): boolean {
    return this.#error !== undefined || this.#local !== undefined
  }

  get isFlushed(): boolean {
    return true
  }

  /** Where it is bound; `undefined` not yet. @throws {BulkheadError} `network-failed`, `network-access-denied`. */
  finish(): Endpoint | undefined {
    this.#check()
    return this.#local
  }

  /** From now on connections wait to be accepted. @throws {BulkheadError} as `finish`. */
  listen(): void {
    this.#check()
    this.#isListening = true
  }

  /** Decides again that it may be. */
  judge(): Verdict {
    return this.#powers.judge()
  }

  /** A connection that waits. */
  accept(): Socket | undefined {
    this.#check()
    return this.#waiting.shift()
  }

  redecide(): void {
    if (this.#error !== undefined) return
    const verdict = this.#powers.judge()
    if (verdict.kind === 'denied') this.#end(denial(verdict))
  }

  close(): void {
    this.destroy()
  }

  destroy(): void {
    for (const socket of this.#waiting.splice(0)) socket.destroy()
    // Its connections count of their own, and may outlive it.
    this.#powers.release()
    this.#server.close()
  }

  #keep(socket: Socket): void {
    if (this.#error !== undefined || !this.#isListening || this.#waiting.length >= acceptQueueMax) {
      socket.resetAndDestroy()
      return
    }
    // Until somebody accepts it nobody else hears of its end.
    socket.on('error', () => socket.destroy())
    this.#waiting.push(socket)
    this.#powers.onChange()
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error
  }

  #end(error: BulkheadError): void {
    this.#error ??= error
    this.destroy()
    this.#powers.onChange()
  }
}
