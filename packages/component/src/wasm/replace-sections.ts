import { concatBytes, sectionBytes } from './byte-writer.js'
import type { CoreModule } from './core-module.js'

/** The module with some section bodies replaced; all others keep their bytes and their place. */
export function replaceSections(
  module: CoreModule,
  bodies: ReadonlyMap<number, Uint8Array | readonly number[]>,
): Uint8Array {
  if (bodies.size === 0) return module.bytes
  const parts = [module.bytes.subarray(0, 8)]
  for (const each of module.sections) {
    const body = bodies.get(each.id)
    parts.push(body === undefined ? module.bytes.subarray(each.start, each.end) : sectionBytes(each.id, body))
  }
  return concatBytes(parts)
}
