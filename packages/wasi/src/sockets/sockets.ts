import type { StreamClasses } from '../io/stream-classes.js'
import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import { type IpSocketAddress, type Protocol, socketResource } from './address.js'
import type { NetworkGate } from './network-gate.js'

/** A socket that a guest made: it has a family and never anything else, because binding and connecting are denied. */
export type Socket = ResourceState & { readonly family: 'ipv4' | 'ipv6' }

type SocketPowers = {
  readonly gate: NetworkGate
  readonly streams: StreamClasses
  readonly networks: ResourceClass<ResourceState>
  readonly tcpSockets: ResourceClass<Socket>
  readonly udpSockets: ResourceClass<Socket>
}

/**
 * `wasi:sockets/*`: linked, so that programs which import them run, and denying. Sockets can be made, because a guest says
 * where it wants to go only afterwards; then the request is decided, recorded with its address, and refused.
 */
export function socketInterfaces(powers: SocketPowers): InterfaceImplementation[] {
  const { networks, tcpSockets, udpSockets } = powers
  const socket = (family: Socket['family']): Socket => ({ family, drop() {} })
  return [
    {
      name: 'wasi:sockets/network',
      functions: { 'network-error-code': () => undefined },
    },
    {
      name: 'wasi:sockets/instance-network',
      functions: { 'instance-network': () => networks.mint({ drop() {} }) },
    },
    {
      name: 'wasi:sockets/tcp-create-socket',
      functions: { 'create-tcp-socket': (family: Socket['family']) => tcpSockets.mint(socket(family)) },
    },
    {
      name: 'wasi:sockets/udp-create-socket',
      functions: { 'create-udp-socket': (family: Socket['family']) => udpSockets.mint(socket(family)) },
    },
    tcp(powers),
    udp(powers),
    nameLookup(powers),
  ]
}

/** Nothing was started, nothing is connected, nothing listens. */
const notInProgress = (): never => fail('not-in-progress')
const invalidState = (): never => fail('invalid-state')
const family = (socket: Socket): string => socket.family

function deny(gate: NetworkGate, action: 'connect' | 'bind', protocol: Protocol) {
  return (_socket: Socket, _network: ResourceState, address: IpSocketAddress): never => {
    gate.refuse(action, socketResource(protocol, address))
    return fail('access-denied')
  }
}

/** A socket that will never be anything is ready at once, so that nobody waits for it. */
function subscribe({ streams }: SocketPowers): () => object {
  return () => streams.pollable.mint({ ready: () => true, drop() {} })
}

function tcp(powers: SocketPowers): InterfaceImplementation {
  const { gate } = powers
  const method = (name: string): string => `[method]tcp-socket.${name}`
  const options = ['keep-alive-enabled', 'keep-alive-idle-time', 'keep-alive-interval', 'keep-alive-count', 'hop-limit']
  const buffers = ['receive-buffer-size', 'send-buffer-size']
  const unusable = [
    ...['start-listen', 'accept', 'local-address', 'remote-address', 'shutdown', 'set-listen-backlog-size'],
    ...[...options, ...buffers].flatMap((option) => [option, `set-${option}`]),
  ]
  return {
    name: 'wasi:sockets/tcp',
    functions: {
      ...Object.fromEntries(unusable.map((name) => [method(name), invalidState])),
      ...Object.fromEntries(
        ['finish-bind', 'finish-connect', 'finish-listen'].map((name) => [method(name), notInProgress]),
      ),
      [method('start-bind')]: deny(gate, 'bind', 'tcp'),
      [method('start-connect')]: deny(gate, 'connect', 'tcp'),
      [method('is-listening')]: () => false,
      [method('address-family')]: family,
      [method('subscribe')]: subscribe(powers),
    },
  }
}

function udp(powers: SocketPowers): InterfaceImplementation {
  const { gate } = powers
  const method = (name: string): string => `[method]udp-socket.${name}`
  const options = ['unicast-hop-limit', 'receive-buffer-size', 'send-buffer-size']
  const unusable = ['local-address', 'remote-address', ...options.flatMap((option) => [option, `set-${option}`])]
  return {
    name: 'wasi:sockets/udp',
    neverMinted: ['incoming-datagram-stream', 'outgoing-datagram-stream'],
    functions: {
      ...Object.fromEntries(unusable.map((name) => [method(name), invalidState])),
      [method('start-bind')]: deny(gate, 'bind', 'udp'),
      [method('finish-bind')]: notInProgress,
      [method('stream')]: (_socket: Socket, remote: IpSocketAddress | undefined) => {
        if (remote === undefined) return fail('invalid-state')
        gate.refuse('connect', socketResource('udp', remote))
        return fail('access-denied')
      },
      [method('address-family')]: family,
      [method('subscribe')]: subscribe(powers),
    },
  }
}

function nameLookup({ gate }: SocketPowers): InterfaceImplementation {
  return {
    name: 'wasi:sockets/ip-name-lookup',
    neverMinted: ['resolve-address-stream'],
    functions: {
      'resolve-addresses': (_network: ResourceState, name: string) => {
        gate.refuse('resolve', name)
        return fail('access-denied')
      },
    },
  }
}
