import type { IoError } from '../io/stream-classes.js'
import type { InterfaceImplementation } from '../link.js'
import type { HostPowers } from '../powers.js'
import type { Resources } from '../resources.js'
import { nameLookup } from './name-lookup.js'
import { portPicker } from './pick-port.js'
import { SocketCount } from './socket-count.js'
import type { SocketPowers } from './socket-powers.js'
import { tcpInterfaces } from './tcp.js'
import { udpInterfaces } from './udp.js'

type SocketsPowers = Pick<SocketPowers, 'desk' | 'streams' | 'poller'> &
  Pick<HostPowers, 'fillRandom'> & { readonly resources: Resources }

/** `wasi:sockets/*` over the network's service: TCP, UDP and the look-up of names. */
export function socketInterfaces({ resources, fillRandom, ...shared }: SocketsPowers): InterfaceImplementation[] {
  const powers: SocketPowers = { ...shared, pickPort: portPicker(shared.desk, fillRandom) }
  const count = new SocketCount()
  const networks = resources.of('wasi:sockets/network', 'network')
  return [
    {
      name: 'wasi:sockets/network',
      functions: { 'network-error-code': ({ networkCode }: IoError) => networkCode },
    },
    {
      // The one network that there is: holding it allows nothing.
      name: 'wasi:sockets/instance-network',
      functions: { 'instance-network': () => networks.mint({ drop() {} }) },
    },
    ...tcpInterfaces({ ...powers, count, tcpSockets: resources.of('wasi:sockets/tcp', 'tcp-socket') }),
    ...udpInterfaces({
      ...powers,
      count,
      udpSockets: resources.of('wasi:sockets/udp', 'udp-socket'),
      incoming: resources.of('wasi:sockets/udp', 'incoming-datagram-stream'),
      outgoing: resources.of('wasi:sockets/udp', 'outgoing-datagram-stream'),
    }),
    nameLookup({ ...powers, lookups: resources.of('wasi:sockets/ip-name-lookup', 'resolve-address-stream') }),
  ]
}
