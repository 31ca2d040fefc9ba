import { type KindCatalogue, noCustomKinds } from '@bulkhead/capability'
import { DocumentError, deepFreeze, quote } from '@bulkhead/document'
import type { Policy, PolicyFormat } from './policy.js'
import { readNativePolicy } from './read-native.js'
import { readWassettePolicy } from './read-wassette.js'

export type PolicyOptions = {
  /** The document's name, for findings and origins; its ending tells the format where `format` does not. */
  readonly file: string
  readonly format?: PolicyFormat
  /** Whom `self:` in a storage pattern means; without one the pattern stays as it is written. */
  readonly componentId?: string
  /** The custom kinds that there are beside the built-in ones; default: none. */
  readonly kinds?: KindCatalogue
}

/**
 * Reads a policy document (SPEC 5): what an operator allows. Native TOML, or Wassette's YAML, of which every rule keeps its
 * meaning and deny lists, CIDR and limits are enforced. Text from outside becomes a checked, deep-frozen value here.
 *
 * @param document the text, or its bytes as they are on disk; at most 256 KiB
 * @throws {DocumentError} `policy-invalid-format` when it is neither format or of an unknown version;
 *   `policy-validation-failed` with every finding at once
 * @example
 * ```ts
 * const policy = parsePolicy('[allow]\nfilesystem.read = ["/data/in/**"]\n', { file: 'ingest.policy.toml' })
 * policy.allow[0]?.pattern // '/data/in/**'
 * ```
 */
export function parsePolicy(document: string | Uint8Array, options: PolicyOptions): Policy {
  const { file, componentId, kinds = noCustomKinds } = options
  const format = options.format ?? formatOf(file)
  return deepFreeze(
    format === 'native' ? readNativePolicy(document, file, { componentId, kinds }) : readWassettePolicy(document, file),
  )
}

/**
 * The format that a file's name tells: `.toml` is native, `.yaml` and `.yml` are Wassette's.
 *
 * @throws {DocumentError} `policy-invalid-format` when the name tells none
 */
export function formatOf(file: string): PolicyFormat {
  const name = file.toLowerCase()
  if (name.endsWith('.toml')) return 'native'
  if (name.endsWith('.yaml') || name.endsWith('.yml')) return 'wassette'
  const message = `${quote(file)} does not tell whether it is TOML or YAML`
  const hint = 'name it `….policy.toml` (native) or `….policy.yaml` (Wassette), or say the format'
  throw new DocumentError([{ file, line: 1, column: 1, message, hint }], 'policy-invalid-format')
}
