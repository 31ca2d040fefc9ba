import { externalKind } from './wasm/core-entries.js'
import { type CoreModule, section } from './wasm/core-module.js'
import { functionTypes } from './wasm/function-types.js'
import { customSections } from './wasm/name-section.js'
import { readTargetFeatures } from './wasm/producers.js'

const V128 = 0x7b

/**
 * The WebAssembly proposals that modules use, as far as their borders tell and as far as the compiler wrote it down in
 * `target_features`. Code is not read: a stripped module may use more.
 */
export function proposalsOf(modules: readonly CoreModule[]): readonly string[] {
  const found = new Set<string>()
  for (const module of modules) {
    for (const feature of readTargetFeatures(customSections(module))) found.add(feature)
    for (const name of structuralProposals(module)) found.add(name)
  }
  return [...found].sort()
}

function* structuralProposals(module: CoreModule): Generator<string> {
  const limits = [
    ...module.memories,
    ...module.tables.map((table) => table.limits),
    ...module.imports.flatMap((each) => each.limits ?? []),
  ]
  if (limits.some((each) => each.shared)) yield 'threads'
  if (limits.some((each) => each.is64)) yield 'memory64'
  const memories = module.memories.length + module.imports.filter((each) => each.kind === externalKind.memory).length
  if (memories > 1) yield 'multi-memory'
  if (module.sections.some((each) => each.id === section.tag)) yield 'exception-handling'
  if (module.tables.some((table) => table.initialised)) yield 'function-references'
  const types = functionTypes(module)
  if (types.some((type) => [...type.params, ...type.results].includes(V128))) yield 'simd'
}
