import { componentSections } from '@bulkhead/contracts'
import type { ComponentKind } from './artifact.js'
import { ByteReader } from './wasm/byte-reader.js'

const EXPORT = 11

/**
 * The names that a component exports at its top, with versions.
 *
 * Only as many entries are read as have a form that is known without their types; wit-component writes one export a
 * section, so in practice that is all of them.
 */
export function exportNamesOf(component: Uint8Array): readonly string[] {
  const names: string[] = []
  for (const section of componentSections(component)) {
    if (section.id !== EXPORT) continue
    const reader = new ByteReader(component, section.body, section.end)
    for (let left = reader.count(); left > 0; left -= 1) {
      reader.byte()
      names.push(reader.name())
      if (reader.byte() === 0) reader.byte()
      reader.u32()
      if (reader.byte() !== 0) break
    }
  }
  return names
}

/** What a component is for, by its exports. */
export function kindOfExports(exports: readonly string[]): ComponentKind {
  const has = (pattern: RegExp): boolean => exports.some((name) => pattern.test(name))
  if (has(/^wasi:cli\/run(?:@|$)/)) return 'command'
  if (has(/^wasi:http\/incoming-handler(?:@|$)/)) return 'service'
  return has(/^wasmcloud:messaging\/handler(?:@|$)/) ? 'actor' : 'library'
}
