// Perimeter: sockets, TLS and the resolver of the system.
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { promises as dns } from 'node:dns'
import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { systemClock } from '@bulkhead/vocabulary'
import { acceptQueueMax, connectMs, socketBufferBytes } from '../limits.js'
import { addressText, type Endpoint } from './addresses.js'
import type { NetworkPowers } from './network-powers.js'
import { isSpecialAddress } from './special-addresses.js'

export type SystemNetworkOptions = {
  /** Certificates (PEM) of authorities that are believed instead of the well-known ones. */
  readonly authorities?: readonly string[] | undefined
}

/** The real network. Its instants count from `originNs`. */
export function systemNetwork({ authorities }: SystemNetworkOptions = {}, originNs = 0n): NetworkPowers {
  return {
    clock: { ...systemClock, monotonicNs: () => systemClock.monotonicNs() - originNs },
    lookUp: async (name) => (await dns.lookup(name, { all: true, order: 'verbatim' })).map(({ address }) => address),
    isSpecial: isSpecialAddress,
    connect,
    secure: (socket, serverName) => secure(socket, serverName, authorities),
    listen,
    openUdp,
  }
}

/** Nothing is ever looked up here: whoever comes this far without an address is refused. */
function lookUpNothing(
  host: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  const family = isIP(host)
  // Later, as any look-up: whoever asked has not listened for what follows yet.
  process.nextTick(callback, family === 0 ? new Error('only addresses are connected to') : null, host, family)
}

function connect({ address, port }: Endpoint, local?: Endpoint): Socket {
  const socket = connectTcp({
    host: addressText(address),
    port,
    allowHalfOpen: true,
    noDelay: true,
    lookup: lookUpNothing as never,
    autoSelectFamily: false,
    ...(local === undefined ? {} : { localAddress: addressText(local.address), localPort: local.port }),
  })
  socket.setTimeout(connectMs)
  socket.once('connect', () => socket.setTimeout(0))
  return socket
}

function secure(socket: Socket, serverName: string, authorities: readonly string[] | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const isAddress = isIP(serverName) !== 0
    const secured = connectTls({
      socket,
      // Whom the certificate must name; and, as addresses are never asked for by name, whom TLS asks for.
      host: serverName,
      ...(isAddress ? {} : { servername: serverName }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
    })
    secured.setTimeout(connectMs, () => secured.destroy(Object.assign(new Error('TLS'), { code: 'ETIMEDOUT' })))
    // Stays for the socket's life: a server may break TLS in the same breath in which it has agreed to it. Node tells of that
    // and leaves the socket open, on which nothing will ever come.
    secured.on('error', (error) => {
      reject(error)
      secured.destroy()
    })
    secured.once('close', () => reject(Object.assign(new Error('TLS'), { code: 'ECONNRESET' })))
    secured.once('secureConnect', () => {
      secured.setTimeout(0)
      resolve(secured)
    })
  })
}

function listen({ address, port }: Endpoint): Server {
  const server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    highWaterMark: socketBufferBytes,
  })
  server.listen({ host: addressText(address), port, backlog: acceptQueueMax, exclusive: true, ipv6Only: true })
  return server
}

function openUdp(family: 'ipv4' | 'ipv6', local: Endpoint | undefined): UdpSocket {
  const socket = createSocket({
    type: family === 'ipv4' ? 'udp4' : 'udp6',
    ipv6Only: family === 'ipv6',
    lookup: lookUpNothing as never,
  })
  if (local !== undefined) socket.bind({ address: addressText(local.address), port: local.port, exclusive: true })
  return socket
}
