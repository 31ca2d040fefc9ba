import { ByteReader } from './byte-reader.js'
import { externalKind } from './core-entries.js'
import { type CoreModule, section } from './core-module.js'

const FUNC = 0x60

/** Parameters and results of a function, as value-type bytes; `undefined` where the module's types are not all plain. */
export type Signature = { readonly params: readonly number[]; readonly results: readonly number[] }

/** The plain function types of a module, in order; stops at the first type of another form. */
export function functionTypes(module: CoreModule): readonly Signature[] {
  const found = module.sections.find((each) => each.id === section.type)
  if (found === undefined) return []
  const reader = new ByteReader(module.bytes, found.body, found.end)
  const types: Signature[] = []
  for (let left = reader.count(); left > 0; left -= 1) {
    if (reader.byte() !== FUNC) return types
    const params = [...reader.take(reader.count())]
    types.push({ params, results: [...reader.take(reader.count())] })
  }
  return types
}

/** The number of imported functions: they come first in the index space. */
export function importedFunctions(module: CoreModule): number {
  return module.imports.filter((each) => each.kind === externalKind.function).length
}

/** The signature of a function that the module defines itself. */
export function signatureOf(module: CoreModule, functionIndex: number): Signature | undefined {
  const found = module.sections.find((each) => each.id === section.function)
  const place = functionIndex - importedFunctions(module)
  if (found === undefined || place < 0 || place >= module.definedFunctions) return undefined
  const reader = new ByteReader(module.bytes, found.body, found.end)
  reader.count()
  for (let skipped = 0; skipped < place; skipped += 1) reader.u32()
  return functionTypes(module)[reader.u32()]
}
