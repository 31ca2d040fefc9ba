import type { Codec } from '@bulkhead/state'
import { ownerBytesMax } from '../limits.js'

/** A value, and whose storage quota it takes. */
export type StoredValue = { readonly owner: string; readonly value: Uint8Array }

/** On the disk: the owner's length in a byte, the owner, the value. */
export const storedValueCodec: Codec<StoredValue> = {
  encode: ({ owner, value }) => Buffer.concat([Buffer.of(Buffer.byteLength(owner)), Buffer.from(owner), value]),
  decode: (bytes) => {
    const length = bytes[0] ?? 0
    if (length === 0 || length > ownerBytesMax || length >= bytes.length) throw new TypeError('it has no owner')
    const owner = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(1, 1 + length))
    return { owner, value: bytes.subarray(1 + length) }
  },
}

/** LMDB's page, what it and the checksum add to an entry, and the largest entry that shares a page with others. */
const [pageBytes, entryBytes, checksumBytes, sharedEntryBytesMax, pageHeaderBytes] = [4_096, 8, 16, 2_036, 16]

/** What a value takes of the disk, as LMDB lays it out: among others in a page, or in pages of its own (SPEC 12). */
export function allocatedBytes(storedKey: string, { owner, value }: StoredValue): number {
  const key = Buffer.byteLength(storedKey)
  const data = checksumBytes + 1 + Buffer.byteLength(owner) + value.length
  const whole = entryBytes + key + data
  if (whole <= sharedEntryBytesMax) return whole
  return entryBytes + key + 8 + Math.ceil((pageHeaderBytes + data) / pageBytes) * pageBytes
}
