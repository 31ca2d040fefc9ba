import type { IpAddress } from '@bulkhead/capability'
import { readAnswer } from '../service/answer.js'
import type { FieldReader } from '../service/field-reader.js'
import type { Endpoint } from './addresses.js'
import type { HttpResponse } from './http-exchange.js'
import { checkHttpRequest, type HttpField, type HttpRequest } from './http-head.js'
import { type Judgement, readJudgement } from './judgement.js'
import {
  encodeNetworkRequest,
  type Handle,
  type Interest,
  type NetworkQuestion,
  type NetworkRequest,
  type PollPatience,
  readAddress,
  readEndpoint,
  readHandle,
  type SocketAction,
  type SocketOption,
} from './network-request.js'
import type { Pulled } from './pull-reader.js'
import type { Datagram } from './udp-socket.js'

/**
 * The network as a guest's thread calls it, over any way to ask (a slot; a socket). Nothing waits but `poll`; `undefined`
 * and `'would-block'` mean "not yet". Everything throws what the service answered: `network-access-denied`,
 * `network-failed` with a `reason` in its details, `resource-limit-exceeded`.
 *
 * @example
 * ```ts
 * const network = new NetworkClient((request) => bytesOf(caller.call(request)))
 * const connection = network.connect({ address, port: 443 })
 * network.poll([{ handle: connection, for: 'write' }])
 * network.write(connection, bytes)
 * ```
 */
export class NetworkClient {
  readonly #ask: (request: Uint8Array) => Uint8Array

  /** @param ask blocks until the answer is there, and throws when there will be none. */
  constructor(ask: (request: Uint8Array) => Uint8Array) {
    this.#ask = ask
  }

  lookUp(name: string): Handle {
    return readHandle(this.#call({ op: 'look-up', name }))
  }

  addresses(lookUp: Handle): readonly IpAddress[] | undefined {
    return this.#optional('addresses', lookUp, (answer) => answer.list(unbounded, () => readAddress(answer)))
  }

  /** How a socket that wants this would be judged now, and what that is called: nothing is opened. */
  judge(action: SocketAction, protocol: 'tcp' | 'udp', endpoint: Endpoint): Judgement {
    return readJudgement(this.#call({ op: 'judge', action, protocol, endpoint }), action)
  }

  /** @param from what was bound, whose place the connection takes. */
  connect(endpoint: Endpoint, from?: Handle): Handle {
    return readHandle(this.#call({ op: 'connect', endpoint, from }))
  }

  /** Both ends of a connection, once it is made. */
  connected(connection: Handle): { readonly local: Endpoint; readonly remote: Endpoint } | undefined {
    return this.#optional('finish', connection, (answer) => ({
      local: readEndpoint(answer),
      remote: readEndpoint(answer),
    }))
  }

  /** Takes a place for TCP; whoever connects to it is refused until it listens. */
  bind(endpoint: Endpoint): Handle {
    return readHandle(this.#call({ op: 'bind', endpoint }))
  }

  listen(bound: Handle): void {
    this.#call({ op: 'listen', handle: bound })
  }

  /** Sets an option of a socket, and answers what is in force then. */
  option(socket: Handle, option: SocketOption, value: number): number {
    return this.#call({ op: 'option', handle: socket, option, value }).u32()
  }

  /** Where a listener or a UDP socket is bound, once it is. */
  bound(socket: Handle): Endpoint | undefined {
    return this.#optional('finish', socket, readEndpoint)
  }

  accept(listener: Handle): Handle | undefined {
    return this.#optional('accept', listener, readHandle)
  }

  /** At most so many bytes of a connection, or of a response's body. */
  read(stream: Handle, max: number): Pulled {
    const answer = this.#call({ op: 'read', handle: stream, max })
    const kind = answer.u8()
    if (kind === 2) return answer.bytes(unbounded).slice()
    return kind === 1 ? 'end' : 'would-block'
  }

  /** How many of the bytes (64 KiB at most) it took. */
  write(stream: Handle, bytes: Uint8Array): number {
    return this.#call({ op: 'write', handle: stream, bytes }).u32()
  }

  /** How many bytes `write` would take, and whether everything that was written has left. */
  room(stream: Handle): { readonly bytes: number; readonly isFlushed: boolean } {
    const answer = this.#call({ op: 'room', handle: stream })
    return { bytes: answer.u32(), isFlushed: answer.u8() === 1 }
  }

  /** Nothing more will be written. */
  shutdown(stream: Handle): void {
    this.#call({ op: 'shutdown', handle: stream })
  }

  close(handle: Handle): void {
    this.#call({ op: 'close', handle })
  }

  /**
   * Without an endpoint: on a port that the system chooses when it first sends, to which only those may send that may be
   * sent to.
   */
  openUdp(family: 'ipv4' | 'ipv6', local?: Endpoint): Handle {
    return readHandle(this.#call({ op: 'open-udp', family, local }))
  }

  /** How many of the datagrams it took; the first that may not be sent is an error. */
  send(socket: Handle, datagrams: readonly Datagram[]): number {
    return this.#call({ op: 'send', handle: socket, datagrams }).u32()
  }

  receive(socket: Handle, max: number): readonly Datagram[] {
    const answer = this.#call({ op: 'receive', handle: socket, max })
    return answer.list(unbounded, () => ({ remote: readEndpoint(answer), bytes: answer.bytes(unbounded).slice() }))
  }

  exchange(request: HttpRequest): Handle {
    checkHttpRequest(request)
    return readHandle(this.#call({ op: 'exchange', request }))
  }

  response(exchange: Handle): HttpResponse | undefined {
    return this.#optional('response', exchange, (answer) => ({ status: answer.u16(), fields: readFields(answer) }))
  }

  /** Once the body is read. */
  trailers(exchange: Handle): readonly HttpField[] {
    return readFields(this.#call({ op: 'trailers', handle: exchange }))
  }

  /** Blocks until the first of them is ready (`look`: only until the service has looked), and answers which are, as indices. */
  poll(interests: readonly Interest[], patience: PollPatience = 'wait'): readonly number[] {
    return decodePollAnswer(this.#ask(encodeNetworkRequest({ op: 'poll', interests, patience })))
  }

  #optional<Value>(op: NetworkQuestion, handle: Handle, read: (answer: FieldReader) => Value): Value | undefined {
    const answer = this.#call({ op, handle })
    return answer.u8() === 0 ? undefined : read(answer)
  }

  #call(request: NetworkRequest): FieldReader {
    return readAnswer(this.#ask(encodeNetworkRequest(request)))
  }
}

/** Which interests of a `poll` are ready, as indices: for whoever posts that call without waiting in it. */
export function decodePollAnswer(bytes: Uint8Array): readonly number[] {
  const answer = readAnswer(bytes)
  return answer.list(unbounded, () => answer.u32())
}

/** The service is ours: what it answers is bounded by what it answers with. */
const unbounded = Number.POSITIVE_INFINITY

function readFields(answer: FieldReader): readonly HttpField[] {
  return answer.list(unbounded, () => [answer.text(unbounded), answer.text(unbounded)] as const)
}
