import { createHash } from 'node:crypto'
import { type Digest, parseDigest } from '@bulkhead/vocabulary'

/** The digest of a manifest: SHA-256 of its exact bytes (of the UTF-8 of a text). */
export function manifestDigest(document: string | Uint8Array): Digest {
  return parseDigest(`sha256:${createHash('sha256').update(document).digest('hex')}`)
}
