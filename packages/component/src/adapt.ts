import { BulkheadError } from '@bulkhead/vocabulary'
import { componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import { loadAdapter } from './adapters.js'
import { unknownImports } from './import-errors.js'
import { preview1, type Recognised } from './recognise.js'
import { toolError } from './tool-errors.js'
import { addCabiRealloc } from './wasm/add-cabi-realloc.js'
import { type CoreModule, readCoreModule } from './wasm/core-module.js'
import { customSections } from './wasm/name-section.js'

export type Adapted = { readonly component: Uint8Array; readonly warnings: readonly string[] }

/**
 * Makes a component of a core module: a command when it exports `_start`, else a reactor.
 *
 * @throws {BulkheadError} `component-import-unknown` with every import that the adapter does not offer;
 *   `component-invalid` when the module is not one that can become a component.
 */
export async function adapt(bytes: Uint8Array, recognised: Recognised): Promise<Adapted> {
  if (recognised.format === 'component') return { component: bytes, warnings: [] }
  const { module } = recognised
  const isCommand = module.exports.some((each) => each.name === '_start')
  const adapter = loadAdapter(isCommand ? 'command' : 'reactor')
  refuseUnknownImports(module, adapter)
  if (recognised.format === 'core' && !isTypedModule(module)) throw notAdaptable(isCommand)
  const cured = addCabiRealloc(bytes)
  try {
    const component = await componentNew(cured.bytes, [[preview1, adapter]])
    return { component, warnings: cured.warning === undefined ? [] : [cured.warning] }
  } catch (thrown) {
    throw toolError('adapted', thrown)
  }
}

/** A module made by a bindings generator carries the types of its imports, which the tool checks itself. */
function isTypedModule(module: CoreModule): boolean {
  return [...customSections(module).keys()].some((name) => name.startsWith('component-type'))
}

function refuseUnknownImports(module: CoreModule, adapter: Uint8Array): void {
  if (isTypedModule(module)) return
  const offered = new Set(readCoreModule(adapter).exports.map((each) => each.name))
  const unknown = module.imports.filter((each) => each.module !== preview1 || !offered.has(each.name))
  if (unknown.length > 0) throw unknownImports(unknown.map((each) => `${each.module}.${each.name}`))
}

function notAdaptable(isCommand: boolean): BulkheadError {
  return new BulkheadError(
    'component-invalid',
    `the file is a core module that imports nothing of \`${preview1}\`${isCommand ? ', although it exports `_start`' : ''}`,
    { hint: `build it for \`${preview1}\` (wasm32-wasip1), or make a component of it` },
  )
}
