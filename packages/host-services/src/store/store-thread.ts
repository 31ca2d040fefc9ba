// Perimeter: the store's own thread. The database, the clock and the port enter here; the loop is handed them. Nobody
// terminates this thread: one that dies inside a write keeps the database's lock for as long as the process lives.
import { workerData } from 'node:worker_threads'
import { SlotBell } from '@bulkhead/lane'
import { jsonCodec, type StateDirectory, storePlaceAt } from '@bulkhead/state'
import { Store } from '@bulkhead/state/store'
import { wireFromUnknown } from '@bulkhead/vocabulary'
import { Inbox } from '../service/inbox.js'
import type { FromService, ServiceThreadData } from '../service/protocol.js'
import { Books } from './books.js'
import { StoreLoop, type StoreTerms } from './store-loop.js'
import { storedValueCodec } from './stored-value.js'

export type StoreThreadOptions = {
  readonly holder: Pick<StateDirectory, 'root' | 'previousStop'>
  readonly name: string
  readonly bytesMax: number
}

const data = workerData as ServiceThreadData<StoreThreadOptions>
const post = (message: FromService): void => data.port.postMessage(message)

const byteCount = jsonCodec((found) => {
  if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < 0) throw new TypeError('no number of bytes')
  return found
})

async function open(): Promise<Store | undefined> {
  const { holder, name, bytesMax } = data.options
  try {
    return await Store.open(storePlaceAt(holder), name, { bytesMax })
  } catch (error) {
    post({ type: 'refused', error: wireFromUnknown(error) })
    return undefined
  }
}

const store = await open()
if (store !== undefined) {
  const tables = {
    values: store.table('values', storedValueCodec),
    books: new Books(store.table('usage', byteCount)),
  }
  const inbox = new Inbox<StoreTerms>(data, (message) => loop.take(message))
  const loop = new StoreLoop({
    transact: (work) => store.transact(work),
    tables,
    post,
    bell: new SlotBell(data.bell),
    nowNs: () => process.hrtime.bigint() - data.originNs,
    refresh: () => inbox.refresh(),
  })
  post({ type: 'ready' })
  await loop.run()
  await store.close()
  post({ type: 'closed' })
}
data.port.close()
