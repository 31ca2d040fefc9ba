import type { Endpoint, Interest } from '@bulkhead/host-services/client'
import { portPicksMax } from '../limits.js'
import type { ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { checkedEndpoint, type Family, type WitSocketAddress, witEndpoint } from './address.js'
import { Connection } from './connection.js'
import { failedWith } from './socket-error.js'
import { TcpOptions } from './socket-options.js'
import type { SocketPowers } from './socket-powers.js'
import { TcpInput, TcpOutput } from './tcp-streams.js'

export type TcpStreams = { readonly input: TcpInput; readonly output: TcpOutput }

export type AcceptedSocket = { readonly socket: TcpSocket; readonly streams: TcpStreams }

/** Where a socket stands, as WIT names it. What was started is finished by the call of that name, and by no other. */
type State =
  | { readonly at: 'unbound' }
  | { readonly at: 'closed' }
  | { readonly at: 'bind-started'; readonly bound: Connection; readonly wanted: Endpoint; readonly picks: number }
  | Placed<'bound'>
  | Placed<'listen-started'>
  | Placed<'listening'>
  | { readonly at: 'connect-started'; readonly connection: Connection }
  | { readonly at: 'connected'; readonly connection: Connection; readonly streams: TcpStreams }

type Placed<Name> = { readonly at: Name; readonly bound: Connection; readonly local: Endpoint }
type At<Name extends State['at']> = Extract<State, { readonly at: Name }>

/** A `tcp-socket`: the states of WIT over what the network's service has open for it. */
export class TcpSocket implements ResourceState {
  readonly family: Family
  readonly options: TcpOptions
  readonly #powers: SocketPowers
  readonly #onDrop: () => void
  #state: State = { at: 'unbound' }

  constructor(family: Family, powers: SocketPowers, onDrop: () => void, options = new TcpOptions()) {
    this.family = family
    this.options = options
    this.#powers = powers
    this.#onDrop = onDrop
  }

  get isListening(): boolean {
    return this.#state.at === 'listening'
  }

  startBind(address: WitSocketAddress): void {
    this.#mustBe('unbound')
    this.#bind(checkedEndpoint(this.family, address, 'local'), 1)
  }

  #bind(wanted: Endpoint, picks: number): void {
    const { desk, pickPort } = this.#powers
    const local = wanted.port === 0 ? pickPort('tcp', wanted) : wanted
    const passage = desk.require('bind', 'tcp', local)
    const handle = desk.use(passage, (network) => network.bind(local))
    this.#state = { at: 'bind-started', bound: new Connection(desk, passage, handle), wanted, picks }
  }

  finishBind(): void {
    const state = this.#state
    if (state.at !== 'bind-started') fail('not-in-progress')
    const { bound, wanted, picks } = state
    try {
      const local = bound.attempt(() => bound.ask((network, handle) => network.bound(handle)))
      if (local !== undefined) this.#state = { at: 'bound', bound, local }
    } catch (thrown) {
      bound.release()
      this.#state = { at: 'unbound' }
      // A port that we chose may belong to somebody else: then another is tried.
      if (failedWith(thrown) !== 'address-in-use' || wanted.port !== 0 || picks >= portPicksMax) throw thrown
      this.#bind(wanted, picks + 1)
    }
    if (this.#state.at === 'bind-started') fail('would-block')
  }

  startListen(): void {
    const { bound, local } = this.#mustBe('bound')
    bound.ask((network, handle) => network.listen(handle))
    this.#state = { at: 'listen-started', bound, local }
  }

  finishListen(): void {
    if (this.#state.at !== 'listen-started') fail('not-in-progress')
    const { bound, local } = this.#state
    this.#state = { at: 'listening', bound, local }
  }

  /** Connects, from the place that was bound where there is one. */
  startConnect(address: WitSocketAddress): void {
    const state = this.#mustBe('unbound', 'bound')
    const remote = checkedEndpoint(this.family, address, 'remote')
    const { desk } = this.#powers
    const passage = desk.require('connect', 'tcp', remote)
    const from = state.at === 'bound' ? state.bound : undefined
    // WIT: a socket whose attempt has failed can only be dropped.
    this.#state = { at: 'closed' }
    try {
      const handle = desk.use(passage, (network) => network.connect(remote, from?.handle))
      this.#state = { at: 'connect-started', connection: new Connection(desk, passage, handle) }
    } finally {
      // The connection has taken its place, or there will be none.
      from?.release()
    }
  }

  finishConnect(): TcpStreams {
    const state = this.#state
    if (state.at !== 'connect-started') return fail('not-in-progress')
    const { connection } = state
    try {
      const ends = connection.attempt(() => connection.ask((network, handle) => network.connected(handle)))
      if (ends === undefined) return fail('would-block')
      if (this.options.keepAlive) this.#keepAlive(connection)
      return this.#connected(connection)
    } catch (thrown) {
      if (connection.ended === undefined) throw thrown
      connection.release()
      this.#state = { at: 'closed' }
      throw thrown
    }
  }

  #connected(connection: Connection): TcpStreams {
    const streams = {
      input: new TcpInput(connection, this.#powers),
      output: new TcpOutput(connection, this.#powers),
    }
    this.#state = { at: 'connected', connection, streams }
    return streams
  }

  /** A connection that waits, as a socket of its own, whose options are this one's. */
  accept(makeSocket: (family: Family, options: TcpOptions) => TcpSocket): AcceptedSocket {
    const { bound } = this.#mustBe('listening')
    if (bound.ended !== undefined) return fail(bound.ended)
    // A socket too many is refused before a connection is taken for it.
    const socket = makeSocket(this.family, new TcpOptions(this.options))
    try {
      const handle = bound.ask((network, listener) => network.accept(listener)) ?? fail('would-block')
      const streams = socket.#connected(new Connection(this.#powers.desk, bound.passage, handle))
      if (this.options.keepAlive) socket.optionsChanged()
      return { socket, streams }
    } catch (thrown) {
      socket.drop()
      throw thrown
    }
  }

  localAddress(): WitSocketAddress {
    const state = this.#state
    if ('local' in state) return witEndpoint(state.local)
    return witEndpoint(this.#ends().local)
  }

  remoteAddress(): WitSocketAddress {
    return witEndpoint(this.#ends().remote)
  }

  #ends(): { readonly local: Endpoint; readonly remote: Endpoint } {
    const { connection } = this.#mustBe('connected')
    return connection.ask((network, handle) => network.connected(handle)) ?? fail('invalid-state')
  }

  shutdown(what: 'receive' | 'send' | 'both'): void {
    const { streams } = this.#mustBe('connected')
    if (what !== 'send') streams.input.close()
    if (what !== 'receive') streams.output.close()
  }

  /** Tells the service of an option that has changed, where there is a connection that it is for. */
  optionsChanged(): void {
    if (this.#state.at === 'connected') this.#keepAlive(this.#state.connection)
  }

  #keepAlive(connection: Connection): void {
    connection.ask((network, handle) => network.option(handle, 'keep-alive', this.options.keepAliveSeconds))
  }

  /** What a pollable of the socket waits for: the end of what was started, or a connection to accept. */
  readonly ready = (): boolean => this.interest() === undefined

  readonly interest = (): Interest | undefined => {
    const state = this.#state
    switch (state.at) {
      case 'bind-started':
        return state.bound.interest('write')
      case 'connect-started':
        return state.connection.interest('write')
      case 'listening':
        return state.bound.interest('read')
      default:
        return undefined
    }
  }

  redecide(): void {
    this.#held()?.redecide()
  }

  drop(): void {
    this.#held()?.release()
    this.#state = { at: 'closed' }
    this.#onDrop()
  }

  #held(): Connection | undefined {
    const state = this.#state
    if ('bound' in state) return state.bound
    return 'connection' in state ? state.connection : undefined
  }

  /** @throws {WasiFailure} `concurrency-conflict` while something is being started, else `invalid-state`. */
  #mustBe<Name extends State['at']>(...allowed: readonly Name[]): At<Name> {
    const state = this.#state
    if (allowed.some((name) => name === state.at)) return state as At<Name>
    return fail(state.at.endsWith('-started') ? 'concurrency-conflict' : 'invalid-state')
  }
}
