import { addressText, type Endpoint, type Interest } from '@bulkhead/host-services/client'
import { GuestMisuse } from '../endings.js'
import { datagramBytesMax, datagramsBytesMax, datagramsPerCallMax, rememberedPeersMax } from '../limits.js'
import { fail, WasiFailure } from '../wasi-failure.js'
import { checkedEndpoint, type Family, sameEndpoint, type WitSocketAddress, witEndpoint } from './address.js'
import type { Connection } from './connection.js'
import type { Passage } from './network-desk.js'
import type { SocketError } from './socket-error.js'
import type { SocketPowers } from './socket-powers.js'

type Peer = { readonly endpoint: Endpoint; readonly passage: Passage }
type Datagram = { readonly remote: Endpoint; readonly bytes: Uint8Array }

/** `incoming-datagram` and `outgoing-datagram`. */
export type IncomingDatagram = { readonly data: Uint8Array; readonly remoteAddress: WitSocketAddress }
export type OutgoingDatagram = { readonly data: Uint8Array; readonly remoteAddress?: WitSocketAddress | undefined }

/**
 * What the two streams of a UDP socket share: with a peer, whatever is sent goes to it and only what comes from it is heard;
 * without one, each datagram says where it goes, and is decided on its own.
 */
export class DatagramPath {
  readonly #family: Family
  readonly #bound: Connection
  readonly #powers: SocketPowers
  readonly #peer: Peer | undefined
  /** Whom datagrams went to, and how many: decided once by each version of the rules. */
  readonly #peers = new Map<string, { readonly passage: Passage; uses: number }>()
  #ended: SocketError | undefined
  #permitted = 0

  constructor(family: Family, bound: Connection, powers: SocketPowers, peer: Peer | undefined) {
    this.#family = family
    this.#bound = bound
    this.#powers = powers
    this.#peer = peer
    if (peer !== undefined) this.#remember(peer)
  }

  get peer(): Endpoint | undefined {
    return this.#peer?.endpoint
  }

  get ended(): SocketError | undefined {
    return this.#ended ?? this.#bound.ended
  }

  receive(max: bigint): readonly IncomingDatagram[] {
    this.#check()
    const count = max > BigInt(datagramsPerCallMax) ? datagramsPerCallMax : Number(max)
    if (count === 0) return []
    const came = this.#bound.attempt(() => this.#bound.ask((network, handle) => network.receive(handle, count)))
    const peer = this.#peer?.endpoint
    const heard = peer === undefined ? came : came.filter(({ remote }) => sameEndpoint(remote, peer))
    return heard.map(({ remote, bytes }) => ({ data: bytes, remoteAddress: witEndpoint(remote) }))
  }

  checkSend(): bigint {
    this.#check()
    this.#permitted = this.#powers.poller.isReady(this.#waitable('write')) ? datagramsPerCallMax : 0
    return BigInt(this.#permitted)
  }

  /** How many of them were sent; only the first can fail the call, a later one ends the count before it. */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    this.#check()
    if (datagrams.length > this.#permitted) {
      throw new GuestMisuse(`${datagrams.length} datagrams where check-send permitted ${this.#permitted}`)
    }
    this.#permitted = 0
    const outgoing = this.#admitted(datagrams)
    if (outgoing.length === 0) return 0n
    const sent = this.#bound.ask((network, handle) => network.send(handle, outgoing))
    for (const { remote } of outgoing.slice(0, sent)) this.#countUse(remote)
    return BigInt(sent)
  }

  #admitted(datagrams: readonly OutgoingDatagram[]): readonly Datagram[] {
    const admitted: Datagram[] = []
    let bytes = 0
    for (const datagram of datagrams) {
      bytes += datagram.data.length
      if (admitted.length > 0 && bytes > datagramsBytesMax) break
      try {
        admitted.push(this.#admit(datagram))
      } catch (thrown) {
        if (admitted.length === 0 || !(thrown instanceof WasiFailure)) throw thrown
        break
      }
    }
    return admitted
  }

  #admit({ data, remoteAddress }: OutgoingDatagram): Datagram {
    const said = remoteAddress === undefined ? undefined : checkedEndpoint(this.#family, remoteAddress, 'remote')
    const remote = said ?? this.#peer?.endpoint ?? fail('invalid-argument')
    if (this.#peer !== undefined && !sameEndpoint(remote, this.#peer.endpoint)) fail('invalid-argument')
    if (data.length > datagramBytesMax) fail('datagram-too-large')
    if (!this.#peers.has(keyOf(remote))) {
      this.#remember({ endpoint: remote, passage: this.#powers.desk.require('connect', 'udp', remote) })
    }
    return { remote, bytes: data }
  }

  readonly incoming = (): Interest | undefined => this.#waitable('read').interest()
  readonly outgoing = (): Interest | undefined => this.#waitable('write').interest()
  readonly ready = (): boolean => this.ended !== undefined

  /** Holds the socket open while one of the streams is there. */
  retain(): void {
    this.#bound.retain()
  }

  release(): void {
    this.#forgetPeers()
    this.#bound.release()
  }

  /** Others have taken its place. */
  close(): void {
    this.#ended ??= 'invalid-state'
    this.#forgetPeers()
  }

  redecide(): void {
    this.#bound.redecide()
    if (this.#peer !== undefined && this.ended === undefined && !this.#powers.desk.stillAllows(this.#peer.passage)) {
      this.#ended = 'access-denied'
    }
    // Those that are not allowed any more are refused when they are sent to.
    if (this.#peer === undefined) this.#forgetPeers()
  }

  #waitable(what: 'read' | 'write') {
    return { ready: this.ready, interest: () => (this.ended === undefined ? this.#bound.interest(what) : undefined) }
  }

  #check(): void {
    if (this.ended !== undefined) fail(this.ended)
  }

  #remember({ endpoint, passage }: Peer): void {
    if (this.#peers.size >= rememberedPeersMax) this.#forgetPeers()
    this.#peers.set(keyOf(endpoint), { passage, uses: 0 })
  }

  #countUse(remote: Endpoint): void {
    const peer = this.#peers.get(keyOf(remote))
    if (peer !== undefined) peer.uses += 1
  }

  #forgetPeers(): void {
    for (const { passage, uses } of this.#peers.values()) this.#powers.desk.recordUses(passage, uses)
    this.#peers.clear()
  }
}

function keyOf({ address, port }: Endpoint): string {
  return `${addressText(address)} ${port}`
}
