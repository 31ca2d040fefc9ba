import { createSlot, createSlotBell, SlotBell } from '@bulkhead/lane'
import { expect, it } from 'vitest'
import { storePageBytes, storeRequestBytes } from '../limits.js'
import type { FromService, ToService } from '../service/protocol.js'
import { Books, Usage } from './books.js'
import { callerOf, makeWake, ownAll, tableOf, text } from './store.test.support.js'
import { StoreLoop, type StoreTerms } from './store-loop.js'
import { encodeStoreRequest } from './store-request.js'
import type { StoredValue } from './stored-value.js'

function tableIn<Value>(entries: Map<string, Value>) {
  return {
    get: (key: string) => entries.get(key),
    put: (key: string, value: Value) => void entries.set(key, value),
    remove: (key: string) => entries.delete(key),
    keys: () => [],
    entries: () => entries,
  }
}

it.each(['table', 'gone'] as const)(
  'says that it has taken in `%s` when what came before is committed',
  async (what) => {
    const bell = createSlotBell()
    const values = new Map<string, StoredValue>()
    const waiting: ToService<StoreTerms>[] = []
    const told: string[] = []
    const loop: StoreLoop = new StoreLoop({
      transact: async (work) => {
        const result = work()
        // As if the host had posted it between two writes of the group.
        waiting.push(
          what === 'table'
            ? { type: 'table', channel: 1, table: tableOf('one', [], 2), ack: 7 }
            : { type: 'gone', channel: 1, ack: 7 },
        )
        for (const message of waiting.splice(0)) loop.take(message)
        await new Promise((resolve) => setImmediate(resolve))
        told.push('committed')
        waiting.push({ type: 'close' })
        return result
      },
      tables: { values: tableIn(values), books: new Books(tableIn(new Map<string, number>())) },
      post: (message: FromService) => told.push(message.type),
      bell: new SlotBell(bell),
      nowNs: process.hrtime.bigint,
      refresh: () => {
        for (const message of waiting.splice(0)) loop.take(message)
        return true
      },
    })
    const slot = createSlot({ requestBytes: storeRequestBytes, pageBytes: storePageBytes, wake: makeWake(), bell })
    const terms = { owner: 'one', scope: '', usage: Usage.createMemory(1_000) }
    const denialsTaken = new SharedArrayBuffer(4)
    waiting.push({ type: 'attach', channel: 1, slot, table: tableOf('one', ownAll), denialsTaken, terms })
    callerOf(slot).post(encodeStoreRequest({ op: 'set', namespace: 'self', key: 'a', value: text('1') }))
    await loop.run()
    expect(values.size).toBe(1)
    expect(told).toEqual(['committed', 'ack'])
  },
)
