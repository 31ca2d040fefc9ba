import { createHash } from 'node:crypto'

// A stored value is its checksum and then its bytes. The checksum covers table and key as well, so that a value that
// turns up in the place of another one is not believed. It finds damage, not malice: whoever may write here may reseal.

const checksumBytes = 16

export function seal(table: string, key: string, value: Uint8Array): Buffer {
  return Buffer.concat([checksum(table, key, value), value])
}

/** The value, or `undefined` where its checksum does not fit. */
export function unseal(table: string, key: string, stored: Uint8Array): Uint8Array | undefined {
  const value = stored.subarray(checksumBytes)
  const expected = checksum(table, key, value)
  return expected.equals(stored.subarray(0, checksumBytes)) ? value : undefined
}

function checksum(table: string, key: string, value: Uint8Array): Buffer {
  const hash = createHash('sha256')
  for (const part of [Buffer.from(table), Buffer.from(key), value]) hash.update(`${part.length}:`).update(part)
  return hash.digest().subarray(0, checksumBytes)
}
