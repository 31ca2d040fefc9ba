import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** @param {string | Uint8Array} bytes */
export function digestOf(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/**
 * The line of a tree entry that approves exactly these bytes in place.
 *
 * @param {string} componentFile
 * @param {string | Uint8Array} [manifest] its bytes; none where the component has no manifest
 */
export function pinned(componentFile, manifest) {
  const digests = [digestOf(readFileSync(componentFile)), ...(manifest === undefined ? [] : [digestOf(manifest)])]
  return `approved = ${JSON.stringify(digests)}`
}
