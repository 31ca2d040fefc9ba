import { BulkheadError } from '@bulkhead/vocabulary'
import { componentSections, concatenate } from '../import-sections.js'
import { exportDescriptionBytesMax } from '../limits.js'

// What a component exports has its types from all over it: from what it imports, from what it lifts, and for an interface
// from a small component inside of it that only gives types to functions. So everything is kept but code: a module, and a
// component that holds one, is replaced by an empty one, so that whatever stands behind it keeps its number.

const SECTION = { custom: 0, module: 1, component: 4 } as const
const emptyModule: readonly number[] = [SECTION.module, 8, 0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const emptyComponent: readonly number[] = [SECTION.component, 8, 0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
const headerBytes = 8

/**
 * A component without its code, ready to be printed: what is left says which types its exports have.
 *
 * @throws {BulkheadError} `component-invalid` when the bytes are not a component, or the description is larger than
 *   `exportDescriptionBytesMax`.
 * @example
 * ```ts
 * const exported = parseExportTypes(await print(extractExportSections(bytes)))
 * ```
 */
export function extractExportSections(component: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = [component.subarray(0, headerBytes)]
  let keptBytes = headerBytes
  for (const { id, start, body, end } of componentSections(component)) {
    if (id === SECTION.custom) continue
    const part = describing(id, component.subarray(start, end), component.subarray(body, end))
    keptBytes += part.length
    if (keptBytes > exportDescriptionBytesMax) {
      throw new BulkheadError('component-invalid', 'the description of the exports is too large', {
        details: { limit: exportDescriptionBytesMax },
      })
    }
    kept.push(part)
  }
  return concatenate(kept, keptBytes)
}

function describing(id: number, section: Uint8Array, body: Uint8Array): Uint8Array {
  if (id === SECTION.module) return Uint8Array.from(emptyModule)
  if (id === SECTION.component && !onlyDescribes(body)) return Uint8Array.from(emptyComponent)
  return section
}

function onlyDescribes(component: Uint8Array): boolean {
  for (const { id } of componentSections(component)) if (id === SECTION.module || id === SECTION.component) return false
  return true
}
