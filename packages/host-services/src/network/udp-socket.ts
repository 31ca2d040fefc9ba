import type { RemoteInfo, Socket } from 'node:dgram'
import type { BulkheadError } from '@bulkhead/vocabulary'
import { datagramsBytesMax, datagramsWaitingMax } from '../limits.js'
import { addressText, type Endpoint, parseAddress } from './addresses.js'
import { denial, type Passage, type Verdict } from './gate.js'
import { networkError, networkErrorFrom } from './network-error.js'
import type { SocketOption } from './network-request.js'
import type { NetworkResource } from './network-resource.js'

export type Datagram = { readonly remote: Endpoint; readonly bytes: Uint8Array }

export type UdpPowers = {
  /** Decides on the address that it is bound to; absent: one that the system chose, to which only peers may answer. */
  readonly judgeBinding?: () => Verdict
  readonly judgePeer: (remote: Endpoint) => Verdict
  /** @throws {Denial} for a peer that may not be sent to. */
  readonly requirePeer: (remote: Endpoint) => Passage
  readonly release: () => void
  readonly onChange: () => void
  /** Whether so many bytes may pass now, all of them. */
  readonly allowWhole: (bytes: number) => boolean
  readonly mayPass: () => boolean
}

/**
 * A UDP socket. Each datagram is judged by the address that it goes to or comes from. One that nobody granted a port has
 * none before it has sent what it may: so nothing listens for a component without grants.
 */
export class UdpSocket implements NetworkResource {
  readonly #socket: Socket
  readonly #powers: UdpPowers
  readonly #received: Datagram[] = []
  #sending = 0
  #local: Endpoint | undefined
  #error: BulkheadError | undefined
  #isClosed = false

  /** @param socket is being bound where `judgeBinding` is there; else the first datagram that it may send binds it. */
  constructor(socket: Socket, powers: UdpPowers) {
    this.#socket = socket
    this.#powers = powers
    socket.on('listening', () => {
      const { address, port } = socket.address()
      this.#local = { address: parseAddress(address) ?? { kind: 'ipv4', bits: 0 }, port }
      powers.onChange()
    })
    socket.on('error', (error) => this.#end(networkErrorFrom(error)))
    socket.on('close', powers.release)
    socket.on('message', (bytes, from) => this.#receive(bytes, from))
  }

  get isReadable(): boolean {
    return this.#error !== undefined || (this.#received.length > 0 && this.#powers.mayPass())
  }

  get isWritable(): boolean {
    if (this.#error !== undefined) return true
    const maySend = this.#local !== undefined || this.#powers.judgeBinding === undefined
    return maySend && this.#sending < datagramsWaitingMax && this.#powers.mayPass()
  }

  get isFlushed(): boolean {
    return this.#error !== undefined || this.#sending === 0
  }

  /** Where it is bound; `undefined` not yet, which for one that the system is to bind is before it sends. @throws {BulkheadError} `network-failed`, `network-access-denied`. */
  finish(): Endpoint | undefined {
    this.#check()
    return this.#local
  }

  /**
   * Sends datagrams in order, and answers how many it took: fewer than all when there is no room.
   *
   * @throws {BulkheadError} for the first one, where it may not be sent; a later one ends the count before it.
   */
  send(datagrams: readonly Datagram[]): number {
    this.#check()
    let sent = 0
    for (const { remote, bytes } of datagrams) {
      if (!this.isWritable) break
      if (sent === 0) this.#powers.requirePeer(remote)
      else if (this.#powers.judgePeer(remote).kind === 'denied') break
      // All of a datagram or nothing of it.
      if (!this.#powers.allowWhole(bytes.length)) break
      this.#sending++
      this.#socket.send(bytes, remote.port, addressText(remote.address), () => {
        // A datagram that the system refuses is lost like one on its way.
        this.#sending--
        this.#powers.onChange()
      })
      sent++
    }
    return sent
  }

  /** What has come, at most so many. */
  receive(max: number): readonly Datagram[] {
    this.#check()
    const taken: Datagram[] = []
    let bytes = 0
    for (let next = this.#received[0]; next !== undefined && taken.length < max; next = this.#received[0]) {
      bytes += next.bytes.length
      if (bytes > datagramsBytesMax || !this.#powers.allowWhole(next.bytes.length)) break
      this.#received.shift()
      // The rules may have moved since it came.
      if (this.#isWelcome(next.remote)) taken.push(next)
    }
    return taken
  }

  /**
   * Sets an option, or leaves it where `value` is 0, and answers what is in force. The system may round buffers and bound
   * them.
   *
   * @throws {BulkheadError} `network-failed`: `invalid-argument`; `invalid-state` before it is bound.
   */
  option(option: SocketOption, value: number): number {
    this.#check()
    if (this.#local === undefined) throw networkError('invalid-state', 'the socket is not bound yet')
    switch (option) {
      case 'hop-limit':
        this.#socket.setTTL(value)
        return value
      case 'receive-buffer':
        if (value > 0) this.#socket.setRecvBufferSize(value)
        return this.#socket.getRecvBufferSize()
      case 'send-buffer':
        if (value > 0) this.#socket.setSendBufferSize(value)
        return this.#socket.getSendBufferSize()
      case 'keep-alive':
        throw networkError('invalid-argument', 'a UDP socket has no such option')
    }
  }

  redecide(): void {
    const verdict = this.#error === undefined ? this.#powers.judgeBinding?.() : undefined
    if (verdict?.kind === 'denied') this.#end(denial(verdict))
  }

  close(): void {
    this.destroy()
  }

  destroy(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.close()
  }

  #receive(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const from = parseAddress(address.split('%')[0] ?? '')
    if (from === undefined || this.#received.length >= datagramsWaitingMax) return
    const remote = { address: from, port }
    if (!this.#isWelcome(remote)) return
    this.#received.push({ remote, bytes })
    this.#powers.onChange()
  }

  #isWelcome(remote: Endpoint): boolean {
    return this.#powers.judgeBinding !== undefined || this.#powers.judgePeer(remote).kind === 'granted'
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
