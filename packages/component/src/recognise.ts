import { BulkheadError, formatBytes } from '@bulkhead/vocabulary'
import { componentBytesMax, nestedComponentsMax } from './limits.js'
import { type CoreModule, readCoreModule } from './wasm/core-module.js'

/** What a file is, by its first eight bytes and, for a core module, by its imports. */
export type Recognised =
  | { readonly format: 'component' }
  | { readonly format: 'core-preview1' | 'core'; readonly module: CoreModule }

const MAGIC = [0x00, 0x61, 0x73, 0x6d] as const
const CORE_VERSION = [0x01, 0x00, 0x00, 0x00] as const
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00] as const
export const preview1 = 'wasi_snapshot_preview1'

/**
 * @throws {BulkheadError} `component-too-large`; `component-invalid` for bytes that are no WebAssembly, that are cut
 *   short, or that are of a version that nobody runs.
 */
export function recognise(bytes: Uint8Array): Recognised {
  if (bytes.length > componentBytesMax) throw tooLarge(bytes.length)
  if (bytes.length === 0) throw invalid('the file is empty')
  if (!startsWith(bytes, 0, MAGIC.slice(0, bytes.length))) {
    throw invalid('the file is not WebAssembly', 'a component or a preview1 module begins with the bytes 00 61 73 6d')
  }
  if (bytes.length < 8) throw invalid('the file is cut short in its first 8 bytes', 'fetch or build it again')
  if (startsWith(bytes, 4, COMPONENT_VERSION)) return { format: 'component' }
  if (!startsWith(bytes, 4, CORE_VERSION)) {
    throw invalid(
      `the file is WebAssembly of an unknown version (${[...bytes.subarray(4, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')})`,
      'build it as a component of today’s format, or as a core module',
    )
  }
  const module = readCoreModule(bytes)
  const isPreview1 = module.imports.some((each) => each.module === preview1)
  return { format: isPreview1 ? 'core-preview1' : 'core', module }
}

export function tooLarge(size: number): BulkheadError {
  return new BulkheadError(
    'component-too-large',
    `the file has ${formatBytes(size)} and may have ${formatBytes(componentBytesMax)}`,
    { details: { sizeBytes: size, limit: componentBytesMax } },
  )
}

/** For components inside components, which every walk through a file has to stop at. */
export function tooDeep(): BulkheadError {
  return new BulkheadError('component-too-large', `the file holds components more than ${nestedComponentsMax} deep`, {
    details: { limit: nestedComponentsMax },
  })
}

function startsWith(bytes: Uint8Array, at: number, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[at + index] === byte)
}

function invalid(message: string, hint?: string): BulkheadError {
  return new BulkheadError('component-invalid', message, hint === undefined ? {} : { hint })
}
