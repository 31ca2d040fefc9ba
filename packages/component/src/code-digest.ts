import { createHash, type Hash } from 'node:crypto'
import { componentSections } from '@bulkhead/contracts'
import { type Digest, parseDigest } from '@bulkhead/vocabulary'
import { nestedComponentsMax } from './limits.js'
import { type Recognised, tooDeep } from './recognise.js'
import { ByteReader } from './wasm/byte-reader.js'

// What a component's past is kept under (SPEC 9): the digest of what it does, not of how its file looks. Custom sections
// hold names, producers and whatever anybody appends; they are left out wherever they stand, in nested modules and
// components too. Sizes are hashed as numbers, since a number has several spellings. Data sections are kept in: all
// programs of one interpreter share their code, and none is to answer for another.

const nestedModule = 1
const nestedComponent = 4
const custom = 0

/**
 * The digest of everything in the file but its custom sections.
 *
 * @throws {BulkheadError} `component-invalid` when the sections do not fit into each other.
 */
export function codeDigest(bytes: Uint8Array, { format }: Recognised): Digest {
  const hash = createHash('sha256')
  if (format === 'component') hashComponent(hash, bytes, 0)
  else hashModule(hash, bytes)
  return parseDigest(`sha256:${hash.digest('hex')}`)
}

function hashComponent(hash: Hash, bytes: Uint8Array, depth: number): void {
  if (depth > nestedComponentsMax) throw tooDeep()
  hash.update('component(')
  for (const { id, body, end } of componentSections(bytes)) {
    const part = bytes.subarray(body, end)
    if (id === nestedModule) hashModule(hash, part)
    else if (id === nestedComponent) hashComponent(hash, part, depth + 1)
    else hashSection(hash, id, part)
  }
  hash.update(')')
}

function hashModule(hash: Hash, bytes: Uint8Array): void {
  const reader = new ByteReader(bytes)
  hash.update('module(').update(reader.take(8))
  while (!reader.done) {
    const id = reader.byte()
    hashSection(hash, id, reader.take(reader.u32()))
  }
  hash.update(')')
}

function hashSection(hash: Hash, id: number, body: Uint8Array): void {
  if (id !== custom) hash.update(`${id}:${body.length}:`).update(body)
}
