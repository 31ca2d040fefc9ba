import type { Socket as UdpSocket } from 'node:dgram'
import type { Server, Socket } from 'node:net'
import type { IpAddress } from '@bulkhead/capability'
import type { Clock } from '@bulkhead/vocabulary'
import type { Endpoint } from './addresses.js'
import type { LookUp } from './lookups.js'

/**
 * Everything that the network service may do to the world. Each of these goes to the address that it is given and looks up
 * nothing but what `lookUp` is told to.
 */
export type NetworkPowers = {
  readonly clock: Clock
  readonly lookUp: LookUp
  readonly isSpecial: (address: IpAddress) => boolean
  /** Connects, from a place of its own where one is said; the socket is paused and half-open, and emits `timeout` when it was not made in time. */
  readonly connect: (remote: Endpoint, local?: Endpoint) => Socket
  /** Makes a connected socket secure: `serverName` is whom the certificate must name. Resolves when it does. */
  readonly secure: (socket: Socket, serverName: string) => Promise<Socket>
  readonly listen: (local: Endpoint) => Server
  /** Opens and binds; without an endpoint it is bound to a port that the system chooses when it first sends. */
  readonly openUdp: (family: 'ipv4' | 'ipv6', local: Endpoint | undefined) => UdpSocket
}
