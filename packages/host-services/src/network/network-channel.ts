import { type IpAddress, parseHostCandidate } from '@bulkhead/capability'
import { RateBucket, type RateBucketMemory } from '@bulkhead/quota'
import { assertNever, Denial } from '@bulkhead/vocabulary'
import { addressesPerNameMax, networkHandlesMax } from '../limits.js'
import { goodAnswer } from '../service/answer.js'
import type { ChannelAuthority } from '../service/channel-authority.js'
import { FieldWriter } from '../service/field-writer.js'
import { addressText, type Endpoint, parseAddress } from './addresses.js'
import { Bandwidth } from './bandwidth.js'
import { connectHttp } from './connect-http.js'
import { ConnectionLimit, Connections } from './connections.js'
import { NetworkGate, type Verdict } from './gate.js'
import { HttpConnections } from './http-connections.js'
import { HttpExchange } from './http-exchange.js'
import { checkHttpRequest, type HttpRequest } from './http-head.js'
import { checkInjections, type HttpInjection, type Injections, injectedFields } from './http-injection.js'
import { writeJudgement } from './judgement.js'
import { LeavingConnections } from './leaving-connections.js'
import { LookUpResource } from './look-up.js'
import type { Lookups } from './lookups.js'
import { networkError } from './network-error.js'
import type { NetworkPowers } from './network-powers.js'
import { type Handle, type Interest, type NetworkRequest, writeAddress, writeEndpoint } from './network-request.js'
import type { NetworkResource } from './network-resource.js'
import { PinTable } from './pin-table.js'
import type { Pulled } from './pull-reader.js'
import { RefusedRequests } from './refused-requests.js'
import { TcpConnection } from './tcp-connection.js'
import { TcpListener } from './tcp-listener.js'
import { TrafficMeter } from './traffic.js'
import { UdpSocket } from './udp-socket.js'

/** What a channel of the network is given beside its table. Rates and limits lie in memory that the host and the service alone map. */
export type NetworkTerms = {
  /** Bytes, of both directions together. */
  readonly bandwidth: RateBucketMemory
  /** HTTP requests. */
  readonly requests: RateBucketMemory
  /** `RefusedRequests`. */
  readonly requestsRefused: SharedArrayBuffer
  /** `TrafficMeter`. */
  readonly traffic: SharedArrayBuffer
  /** `ConnectionLimit`. */
  readonly connections: SharedArrayBuffer
  readonly responseBytesMax: number
  /** Header fields that are added to requests for their origins. */
  readonly inject: readonly HttpInjection[]
}

export type NetworkChannelPowers = NetworkPowers & {
  readonly lookups: Lookups
  /** Something may be ready that somebody polls for. */
  readonly onChange: () => void
}

/** Handles of one thread of the service; those of its successor are others. */
const handlesPerEpoch = 2 ** 32

/**
 * Everything that one channel has on the network: what it opened, what its addresses are called, and what it may use.
 * Whoever speaks through it can name nothing of another channel.
 */
export class NetworkChannel {
  readonly authority: ChannelAuthority
  readonly #powers: NetworkChannelPowers
  readonly #terms: NetworkTerms
  readonly #pins: PinTable
  readonly #gate: NetworkGate
  readonly #bandwidth: Bandwidth
  readonly #requests: RateBucket
  readonly #refusedRequests: RefusedRequests
  readonly #traffic: TrafficMeter
  readonly #connections: Connections
  readonly #http = new HttpConnections()
  readonly #injections: Injections
  readonly #resources = new Map<Handle, NetworkResource>()
  readonly #leaving: LeavingConnections
  #nextHandle: Handle

  constructor(authority: ChannelAuthority, terms: NetworkTerms, powers: NetworkChannelPowers, epoch: number) {
    const { clock } = powers
    this.authority = authority
    this.#powers = powers
    this.#terms = terms
    this.#pins = new PinTable(clock.monotonicNs)
    this.#gate = new NetworkGate(authority, this.#pins, powers.isSpecial)
    this.#traffic = new TrafficMeter(terms.traffic)
    this.#bandwidth = new Bandwidth(terms.bandwidth, clock, powers.onChange, (bytes) => this.#traffic.addBytes(bytes))
    this.#requests = new RateBucket(terms.requests, clock.monotonicNs)
    this.#refusedRequests = new RefusedRequests(terms.requestsRefused)
    this.#injections = checkInjections(terms.inject)
    this.#leaving = new LeavingConnections(clock)
    this.#connections = new Connections(new ConnectionLimit(terms.connections))
    this.#nextHandle = epoch * handlesPerEpoch + 1
  }

