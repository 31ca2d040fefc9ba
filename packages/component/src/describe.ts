import { componentSections, type ExportedFunction, writtenInterface } from '@bulkhead/contracts'
import { adapt } from './adapt.js'
import type { ComponentKind } from './artifact.js'
import { importTypesOf } from './build-artifact.js'
import { embeddedManifest } from './embedded-manifest.js'
import { exportNamesOf, kindOfExports } from './export-names.js'
import { exportedFunctions } from './exported-functions.js'
import { nestedComponentsMax } from './limits.js'
import { type Need, needsOf } from './needs.js'
import { proposalsOf } from './proposals.js'
import { type Recognised, recognise, tooDeep } from './recognise.js'
import { type CoreModule, type Limits, readCoreModule } from './wasm/core-module.js'
import { customSections } from './wasm/name-section.js'
import { readProducers } from './wasm/producers.js'

/** Sizes in pages of 64 KiB for a memory, in entries for a table. */
export type Extent = { readonly initial: number; readonly maximum?: number }

export type DescribedImport = {
  readonly interface: string
  readonly version?: string
  readonly functions: readonly string[]
}

/** What can be said of a file without running anything of it. */
export type Description = {
  readonly format: 'component' | 'core-preview1' | 'core'
  readonly kind: ComponentKind
  readonly imports: readonly DescribedImport[]
  readonly exports: readonly string[]
  /** What can be called by name, with complete types. */
  readonly functions: readonly ExportedFunction[]
  readonly memories: readonly { readonly initialPages: number; readonly maximumPages?: number }[]
  readonly tables: readonly Extent[]
  readonly proposals: readonly string[]
  readonly needs: readonly Need[]
  readonly embeddedManifest?: string
  /** `language` and `processed-by` entries, as the tools that made it wrote them. */
  readonly producers?: Readonly<Record<string, readonly string[]>>
}

/**
 * Reads a component or core module. A preview1 module is described by what it imports itself, not by what the adapter
 * would add.
 *
 * @throws {BulkheadError} `component-invalid`, `component-too-large`.
 */
export async function describe(bytes: Uint8Array): Promise<Description> {
  const recognised = recognise(bytes)
  const modules = coreModulesOf(bytes, recognised)
  const imports = await describedImports(bytes, recognised)
  const exports = await exportsOf(bytes, recognised)
  const manifest = embeddedManifest(bytes, recognised)
  const producers = Object.assign(
    {},
    ...modules.map((module) => readProducers(customSections(module))).reverse(),
  ) as Record<string, readonly string[]>
  return {
    format: recognised.format,
    kind: kindOfExports(exports),
    imports,
    exports,
    functions: recognised.format === 'component' ? await exportedFunctions(bytes) : [],
    memories: modules.flatMap((module) => module.memories.map(describedMemory)),
    tables: modules.flatMap((module) => module.tables.map(({ limits }) => describedTable(limits))),
    proposals: proposalsOf(modules),
    needs: needsOf(imports),
    ...(manifest === undefined ? {} : { embeddedManifest: manifest }),
    ...(Object.keys(producers).length === 0 ? {} : { producers }),
  }
}

const describedMemory = (limits: Limits): { readonly initialPages: number; readonly maximumPages?: number } =>
  limits.maximum === undefined
    ? { initialPages: limits.initial }
    : { initialPages: limits.initial, maximumPages: limits.maximum }

const describedTable = ({ initial, maximum }: Limits): Extent =>
  maximum === undefined ? { initial } : { initial, maximum }

async function describedImports(bytes: Uint8Array, recognised: Recognised): Promise<DescribedImport[]> {
  if (recognised.format === 'component') {
    return (await importTypesOf(bytes)).map((each) => ({
      interface: writtenInterface(each.name),
      ...(each.version === undefined ? {} : { version: each.version }),
      functions: each.functions.map((fn) => fn.name),
    }))
  }
  const byModule = new Map<string, string[]>()
  for (const each of recognised.module.imports) {
    const names = byModule.get(each.module) ?? []
    byModule.set(each.module, names)
    names.push(each.name)
  }
  return [...byModule].map(([name, functions]) => ({ interface: name, functions }))
}

/** A module that cannot be adapted is described all the same: by its own exports. */
async function exportsOf(bytes: Uint8Array, recognised: Recognised): Promise<readonly string[]> {
  if (recognised.format === 'component') return exportNamesOf(bytes)
  try {
    return exportNamesOf((await adapt(bytes, recognised)).component)
  } catch {
    return recognised.module.exports.map((each) => each.name)
  }
}

const CORE_MODULE = 1
const COMPONENT = 4

/** The core modules in a file, those of nested components too, in order. */
function coreModulesOf(bytes: Uint8Array, recognised: Recognised, depth = 0): CoreModule[] {
  if (recognised.format !== 'component') return [recognised.module]
  if (depth > nestedComponentsMax) throw tooDeep()
  const modules: CoreModule[] = []
  for (const each of componentSections(bytes)) {
    const body = bytes.subarray(each.body, each.end)
    if (each.id === CORE_MODULE) modules.push(readCoreModule(body))
    if (each.id === COMPONENT) modules.push(...coreModulesOf(body, { format: 'component' }, depth + 1))
  }
  return modules
}
