// The network's thread as it is, but for the resolver, which answers from a table, and for loopback, which is an ordinary
// address where a test says so.
import { workerData } from 'node:worker_threads'
import type { IpAddress } from '@bulkhead/capability'
import { SlotBell } from '@bulkhead/lane'
import { Inbox } from '../service/inbox.js'
import type { ServiceThreadData } from '../service/protocol.js'
import { addressText } from './addresses.js'
import type { NetworkTerms } from './network-channel.js'
import { NetworkLoop } from './network-loop.js'
import { isSpecialAddress } from './special-addresses.js'
import { type SystemNetworkOptions, systemNetwork } from './system-network.js'

export type FakeResolver = {
  /** By name: what the first look-up answers, the second, …; the last one stays. `'late'`: never. */
  readonly dns: Readonly<Record<string, readonly (readonly string[] | 'late')[]>>
  /** `loopback-is-not`: what is special without 127.0.0.0/8 and `::1`. */
  readonly special: 'real' | 'loopback-is-not'
  /** Counts look-ups. */
  readonly asked: SharedArrayBuffer
}

const data = workerData as ServiceThreadData<SystemNetworkOptions> & { readonly fake: FakeResolver }
const { dns, special, asked } = data.fake
const counts = new Map<string, number>()

async function lookUp(name: string): Promise<readonly string[]> {
  Atomics.add(new Int32Array(asked), 0, 1)
  const answers = dns[name] ?? []
  const count = counts.get(name) ?? 0
  counts.set(name, count + 1)
  const answer = answers[Math.min(count, answers.length - 1)]
  if (answer === 'late') return new Promise(() => undefined)
  if (answer === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  return answer
}

function isSpecial(address: IpAddress): boolean {
  const isLoopback = address.kind === 'ipv4' ? address.bits >>> 24 === 127 : addressText(address) === '0:0:0:0:0:0:0:1'
  return !isLoopback && isSpecialAddress(address)
}

const real = systemNetwork(data.options, data.originNs)
const inbox = new Inbox<NetworkTerms>(data, (message) => loop.take(message))
const loop = new NetworkLoop({
  network: { ...real, lookUp, ...(special === 'real' ? {} : { isSpecial }) },
  post: (message) => data.port.postMessage(message),
  bell: new SlotBell(data.bell),
  refresh: () => inbox.refresh(),
  epoch: data.epoch,
})
data.port.postMessage({ type: 'ready' })
await loop.run()
data.port.close()
