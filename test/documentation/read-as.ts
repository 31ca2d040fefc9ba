import { parseManifest, parseTree } from '@bulkhead/manifest'
import { parsePolicy, parseRoles } from '@bulkhead/policy'
import { parseTrust } from '@bulkhead/trust'

/** Reads a document as what its name says that it is. @throws {DocumentError} with every finding. */
export function readAs(file: string, text: string): void {
  const reader = readers.find(([ending]) => file.endsWith(ending))
  if (reader === undefined) throw new Error(`nothing here reads \`${file}\``)
  reader[1](text, file)
}

const readers: readonly (readonly [ending: string, read: (text: string, file: string) => unknown])[] = [
  ['.policy.toml', (text, file) => parsePolicy(text, { file })],
  ['.policy.yaml', (text, file) => parsePolicy(text, { file })],
  ['omponent.toml', (text, file) => parseManifest(text, { file })],
  ['trust.toml', (text, file) => parseTrust(text, { file })],
  ['bulkhead.toml', (text, file) => parseTree(text, { file })],
  ['roles.csv', (text, file) => parseRoles(text, { file })],
]