  /** The authority has newer rules: what they do not allow ends, and whoever waits for it is told. */
  redecide(): void {
    this.#gate.adopted()
    this.#http.destroyIdle()
    for (const resource of [...this.#resources.values(), ...this.#leaving.all]) resource.redecide()
    this.#powers.onChange()
  }

  /** The channel has ended: everything of it is closed at once. */
  destroy(): void {
    for (const resource of this.#resources.values()) resource.destroy()
    this.#resources.clear()
    this.#leaving.destroyAll()
    this.#http.destroyAll()
    this.#bandwidth.close()
    this.#powers.lookups.forget(this)
  }

  /** Which of the interests are ready, as indices; a handle that there is not is ready to say so. */
  ready(interests: readonly Interest[]): readonly number[] {
    return interests.flatMap(({ handle, for: what }, index) => (this.#isReady(handle, what) ? [index] : []))
  }

  /**
   * Carries out a request that does not wait, and answers it.
   *
   * @throws {BulkheadError} `network-access-denied`, `network-failed`, `resource-limit-exceeded`.
   */
  serve(request: Exclude<NetworkRequest, { readonly op: 'poll' }>): Uint8Array {
    const answer = goodAnswer(new FieldWriter())
    switch (request.op) {
      case 'look-up':
        return this.#opened(answer, this.#lookUp(request.name))
      case 'judge':
        return writeJudgement(answer, this.#gate[request.action](request.protocol, request.endpoint)).finish()
      case 'connect':
        return this.#opened(answer, this.#connect(request.endpoint, request.from))
      case 'bind':
        return this.#opened(answer, this.#bind(request.endpoint))
      case 'listen':
        this.#find(request.handle, TcpListener).listen()
        return answer.finish()
      case 'option': {
        const { handle, option, value } = request
        return answer
          .u32(this.#find<TcpConnection | UdpSocket>(handle, TcpConnection, UdpSocket).option(option, value))
          .finish()
      }
      case 'open-udp':
        return this.#opened(answer, this.#openUdp(request.family, request.local))
      case 'exchange':
        return this.#opened(answer, this.#exchange(request.request))
      case 'addresses':
        return optional(answer, this.#find(request.handle, LookUpResource).take(), (addresses) =>
          answer.list(addresses, (address) => writeAddress(answer, address)),
        )
      case 'finish':
        return this.#finish(answer, request.handle)
      case 'accept':
        return this.#accept(answer, this.#find(request.handle, TcpListener))
      case 'read':
        return pulled(answer, this.#stream(request.handle).read(request.max))
      case 'write':
        return answer.u32(this.#stream(request.handle).write(request.bytes)).finish()
      case 'room': {
        const { bytes, isFlushed } = this.#stream(request.handle).room()
        return answer
          .u32(bytes)
          .u8(isFlushed ? 1 : 0)
          .finish()
      }
      case 'shutdown':
        this.#stream(request.handle).shutdown()
        return answer.finish()
      case 'send':
        return answer.u32(this.#find(request.handle, UdpSocket).send(request.datagrams)).finish()
      case 'receive': {
        const datagrams = this.#find(request.handle, UdpSocket).receive(request.max)
        return answer.list(datagrams, ({ remote, bytes }) => writeEndpoint(answer, remote).bytes(bytes)).finish()
      }
      case 'response':
        return optional(answer, this.#find(request.handle, HttpExchange).response(), ({ status, fields }) =>
          writeFields(answer.u16(status), fields),
        )
      case 'trailers':
        return writeFields(answer, this.#find(request.handle, HttpExchange).trailers).finish()
      case 'close':
        this.#close(request.handle)
        return answer.finish()
      default:
        return assertNever(request)
    }
  }

  #close(handle: Handle): void {
    const resource = this.#resources.get(handle)
    this.#resources.delete(handle)
    resource?.close()
    if (resource instanceof TcpConnection) this.#leaving.add(resource)
  }

  #isReady(handle: Handle, what: Interest['for']): boolean {
    const resource = this.#resources.get(handle)
    if (resource === undefined) return true
    if (what === 'response') return !(resource instanceof HttpExchange) || resource.hasResponse
    if (what === 'flush') return resource.isFlushed
    return what === 'read' ? resource.isReadable : resource.isWritable
  }

  #opened(answer: FieldWriter, resource: NetworkResource): Uint8Array {
    const handle = this.#nextHandle++
    this.#resources.set(handle, resource)
    // A judgement takes several decisions, between which newer rules may have been taken in: those found nothing to end.
    resource.redecide()
    return answer.i64(BigInt(handle)).finish()
  }

  #find<Found extends NetworkResource>(handle: Handle, ...kinds: readonly (new (...parts: never[]) => Found)[]): Found {
    const resource = this.#resources.get(handle)
    const found = kinds.find((kind): boolean => resource instanceof kind)
    if (found === undefined) throw networkError('invalid-state', 'nothing of that kind is open by this handle')
    return resource as Found
  }

  #stream(handle: Handle): TcpConnection | HttpExchange {
    return this.#find<TcpConnection | HttpExchange>(handle, TcpConnection, HttpExchange)
  }

  #checkRoom(): void {
    if (this.#resources.size < networkHandlesMax) return
    throw new Denial('resource-limit-exceeded', `${networkHandlesMax} things are open on the network already`, {
      details: { resource: 'network handles', limit: networkHandlesMax },
    })
  }

  #lookUp(text: string): LookUpResource {
    this.#checkRoom()
    const judge = (): Verdict => this.#gate.resolve(text)
    this.#gate.require(judge())
    return new LookUpResource(this.#addressesOf(text), judge, this.#powers.onChange)
  }

  /** The addresses of a name whose look-up was granted; they are pinned to it. */
  async #addressesOf(text: string): Promise<readonly IpAddress[]> {
    const host = parseHostCandidate(text)?.host
    if (host === undefined) throw networkError('name-unresolvable', 'this is not a name')
    if (host.kind !== 'name') return [host]
    const texts = await this.#powers.lookups.find(this, host.name)
    const addresses = texts.slice(0, addressesPerNameMax).flatMap((one) => parseAddress(one) ?? [])
    const pinned = addresses.filter((address) => this.#pins.pin(addressText(address), host.name))
    if (pinned.length === 0) throw networkError('name-unresolvable', `\`${host.name}\` has no address`)
    return pinned
  }

  #connect(remote: Endpoint, from: Handle | undefined): TcpConnection {
    this.#checkRoom()
    const judge = (): Verdict => this.#gate.connect('tcp', remote)
    const passage = this.#gate.require(judge())
    const local = from === undefined ? undefined : this.#leave(from)
    const uncount = this.#connections.count(passage)
    const unhold = this.#pins.hold(addressText(remote.address))
    return new TcpConnection(this.#powers.connect(remote, local), {
      judge,
      release: () => {
        uncount()
        unhold()
      },
      ...this.#flow(),
    })
  }

  /** Gives up a bound place, so that a connection can be made from it. */
  #leave(bound: Handle): Endpoint | undefined {
    const listener = this.#find(bound, TcpListener)
    const local = listener.finish()
    listener.close()
    this.#resources.delete(bound)
    return local
  }

  #bind(local: Endpoint): TcpListener {
    this.#checkRoom()
    const judge = (): Verdict => this.#gate.bind('tcp', local)
    const release = this.#connections.count(this.#gate.require(judge()))
    return new TcpListener(this.#powers.listen(local), { judge, release, onChange: this.#powers.onChange })
  }

  #accept(answer: FieldWriter, listener: TcpListener): Uint8Array {
    this.#checkRoom()
    const judge = (): Verdict => listener.judge()
    if (!listener.isReadable) return answer.u8(0).finish()
    // One too many waits on: the guest may accept it when it has closed another.
    const release = this.#connections.count(this.#gate.require(judge()))
    const socket = listener.accept()
    if (socket === undefined) {
      release()
      return answer.u8(0).finish()
    }
    return this.#opened(answer.u8(1), new TcpConnection(socket, { judge, release, ...this.#flow() }))
  }

  #openUdp(family: 'ipv4' | 'ipv6', local: Endpoint | undefined): UdpSocket {
    this.#checkRoom()
    if (local !== undefined && local.address.kind !== family)
      throw networkError('invalid-argument', 'the address is of another family')
    const judgeBinding = local === undefined ? undefined : (): Verdict => this.#gate.bind('udp', local)
    const passage = judgeBinding === undefined ? { rule: 'udp' } : this.#gate.require(judgeBinding())
    const release = this.#connections.count(passage)
    const judgePeer = (remote: Endpoint): Verdict => this.#gate.connect('udp', remote)
    return new UdpSocket(this.#powers.openUdp(family, local), {
      ...(judgeBinding === undefined ? {} : { judgeBinding }),
      judgePeer,
      requirePeer: (remote) => this.#gate.require(judgePeer(remote)),
      release,
      onChange: this.#powers.onChange,
      allowWhole: (bytes) => this.#bandwidth.takeWhole(bytes),
      mayPass: () => !this.#bandwidth.isSpent,
    })
  }

