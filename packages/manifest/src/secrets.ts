import { resolve } from 'node:path'
import { asTable, type Entry, entriesOf, type Field, quote, readTable, reject, text } from '@bulkhead/document'
import { nameCharactersMax, secretsPerChildMax } from './limits.js'
import type { SecretSpec } from './tree.js'
import { isVariableName, variableNameHint } from './variables.js'

const fields = { file: text({ what: 'a path', charactersMax: nameCharactersMax }) }

/**
 * The table `secrets`: name → `{ file }`. A value never stands in the tree file; that the file can be read, and by whom
 * else, is for whoever reads it to see.
 *
 * @param directory absolute path from which relative paths start
 */
export function secrets(directory: string): Field<readonly SecretSpec[]> {
  return (entry) => {
    const table = asTable(entry)
    if (table === undefined) return undefined
    const entries = entriesOf(entry, table)
    if (entries.length > secretsPerChildMax) {
      return reject(entry, `${entries.length} secrets are too many`, `at most ${secretsPerChildMax} for one child`)
    }
    return entries.flatMap(([name, inner]) => secret(name, inner, directory) ?? [])
  }
}

function secret(name: string, entry: Entry, directory: string): SecretSpec | undefined {
  const { inspection, path, value } = entry
  if (!isVariableName(name)) {
    inspection.report(path, `${quote(name)} is not a name of a secret`, variableNameHint, 'key')
    return undefined
  }
  if (typeof value === 'string') {
    return reject(entry, 'a secret does not stand in a tree file', `write \`${name} = { file = "…" }\``)
  }
  const table = readTable(entry, fields, { required: ['file'] })
  if (table?.file === undefined) return undefined
  return { name, file: resolve(directory, table.file), at: inspection.document.positionOf(path) }
}

/** A name that means a value and a secret: nobody could tell which one a component reads. */
export function reportTwice(
  entry: Entry,
  config: Readonly<Record<string, string>>,
  named: readonly SecretSpec[],
): void {
  for (const { name } of named) {
    if (!Object.hasOwn(config, name)) continue
    const path = [...entry.path, 'secrets', name]
    entry.inspection.report(path, `${quote(name)} is both in \`config\` and a secret`, 'remove one of them', 'key')
  }
}
