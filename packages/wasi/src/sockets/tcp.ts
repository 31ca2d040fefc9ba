import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import { fail } from '../wasi-failure.js'
import type { Family, WitSocketAddress } from './address.js'
import type { SocketCount } from './socket-count.js'
import { fixedOptions, positive, type TcpOptions } from './socket-options.js'
import type { SocketPowers } from './socket-powers.js'
import { TcpSocket } from './tcp-socket.js'

export type TcpPowers = SocketPowers & {
  readonly tcpSockets: ResourceClass<TcpSocket>
  readonly count: SocketCount
}

/** `wasi:sockets/tcp-create-socket` and `wasi:sockets/tcp`. */
export function tcpInterfaces(powers: TcpPowers): InterfaceImplementation[] {
  const { tcpSockets, streams, count } = powers
  const make = (family: Family, options?: TcpOptions): TcpSocket => new TcpSocket(family, powers, count.take(), options)
  const method = (name: string): string => `[method]tcp-socket.${name}`
  return [
    {
      name: 'wasi:sockets/tcp-create-socket',
      functions: { 'create-tcp-socket': (family: Family) => tcpSockets.mint(make(family)) },
    },
    {
      name: 'wasi:sockets/tcp',
      functions: {
        [method('start-bind')]: (socket: TcpSocket, _network: ResourceState, local: WitSocketAddress) =>
          socket.startBind(local),
        [method('finish-bind')]: (socket: TcpSocket) => socket.finishBind(),
        [method('start-connect')]: (socket: TcpSocket, _network: ResourceState, remote: WitSocketAddress) =>
          socket.startConnect(remote),
        [method('finish-connect')]: (socket: TcpSocket) => {
          const { input, output } = socket.finishConnect()
          return [streams.input.mint(input), streams.output.mint(output)]
        },
        [method('start-listen')]: (socket: TcpSocket) => socket.startListen(),
        [method('finish-listen')]: (socket: TcpSocket) => socket.finishListen(),
        [method('accept')]: (socket: TcpSocket) => {
          const { socket: accepted, streams: ends } = socket.accept(make)
          const { input, output } = ends
          return [tcpSockets.mint(accepted), streams.input.mint(input), streams.output.mint(output)]
        },
        [method('local-address')]: (socket: TcpSocket) => socket.localAddress(),
        [method('remote-address')]: (socket: TcpSocket) => socket.remoteAddress(),
        [method('is-listening')]: (socket: TcpSocket) => socket.isListening,
        [method('address-family')]: ({ family }: TcpSocket) => family,
        [method('subscribe')]: ({ ready, interest }: TcpSocket) =>
          streams.pollable.mint({ ready, interest, drop() {} }),
        [method('shutdown')]: (socket: TcpSocket, what: 'receive' | 'send' | 'both') => socket.shutdown(what),
        ...optionFunctions(method),
      },
    },
  ]
}

function optionFunctions(method: (name: string) => string): InterfaceImplementation['functions'] {
  const { keepAliveIntervalNs, keepAliveCount, bufferBytes, hopLimit } = fixedOptions
  /** Rounded to the one value that there is. */
  const rounded = (_socket: TcpSocket, value: number | bigint): void => void positive(value)
  return {
    // A hint, and bounded by the service's own queue.
    [method('set-listen-backlog-size')]: (socket: TcpSocket, value: bigint) => {
      positive(value)
      if (socket.isListening) fail('not-supported')
    },
    [method('keep-alive-enabled')]: ({ options }: TcpSocket) => options.keepAlive,
    [method('set-keep-alive-enabled')]: (socket: TcpSocket, value: boolean) => {
      socket.options.keepAlive = value
      socket.optionsChanged()
    },
    [method('keep-alive-idle-time')]: ({ options }: TcpSocket) => options.idleNs,
    [method('set-keep-alive-idle-time')]: (socket: TcpSocket, value: bigint) => {
      socket.options.idleNs = value
      socket.optionsChanged()
    },
    [method('keep-alive-interval')]: () => keepAliveIntervalNs,
    [method('set-keep-alive-interval')]: rounded,
    [method('keep-alive-count')]: () => keepAliveCount,
    [method('set-keep-alive-count')]: rounded,
    [method('hop-limit')]: () => hopLimit,
    [method('set-hop-limit')]: (_socket: TcpSocket, value: number) => {
      if (positive(value) !== hopLimit) fail('not-supported')
    },
    [method('receive-buffer-size')]: () => bufferBytes,
    [method('set-receive-buffer-size')]: rounded,
    [method('send-buffer-size')]: () => bufferBytes,
    [method('set-send-buffer-size')]: rounded,
  }
}
