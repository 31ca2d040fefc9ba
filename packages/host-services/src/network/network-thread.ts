// Perimeter: the network's own thread. The system's network, its clock and the port enter here; the loop is handed them.
import { workerData } from 'node:worker_threads'
import { SlotBell } from '@bulkhead/lane'
import { Inbox } from '../service/inbox.js'
import type { ServiceThreadData } from '../service/protocol.js'
import type { NetworkTerms } from './network-channel.js'
import { NetworkLoop } from './network-loop.js'
import { type SystemNetworkOptions, systemNetwork } from './system-network.js'

const data = workerData as ServiceThreadData<SystemNetworkOptions>
const inbox = new Inbox<NetworkTerms>(data, (message) => loop.take(message))
const loop = new NetworkLoop({
  network: systemNetwork(data.options, data.originNs),
  post: (message) => data.port.postMessage(message),
  bell: new SlotBell(data.bell),
  refresh: () => inbox.refresh(),
  epoch: data.epoch,
})
data.port.postMessage({ type: 'ready' })
await loop.run()
data.port.postMessage({ type: 'closed' })
data.port.close()
