import type { KindCatalogue } from '@bulkhead/capability'
import { deepFreeze, Inspection, isTable, readTable, readToml, type TomlTable } from '@bulkhead/document'
import { Fault, isName } from '@bulkhead/vocabulary'
import { capabilityRequests } from './capability-requests.js'
import { componentHeader } from './component-header.js'
import type { Manifest } from './manifest.js'
import { manifestDigest } from './manifest-digest.js'
import { quotas } from './quotas.js'

export type ManifestOptions = {
  /** The document's name, for findings and origins. */
  readonly file: string
  /** The kinds of the host application beside the built-in ones. */
  readonly kinds?: KindCatalogue
}

/**
 * Reads a Component.toml (SPEC 4): what a component's author declares. Text from outside becomes a checked, deep-frozen
 * value here; nothing of it is granted by being read.
 *
 * @param document the text, or its bytes as they are on disk; at most 256 KiB
 * @throws {DocumentError} with every finding at once; a syntax error stands alone.
 * @example
 * ```ts
 * const manifest = parseManifest('[component]\nid = "ingest"\nversion = "1.2.0"\n', { file: 'Component.toml' })
 * manifest.component.id // 'ingest'
 * manifest.capabilities // []: it asks for nothing
 * ```
 */
export function parseManifest(document: string | Uint8Array, options: ManifestOptions): Manifest {
  const toml = readToml(document, options)
  const inspection = new Inspection(toml)
  const schema = {
    component: componentHeader,
    capabilities: capabilityRequests(writtenId(toml.value), options.kinds),
    quotas: quotas(),
  }
  const table = readTable({ value: toml.value, path: [], inspection }, schema, { required: ['component'] })
  inspection.throwIfAny()
  if (table?.component === undefined) throw new Fault('internal', 'a manifest without a header was not reported')
  return deepFreeze({
    file: options.file,
    digest: manifestDigest(document),
    component: table.component,
    capabilities: table.capabilities ?? [],
    capabilitiesAt: toml.positionOf(
      Object.hasOwn(toml.value, 'capabilities') ? ['capabilities'] : ['component'],
      'key',
    ),
    quotas: table.quotas ?? {},
  })
}

/** Whom `self:` means while the rest is checked; a wrong id is reported by its own field. */
function writtenId(table: TomlTable): string {
  const component = table['component']
  const id = isTable(component) ? component['id'] : undefined
  return typeof id === 'string' && isName(id) ? id : 'unnamed'
}