  #exchange(request: HttpRequest): HttpExchange {
    this.#checkRoom()
    const head = checkHttpRequest(request)
    const { host, port, origin } = head
    const { scheme } = request
    const reachAt = (remote: Endpoint): Verdict => this.#gate.reachAt(scheme, host, remote)
    this.#gate.require(this.#gate.reach(scheme, host, port))
    const fields = injectedFields(head, this.#injections)
    if (this.#requests.take(1) !== 'taken') {
      this.#refusedRequests.add()
      throw new Denial('resource-limit-exceeded', 'too many HTTP requests at once', {
        details: { resource: 'requests' },
      })
    }
    this.#traffic.addRequest()
    return new HttpExchange(head, {
      connect: async (signal) => {
        const waiting = this.#http.take(origin, (remote) => reachAt(remote).kind === 'granted')
        if (waiting !== undefined) return waiting
        return connectHttp(head, signal, {
          powers: this.#powers,
          addresses: async () => (host.kind === 'name' ? await this.#addressesOf(host.name) : [host]),
          judge: reachAt,
          gate: this.#gate,
          connections: this.#connections,
          pins: this.#pins,
          http: this.#http,
        })
      },
      giveBack: (connection) => this.#http.giveBack(connection),
      judge: (connection) =>
        connection === undefined ? this.#gate.reach(scheme, host, port) : reachAt(connection.remote),
      responseBytesMax: this.#terms.responseBytesMax,
      fields,
      ...this.#flow(),
    })
  }

  #finish(answer: FieldWriter, handle: Handle): Uint8Array {
    const resource = this.#find<TcpConnection | TcpListener | UdpSocket>(handle, TcpConnection, TcpListener, UdpSocket)
    if (!(resource instanceof TcpConnection))
      return optional(answer, resource.finish(), (local) => writeEndpoint(answer, local))
    return optional(answer, resource.finish(), ({ local, remote }) =>
      writeEndpoint(writeEndpoint(answer, local), remote),
    )
  }

  #flow() {
    return {
      onChange: this.#powers.onChange,
      allow: (bytes: number) => this.#bandwidth.take(bytes),
      mayPass: () => !this.#bandwidth.isSpent,
    }
  }
}

function optional<Value>(
  answer: FieldWriter,
  value: Value | undefined,
  write: (value: Value) => FieldWriter,
): Uint8Array {
  if (value === undefined) return answer.u8(0).finish()
  answer.u8(1)
  return write(value).finish()
}

function pulled(answer: FieldWriter, piece: Pulled): Uint8Array {
  if (piece === 'would-block') return answer.u8(0).finish()
  return (piece === 'end' ? answer.u8(1) : answer.u8(2).bytes(piece)).finish()
}

function writeFields(answer: FieldWriter, fields: readonly (readonly [string, string])[]): FieldWriter {
  return answer.list(fields, ([name, value]) => answer.text(name).text(value))
}
