import { type ExportedFunction, exportTypes, extractExportSections, parseExportTypes } from '@bulkhead/contracts'
import { print } from '@bytecodealliance/jco-transpile/wasm-tools'
import { exportNamesOf } from './export-names.js'
import { incomingHandler } from './incoming-handler-type.js'
import { toolError } from './tool-errors.js'

/**
 * The functions of a component that can be called by name, with complete types. Those that the host calls by itself (a
 * program's `run`, the handlers of messages and requests, a lifecycle) are not among them.
 *
 * @throws {BulkheadError} `component-invalid`.
 */
export async function exportedFunctions(component: Uint8Array): Promise<readonly ExportedFunction[]> {
  // Most components export nothing else, and need not be printed.
  if (exportNamesOf(component).every(isTheHosts)) return []
  try {
    const found = parseExportTypes(await print(extractExportSections(component)))
    return found.filter((fn) => fn.interface === undefined || !isTheHosts(fn.interface))
  } catch (thrown) {
    throw toolError('read', thrown)
  }
}

function isTheHosts(name: string): boolean {
  const [bare = ''] = name.split('@')
  return exportTypes.has(bare) || bare === incomingHandler.name
}
