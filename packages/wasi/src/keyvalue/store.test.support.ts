// A guest over the real store, in its thread. Test support only; never shipped.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StoreChannel, StoreService } from '@bulkhead/host-services'
import { SlotCaller, type WakeWord } from '@bulkhead/lane'
import { type Setup, TestGuest, tableOf } from '../guest.test-support.js'
import type { HostPowers } from '../powers.js'

export type KeyValueGuest = TestGuest & { readonly channel: StoreChannel; readonly bucket: (id?: string) => Bucket }

export type Bucket = {
  get: (key: string) => Uint8Array | undefined
  set: (key: string, value: Uint8Array) => void
  delete: (key: string) => void
  exists: (key: string) => boolean
  listKeys: <Cursor>(cursor: Cursor | undefined) => { keys: string[]; cursor?: Cursor }
}

export type StoreLab = {
  readonly guest: (setup: Setup, options?: { readonly quotaBytes?: number; readonly far?: Setup }) => KeyValueGuest
  readonly close: () => Promise<void>
}

export async function openStoreLab(): Promise<StoreLab> {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-keyvalue-'))
  // Nobody else knows of the folder, so that nothing holds it as a state directory; the store needs this much of one.
  mkdirSync(join(root, 'tmp'))
  const service = await StoreService.start({ state: { root, previousStop: 'first' } })
  let owners = 0
  return {
    guest: (setup, { quotaBytes = 1_000_000, far = setup } = {}) => {
      const wake: WakeWord = { buffer: new SharedArrayBuffer(4), byteOffset: 0 }
      const table = tableOf(far)
      const channel = service.attach({ owner: `guest-${++owners}`, scope: '', table, quotaBytes, wake })
      const word = new Int32Array(wake.buffer)
      const park: HostPowers['park'] = (seen) => void Atomics.wait(word, 0, seen, 50)
      const wakeCount = (): number => Atomics.load(word, 0)
      const caller = new SlotCaller(channel.slot, { nowNs: process.hrtime.bigint, wakeCount, park })
      const openService = (name: string) => (name === 'store' ? caller : 'down')
      const powers = { wakeCount, park, monotonicNs: process.hrtime.bigint, openService, ...setup.powers }
      const guest = new TestGuest({ ...setup, powers })
      const bucket = (id = ''): Bucket => guest.call('wasi:keyvalue/store', 'open', id)
      return Object.assign(guest, { channel, bucket })
    },
    close: async () => {
      await service.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
