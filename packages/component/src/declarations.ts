import { typescriptTypes } from '@bulkhead/contracts'
import { BulkheadError } from '@bulkhead/vocabulary'
import { inspect } from './inspect.js'

/**
 * The types of the functions that a component exports, as a TypeScript declaration file of one type.
 *
 * @param file a component.
 * @param name what the type is called after.
 * @throws {BulkheadError} as `inspect`; `component-invalid` for one that has no function to call.
 * @example
 * ```ts
 * await writeFile('greeter.d.ts', await declarations('greeter.wasm', 'greeter'))
 * ```
 */
export async function declarations(file: string, name: string): Promise<string> {
  const { functions } = await inspect(file)
  if (functions.length > 0) return typescriptTypes(name, functions)
  throw new BulkheadError('component-invalid', `\`${name}\` exports no function that could be called by name`, {
    hint: 'bulkhead inspect shows what it exports',
  })
}
