// Perimeter: reads the two vendored adapters.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '@bulkhead/vocabulary'

export type AdapterKind = 'command' | 'reactor'

/** The sha256 of each adapter: part of what an artifact is keyed by, and checked at every load. */
export const adapterDigests = {
  command: '2a652d711c1fff34f9d5a0e073e50ef7eeb8fe7d8a6d559eae643a4c049a7b94',
  reactor: 'b857310c4753c8fafaa0f890e9ccf978dc3d9dbe8804b1125291a627485041d0',
} as const satisfies Record<AdapterKind, string>

/** @throws {Fault} `component-digest-mismatch` when the file is not the one that was vendored. */
export function loadAdapter(kind: AdapterKind): Uint8Array {
  const bytes = readFileSync(new URL(`../vendor/wasi_snapshot_preview1.${kind}.wasm`, import.meta.url))
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (digest !== adapterDigests[kind]) {
    throw new Fault('component-digest-mismatch', `the vendored ${kind} adapter was changed`, {
      details: { expected: adapterDigests[kind], found: digest },
      hint: 'install Bulkhead again',
    })
  }
  return bytes
}
