import { componentSections } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { manifestBytesMax } from './limits.js'
import type { Recognised } from './recognise.js'
import { ByteReader } from './wasm/byte-reader.js'
import { customSections } from './wasm/name-section.js'

const SECTION_NAME = 'bulkhead:manifest'

/**
 * The text of the custom section `bulkhead:manifest`, if the file has one.
 *
 * @throws {BulkheadError} `component-invalid` when it is too large or not UTF-8.
 */
export function embeddedManifest(bytes: Uint8Array, recognised: Recognised): string | undefined {
  const body =
    recognised.format === 'component'
      ? componentCustomSection(bytes)
      : customSections(recognised.module).get(SECTION_NAME)
  if (body === undefined) return undefined
  if (body.length > manifestBytesMax) throw new BulkheadError('component-invalid', 'the embedded manifest is too large')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new BulkheadError('component-invalid', 'the embedded manifest is not UTF-8', { cause })
  }
}

function componentCustomSection(bytes: Uint8Array): Uint8Array | undefined {
  for (const each of componentSections(bytes)) {
    if (each.id !== 0) continue
    const reader = new ByteReader(bytes, each.body, each.end)
    if (reader.name() === SECTION_NAME) return bytes.subarray(reader.position, each.end)
  }
  return undefined
}
