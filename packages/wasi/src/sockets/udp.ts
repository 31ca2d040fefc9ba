import type { InterfaceImplementation } from '../link.js'
import type { ResourceClass, ResourceState } from '../resource-class.js'
import type { Family, WitSocketAddress } from './address.js'
import type { DatagramPath, OutgoingDatagram } from './datagram-path.js'
import type { SocketCount } from './socket-count.js'
import { positive } from './socket-options.js'
import type { SocketPowers } from './socket-powers.js'
import { type UdpOption, UdpSocket } from './udp-socket.js'

/** What stands behind an `incoming-datagram-stream` and an `outgoing-datagram-stream`. */
export type DatagramStream = ResourceState & { readonly path: DatagramPath }

export type UdpPowers = SocketPowers & {
  readonly udpSockets: ResourceClass<UdpSocket>
  readonly incoming: ResourceClass<DatagramStream>
  readonly outgoing: ResourceClass<DatagramStream>
  readonly count: SocketCount
}

/** `wasi:sockets/udp-create-socket` and `wasi:sockets/udp`. */
export function udpInterfaces(powers: UdpPowers): InterfaceImplementation[] {
  const { udpSockets, incoming, outgoing, streams, count } = powers
  const method = (name: string): string => `[method]udp-socket.${name}`
  return [
    {
      name: 'wasi:sockets/udp-create-socket',
      functions: {
        'create-udp-socket': (family: Family) => udpSockets.mint(new UdpSocket(family, powers, count.take())),
      },
    },
    {
      name: 'wasi:sockets/udp',
      functions: {
        [method('start-bind')]: (socket: UdpSocket, _network: ResourceState, local: WitSocketAddress) =>
          socket.startBind(local),
        [method('finish-bind')]: (socket: UdpSocket) => socket.finishBind(),
        [method('stream')]: (socket: UdpSocket, remote: WitSocketAddress | undefined) => {
          const path = socket.stream(remote)
          return [incoming.mint(streamOf(path)), outgoing.mint(streamOf(path))]
        },
        [method('local-address')]: (socket: UdpSocket) => socket.localAddress(),
        [method('remote-address')]: (socket: UdpSocket) => socket.remoteAddress(),
        [method('address-family')]: ({ family }: UdpSocket) => family,
        [method('subscribe')]: ({ ready, interest }: UdpSocket) =>
          streams.pollable.mint({ ready, interest, drop() {} }),
        ...optionFunctions(method),
        '[method]incoming-datagram-stream.receive': ({ path }: DatagramStream, max: bigint) => path.receive(max),
        '[method]incoming-datagram-stream.subscribe': ({ path }: DatagramStream) =>
          streams.pollable.mint({ ready: path.ready, interest: path.incoming, drop() {} }),
        '[method]outgoing-datagram-stream.check-send': ({ path }: DatagramStream) => path.checkSend(),
        '[method]outgoing-datagram-stream.send': ({ path }: DatagramStream, datagrams: readonly OutgoingDatagram[]) =>
          path.send(datagrams),
        '[method]outgoing-datagram-stream.subscribe': ({ path }: DatagramStream) =>
          streams.pollable.mint({ ready: path.ready, interest: path.outgoing, drop() {} }),
      },
    },
  ]
}

function streamOf(path: DatagramPath): DatagramStream {
  path.retain()
  return { path, drop: () => path.release(), redecide: () => path.redecide() }
}

const bufferBytesMax = 2n ** 31n - 1n

function optionFunctions(method: (name: string) => string): InterfaceImplementation['functions'] {
  const buffer = (name: 'receive' | 'send'): InterfaceImplementation['functions'] => {
    const option: UdpOption = `${name}-buffer`
    return {
      [method(`${name}-buffer-size`)]: (socket: UdpSocket) => BigInt(socket.option(option)),
      [method(`set-${name}-buffer-size`)]: (socket: UdpSocket, value: bigint) =>
        socket.setOption(option, Number(positive(value) > bufferBytesMax ? bufferBytesMax : value)),
    }
  }
  return {
    [method('unicast-hop-limit')]: (socket: UdpSocket) => socket.option('hop-limit'),
    [method('set-unicast-hop-limit')]: (socket: UdpSocket, value: number) =>
      socket.setOption('hop-limit', positive(value)),
    ...buffer('receive'),
    ...buffer('send'),
  }
}
