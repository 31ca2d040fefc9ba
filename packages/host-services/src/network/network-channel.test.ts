import { Socket } from 'node:net'
import { createQuotaBlock } from '@bulkhead/quota'
import { systemClock } from '@bulkhead/vocabulary'
import { expect, it } from 'vitest'
import { requestsDefault } from '../limits.js'
import { ChannelAuthority } from '../service/channel-authority.js'
import { ConnectionLimit } from './connections.js'
import { Lookups } from './lookups.js'
import { at, networkTable } from './network.test.support.js'
import { NetworkChannel } from './network-channel.js'
import { systemNetwork } from './system-network.js'

const address = '93.184.215.14'
const lookUp = async (): Promise<readonly string[]> => [address]

it.each([
  ['stays where they deny another address', ['8.8.8.8:*'], 'is open'],
  ['does not where they deny its own', [`${address}:*`], 'network-access-denied'],
])('a connection by a name, judged while rules move, %s', async (_, deny, outcome) => {
  let refreshes = 0
  let movesAt = Number.POSITIVE_INFINITY
  const refresh = (): boolean => {
    refreshes += 1
    if (refreshes === movesAt) {
      authority.adopt(networkTable({ connect: ['api.test:80'], deny }, 2))
      channel.redecide()
    }
    return true
  }
  const authority = new ChannelAuthority(networkTable({ connect: ['api.test:80'] }), { refresh, report: () => true })
  const limit = ConnectionLimit.createMemory()
  new ConnectionLimit(limit).connectionsMax = 4
  const { rates } = createQuotaBlock({ rates: { bandwidth: requestsDefault, requests: requestsDefault }, ledgers: {} })
  const terms = {
    ...rates,
    requestsRefused: new SharedArrayBuffer(4),
    traffic: new SharedArrayBuffer(16),
    connections: limit,
    responseBytesMax: 1,
    inject: [],
  }
  const lookups = new Lookups(lookUp, systemClock)
  const network = { ...systemNetwork(), clock: systemClock, lookUp, connect: () => new Socket() }
  const channel = new NetworkChannel(authority, terms, { ...network, lookups, onChange: () => undefined }, 1)
  channel.serve({ op: 'look-up', name: 'api.test' })
  await new Promise((resolve) => setImmediate(resolve))
  // The address is decided first, and then the name that led to it.
  movesAt = refreshes + 2
  channel.serve({ op: 'connect', endpoint: at(address, 80), from: undefined })
  expect(authority.table.version).toBe(2)
  let found = 'is open'
  try {
    channel.serve({ op: 'finish', handle: 2 ** 32 + 2 })
  } catch (error) {
    found = (error as { readonly code: string }).code
  }
  expect(found).toBe(outcome)
  channel.destroy()
})
