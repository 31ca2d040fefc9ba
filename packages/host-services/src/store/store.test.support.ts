import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type CapabilityTable, compileTable, type Grant } from '@bulkhead/capability'
import { SlotCaller, type SlotMemory, type WakeWord } from '@bulkhead/lane'
import { StateDirectory } from '@bulkhead/state'
import type { ServiceEvents } from '../service/service-host.js'
import { StoreClient } from './store-client.js'
import { type StoreChannel, type StoreChannelOptions, StoreService } from './store-service.js'

const origin = { document: 'test', line: 1 }

/** A table of one layer: `['read', 'self:*']`. An approval, so that it may name foreign name spaces too. */
export function tableOf(
  componentId: string,
  grants: readonly (readonly [string, string])[],
  version = 1,
): CapabilityTable {
  const rules = grants.map(([action, pattern]) => ({ kind: 'storage', action, pattern, origin }) as Grant)
  return compileTable({
    version,
    componentId,
    forbidden: [],
    deny: [],
    layers: [{ layer: 'approval', grants: rules }],
    operator: [],
  })
}

export const ownAll = [
  ['read', 'self:*'],
  ['write', 'self:*'],
  ['delete', 'self:*'],
] as const
export const everything = [...ownAll, ['read', 'shared:*'], ['write', 'shared:*'], ['delete', 'shared:*']] as const

export function makeWake(): WakeWord {
  return { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
}

/** A client that blocks this thread; for tests, whose event loop need not turn meanwhile. */
export function clientOf(slot: SlotMemory): StoreClient {
  const caller = callerOf(slot)
  return new StoreClient((request) => {
    const outcome = caller.call(request, { untilNs: process.hrtime.bigint() + 20_000_000_000n })
    if (outcome.kind === 'answer') return outcome.bytes
    throw new Error(outcome.kind)
  })
}

export function callerOf(slot: SlotMemory): SlotCaller {
  const wake = new Int32Array(slot.wake.buffer)
  return new SlotCaller(slot, {
    nowNs: process.hrtime.bigint,
    wakeCount: () => Atomics.load(wake, 0),
    park: (seen) => Atomics.wait(wake, 0, seen, 50),
  })
}

export type StoreLab = {
  readonly root: string
  readonly state: StateDirectory
  readonly service: StoreService
  /** The thread that serves now. */
  readonly thread: () => Worker
  readonly attach: (
    owner: string,
    options?: Partial<StoreChannelOptions>,
  ) => StoreChannel & { readonly client: StoreClient }
  readonly close: () => Promise<void>
}

export async function openStoreLab(
  options: { readonly root?: string; readonly events?: ServiceEvents; readonly bytesMax?: number } = {},
): Promise<StoreLab> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'bulkhead-storage-'))
  const state = await StateDirectory.open(root, { create: true })
  let worker: Worker | undefined
  const service = await StoreService.start({
    state,
    events: options.events ?? {},
    ...(options.bytesMax === undefined ? {} : { bytesMax: options.bytesMax }),
    spawn: (entry, how) => {
      worker = new Worker(entry, how)
      return worker
    },
  })
  return {
    root,
    state,
    service,
    thread: () => {
      if (worker === undefined) throw new Error('no thread')
      return worker
    },
    attach: (owner, more = {}) => {
      const channel = service.attach({
        owner,
        scope: '',
        table: tableOf(owner, everything),
        quotaBytes: 1_000_000,
        wake: makeWake(),
        ...more,
      })
      return { ...channel, client: clientOf(channel.slot) }
    },
    close: async () => {
      await service.close()
      await state.close()
      if (options.root === undefined) rmSync(root, { recursive: true, force: true })
    },
  }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const shown = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : new TextDecoder().decode(value)
