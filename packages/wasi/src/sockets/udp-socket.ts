import type { Endpoint, Interest } from '@bulkhead/host-services/client'
import type { Decision } from '@bulkhead/vocabulary'
import { portPicksMax } from '../limits.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { checkedEndpoint, type Family, isUnspecified, type WitSocketAddress, witEndpoint } from './address.js'
import { Connection } from './connection.js'
import { DatagramPath } from './datagram-path.js'
import type { Passage } from './network-desk.js'
import { failedWith } from './socket-error.js'
import type { SocketPowers } from './socket-powers.js'

type State =
  | { readonly at: 'unbound' }
  | { readonly at: 'bind-started'; readonly bound: Connection; readonly wanted: Endpoint; readonly picks: number }
  | { readonly at: 'bound'; readonly bound: Connection; readonly local: Endpoint | undefined }

export type UdpOption = 'hop-limit' | 'receive-buffer' | 'send-buffer'

const defaults: Readonly<Record<UdpOption, number>> = {
  'hop-limit': 64,
  'receive-buffer': 212_992,
  'send-buffer': 212_992,
}

/**
 * A `udp-socket`. Binding to any address and any port asks for no right where none is granted: such a socket hears only from
 * those whom the guest may send to, and has no port before it has sent (the service judges each datagram).
 */
export class UdpSocket implements ResourceState {
  readonly family: Family
  readonly #powers: SocketPowers
  readonly #onDrop: () => void
  readonly #wanted = new Map<UdpOption, number>()
  #state: State = { at: 'unbound' }
  #path: DatagramPath | undefined

  constructor(family: Family, powers: SocketPowers, onDrop: () => void) {
    this.family = family
    this.#powers = powers
    this.#onDrop = onDrop
  }

  startBind(address: WitSocketAddress): void {
    if (this.#state.at === 'bind-started') fail('concurrency-conflict')
    if (this.#state.at !== 'unbound') fail('invalid-state')
    this.#bind(checkedEndpoint(this.family, address, 'local'), 1)
  }

  #bind(wanted: Endpoint, picks: number): void {
    const { desk, pickPort } = this.#powers
    const local = wanted.port === 0 ? pickPort('udp', wanted) : wanted
    const isForAnybody = wanted.port !== 0 || !isUnspecified(wanted.address) || desk.permitsBind('udp', local)
    const passage = isForAnybody ? desk.require('bind', 'udp', local) : unbound(wanted)
    const handle = desk.use(passage, (network) => network.openUdp(this.family, isForAnybody ? local : undefined))
    const bound = new Connection(desk, passage, handle)
    this.#state = { at: 'bind-started', bound, wanted, picks: isForAnybody ? picks : 0 }
  }

  finishBind(): void {
    const state = this.#state
    if (state.at !== 'bind-started') fail('not-in-progress')
    const { bound, wanted, picks } = state
    try {
      const local = bound.attempt(() => bound.ask((network, handle) => network.bound(handle)))
      if (local !== undefined || picks === 0) {
        this.#state = { at: 'bound', bound, local }
        if (local !== undefined) this.#applyAll(bound)
        return
      }
    } catch (thrown) {
      bound.release()
      this.#state = { at: 'unbound' }
      if (failedWith(thrown) !== 'address-in-use' || wanted.port !== 0 || picks >= portPicksMax) throw thrown
      this.#bind(wanted, picks + 1)
    }
    fail('would-block')
  }

  /** The way to a peer, or to everybody; the one that was given out before is closed. */
  stream(remote: WitSocketAddress | undefined): DatagramPath {
    const { bound } = this.#require()
    const peer = remote === undefined ? undefined : checkedEndpoint(this.family, remote, 'remote')
    const passage = peer === undefined ? undefined : this.#powers.desk.require('connect', 'udp', peer)
    this.#path?.close()
    const to = peer === undefined || passage === undefined ? undefined : { endpoint: peer, passage }
    this.#path = new DatagramPath(this.family, bound, this.#powers, to)
    return this.#path
  }

  localAddress(): WitSocketAddress {
    const { bound, local } = this.#require()
    return witEndpoint(local ?? this.#learnLocal(bound) ?? { address: unspecified(this.family), port: 0 })
  }

  remoteAddress(): WitSocketAddress {
    this.#require()
    const peer = this.#path?.peer
    return peer === undefined ? fail('invalid-state') : witEndpoint(peer)
  }

  /** What is in force; before it is bound, what will be. */
  option(option: UdpOption): number {
    const bound = this.#bound()
    if (bound === undefined || option === 'hop-limit') return this.#wanted.get(option) ?? defaults[option]
    return bound.ask((network, handle) => network.option(handle, option, 0))
  }

  setOption(option: UdpOption, value: number): void {
    this.#wanted.set(option, value)
    const bound = this.#bound()
    if (bound !== undefined) bound.ask((network, handle) => network.option(handle, option, value))
  }

  readonly ready = (): boolean => this.interest() === undefined

  readonly interest = (): Interest | undefined =>
    this.#state.at === 'bind-started' ? this.#state.bound.interest('write') : undefined

  redecide(): void {
    if (this.#state.at !== 'unbound') this.#state.bound.redecide()
  }

  drop(): void {
    this.#path?.close()
    if (this.#state.at !== 'unbound') this.#state.bound.release()
    this.#state = { at: 'unbound' }
    this.#onDrop()
  }

  /** What has a port by now, of the guest's or of the system's choosing. */
  #bound(): Connection | undefined {
    if (this.#state.at !== 'bound') return undefined
    const { bound, local } = this.#state
    return local === undefined && this.#learnLocal(bound) === undefined ? undefined : bound
  }

  /** The system has chosen a port when something was sent: only then can options be set. */
  #learnLocal(bound: Connection): Endpoint | undefined {
    const local = bound.ask((network, handle) => network.bound(handle))
    if (local === undefined) return undefined
    this.#state = { at: 'bound', bound, local }
    this.#applyAll(bound)
    return local
  }

  #applyAll(bound: Connection): void {
    for (const [option, value] of this.#wanted) bound.ask((network, handle) => network.option(handle, option, value))
  }

  #require(): Extract<State, { at: 'bound' }> {
    const state = this.#state
    if (state.at === 'bound') return state
    return fail(state.at === 'bind-started' ? 'concurrency-conflict' : 'invalid-state')
  }
}

function unspecified(family: Family): Endpoint['address'] {
  return family === 'ipv4' ? { kind: 'ipv4', bits: 0 } : { kind: 'ipv6', groups: [0, 0, 0, 0, 0, 0, 0, 0] }
}

const forPeersOnly: Decision = {
  verdict: 'granted',
  layer: 'manifest',
  rule: { pattern: 'udp', origin: { document: 'those whom it may send to' } },
}

/** A socket that nobody may send to but its peers: no right stands behind it. */
function unbound({ address }: Endpoint): Passage {
  const resource = address.kind === 'ipv4' ? 'udp://0.0.0.0:0' : 'udp://[0:0:0:0:0:0:0:0]:0'
  return {
    request: { kind: 'network', action: 'bind', resource },
    decision: forPeersOnly,
    version: 0,
    judge: () => forPeersOnly,
  }
}
