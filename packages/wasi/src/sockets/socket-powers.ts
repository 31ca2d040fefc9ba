import type { Endpoint } from '@bulkhead/host-services/client'
import type { Poller } from '../io/poller.js'
import type { StreamClasses } from '../io/stream-classes.js'
import type { NetworkDesk } from './network-desk.js'

/** What sockets are made with. */
export type SocketPowers = {
  readonly desk: NetworkDesk
  readonly streams: StreamClasses
  readonly poller: Poller
  /** A port for a guest that says any: one that it may have, where there is one. */
  readonly pickPort: (protocol: 'tcp' | 'udp', wanted: Endpoint) => Endpoint
}
