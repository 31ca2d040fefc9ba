import type { Socket } from 'node:net'
import type { BulkheadError } from '@bulkhead/vocabulary'
import { type Endpoint, parseAddress } from './addresses.js'
import { denial, type Verdict } from './gate.js'
import { networkError, networkErrorFrom } from './network-error.js'
import type { SocketOption } from './network-request.js'
import type { NetworkResource } from './network-resource.js'
import { type Pulled, PullReader } from './pull-reader.js'
import { PushWriter } from './push-writer.js'

export type ConnectionPowers = {
  /** Decides again that it may be. */
  readonly judge: () => Verdict
  /** Gives back what it was counted with, and its pin. */
  readonly release: () => void
  readonly onChange: () => void
  /** How many bytes may pass now. */
  readonly allow: (bytes: number) => number
  /** Whether any may. */
  readonly mayPass: () => boolean
}

/** A TCP connection, from the moment at which it is asked for; whatever it goes to was judged before. */
export class TcpConnection implements NetworkResource {
  readonly #socket: Socket
  readonly #powers: ConnectionPowers
  readonly #reader: PullReader
  readonly #writer: PushWriter
  #state: 'connecting' | 'open' | 'closed'
  #error: BulkheadError | undefined

  /** @param socket paused, half-open allowed. */
  constructor(socket: Socket, powers: ConnectionPowers) {
    this.#socket = socket
    this.#powers = powers
    this.#state = socket.connecting ? 'connecting' : 'open'
    this.#reader = new PullReader(socket, powers.onChange)
    this.#writer = new PushWriter(socket, powers.onChange)
    socket.on('connect', () => {
      if (this.#state === 'connecting') this.#state = 'open'
      powers.onChange()
    })
    socket.on('timeout', () => this.#end(networkError('timeout', 'the connection was not made in time')))
    socket.on('error', (error) => this.#end(networkErrorFrom(error)))
    socket.on('close', () => {
      this.#state = 'closed'
      powers.release()
      powers.onChange()
    })
  }

  get isReadable(): boolean {
    if (this.#error !== undefined) return true
    if (this.#state === 'connecting') return false
    return this.#state === 'closed' || (this.#reader.isReadable && this.#powers.mayPass())
  }

  get isWritable(): boolean {
    if (this.#error !== undefined) return true
    if (this.#state === 'connecting') return false
    return this.#state === 'closed' || this.#writer.isEnded || (this.#writer.room > 0 && this.#powers.mayPass())
  }

  get isFlushed(): boolean {
    return this.#error !== undefined || this.#state === 'closed' || this.#writer.isFlushed
  }

  /** Whether it is connected; `undefined` not yet. @throws {BulkheadError} `network-failed`, `network-access-denied`. */
  finish(): { readonly local: Endpoint; readonly remote: Endpoint } | undefined {
    this.#check()
    if (this.#state === 'connecting') return undefined
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket
    return { local: endpoint(localAddress, localPort), remote: endpoint(remoteAddress, remotePort) }
  }

  /** @throws {BulkheadError} as `finish`, once what came before is read. */
  read(max: number): Pulled {
    if (this.#state === 'connecting') throw networkError('invalid-state', 'the connection is not made yet')
    if (this.#error?.code === 'network-access-denied') throw this.#error
    const pulled = this.#reader.pull(max, this.#powers.allow)
    if (pulled !== 'would-block') return pulled
    this.#check()
    return this.#state === 'closed' && !this.#reader.isReadable ? 'end' : pulled
  }

  /** How many bytes it took. @throws {BulkheadError} as `finish`. */
  write(bytes: Uint8Array): number {
    this.#check()
    if (this.#state !== 'open' || this.#writer.isEnded)
      throw networkError('invalid-state', 'the connection is not open for writing')
    return this.#writer.push(bytes, this.#powers.allow, this.#powers.onChange)
  }

  /** What may be written now, and whether what was written has left. */
  room(): { readonly bytes: number; readonly isFlushed: boolean } {
    this.#check()
    const isOpen = this.#state === 'open' && this.#powers.mayPass()
    return { bytes: isOpen ? this.#writer.room : 0, isFlushed: this.#writer.isFlushed }
  }

  /** Nothing more will be written. */
  shutdown(): void {
    this.#check()
    this.#writer.end()
  }

  /** `keep-alive`, in seconds, 0 for off; what else there is of TCP, Node cannot change. Answers what was set. */
  option(option: SocketOption, value: number): number {
    this.#check()
    if (option !== 'keep-alive') throw networkError('invalid-argument', 'a TCP connection has no such option')
    this.#socket.setKeepAlive(value > 0, value * 1_000)
    return value
  }

  redecide(): void {
    if (this.#state === 'closed' || this.#error !== undefined) return
    const verdict = this.#powers.judge()
    if (verdict.kind === 'denied') this.#end(denial(verdict))
  }

  /** Whether nothing of it is left, also of what was still to be sent when its guest closed it. */
  get isGone(): boolean {
    return this.#state === 'closed'
  }

  /** What was written is still sent: for as long as the channel waits, which then destroys it. */
  close(): void {
    if (this.#state === 'open') this.#socket.destroySoon()
    else this.#socket.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error
  }

  #end(error: BulkheadError): void {
    this.#error ??= error
    this.#socket.destroy()
    this.#powers.onChange()
  }
}

/** Node gives a socket that is gone no addresses. */
function endpoint(text = '0.0.0.0', port = 0): Endpoint {
  const address = parseAddress(text.split('%')[0] ?? '') ?? { kind: 'ipv4', bits: 0 }
  return { address, port }
}
