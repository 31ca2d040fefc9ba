import { ByteReader } from './byte-reader.js'
import { type CoreModule, section } from './core-module.js'

const FUNCTION_NAMES = 1

/** The bodies of the custom sections, by name. Of two with one name the first counts. */
export function customSections(module: CoreModule): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (const each of module.sections) {
    if (each.id !== section.custom) continue
    const reader = new ByteReader(module.bytes, each.body, each.end)
    const name = reader.name()
    if (!found.has(name)) found.set(name, module.bytes.subarray(reader.position, each.end))
  }
  return found
}

/**
 * The index of the function that the name section calls `wanted`, which tools write for people and which may be missing,
 * stripped or wrong: whoever uses it must be no worse off when it lies.
 */
export function findNamedFunction(module: CoreModule, wanted: string): number | undefined {
  const names = customSections(module).get('name')
  if (names === undefined) return undefined
  const reader = new ByteReader(names)
  while (!reader.done) {
    const id = reader.byte()
    const size = reader.u32()
    const end = reader.position + size
    if (id === FUNCTION_NAMES)
      return findName(new ByteReader(names, reader.position, Math.min(end, names.length)), wanted)
    reader.take(size)
  }
  return undefined
}

function findName(reader: ByteReader, wanted: string): number | undefined {
  for (let left = reader.count(); left > 0; left -= 1) {
    const index = reader.u32()
    if (reader.name() === wanted) return index
  }
  return undefined
}
