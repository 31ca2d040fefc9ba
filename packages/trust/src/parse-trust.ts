import { deepFreeze, flag, Inspection, listOf, readTable, readToml } from '@bulkhead/document'
import { revokedMax, sourcesMax } from './limits.js'
import { revocation, source } from './source-fields.js'
import type { Trust } from './trust-document.js'

const fields = {
  require_signatures: flag,
  dev_mode: flag,
  sources: listOf(source, { what: 'sources', itemsMax: sourcesMax, empty: 'allowed' }),
  revoked: listOf(revocation, { what: 'revocations', itemsMax: revokedMax, empty: 'allowed' }),
}

/**
 * Reads a `trust.toml` (SPEC 6): whose components start at once, whose signatures count, and what is revoked.
 *
 * @param document the text, or its bytes as they are on disk; at most 256 KiB
 * @param options.file the document's name, for findings
 * @throws {DocumentError} with every finding at once; a syntax error stands alone.
 * @example
 * ```ts
 * const trust = parseTrust('[[sources]]\ntype = "local"\npath = "/opt/verified/**"\n', { file: 'trust.toml' })
 * trust.sources.length // 1
 * ```
 */
export function parseTrust(document: string | Uint8Array, options: { readonly file: string }): Trust {
  const toml = readToml(document, options)
  const inspection = new Inspection(toml)
  const table = readTable({ value: toml.value, path: [], inspection }, fields)
  inspection.throwIfAny()
  return deepFreeze({
    file: options.file,
    requireSignatures: table?.require_signatures ?? false,
    devMode: table?.dev_mode ?? false,
    sources: table?.sources ?? [],
    revoked: table?.revoked ?? [],
  })
}
