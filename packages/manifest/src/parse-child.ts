import { deepFreeze, type Entry, type InspectedDocument, Inspection, type TomlValue } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { childSpec } from './child-spec.js'
import { childEntryLevelsMax } from './limits.js'
import type { ChildSpec, SupervisorSpec, Tree } from './tree.js'

/** The keys of `[children.NAME]` and their values, as a tree file has them: `{ component: './a.wasm', args: ['a'] }`. */
export type ChildEntry = { readonly component: string } & { readonly [key: string]: unknown }

/**
 * Reads the entry of a child that is added to a tree which was read before: the same keys, checks and defaults as in its
 * file. Relative paths start where those of the file do.
 *
 * @param id as the table would be called: without its tenant, which its supervisor says
 * @throws {DocumentError} with every finding; it has no lines, so that each names its key.
 * @throws {BulkheadError} `usage` for what no document can hold.
 * @example
 * ```ts
 * parseChild('enrich', { component: './enrich.wasm', restart: 'transient' }, tree, tree.root).shutdownMs // 5000
 * ```
 */
export function parseChild(
  id: string,
  entry: ChildEntry,
  { directory }: Pick<Tree, 'directory'>,
  supervisor: SupervisorSpec,
): ChildSpec {
  const inspection = new Inspection(withoutLines(id))
  const top: Entry = { value: asValue(entry, id, 1), path: ['children', id], inspection }
  const scope = { directory, childIds: new Map(), supervisorNames: new Map() }
  const spec = childSpec(id, top, scope, supervisor.defaults)
  inspection.throwIfAny()
  if (spec === undefined) throw new BulkheadError('internal', `the entry of \`${id}\` was neither read nor refused`)
  return deepFreeze(spec)
}

/** What is said in a program has no lines; a finding about it names the child. */
function withoutLines(id: string): InspectedDocument {
  const start = { line: 1, column: 1 }
  return { file: `children.${id.slice(0, 100)}`, positionOf: () => start, positionInText: () => start }
}

function asValue(value: unknown, where: string, level: number): TomlValue {
  if (level > childEntryLevelsMax) throw unreadable(where, 'something that is nested too deep')
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map((item, index) => asValue(item, `${where}.${index}`, level + 1))
  if (typeof value !== 'object' || value === null) throw unreadable(where, String(value))
  const table: { [key: string]: TomlValue } = Object.create(null)
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) table[key] = asValue(inner, `${where}.${key}`, level + 1)
  }
  return table
}

function unreadable(where: string, what: string): BulkheadError {
  return new BulkheadError(
    'usage',
    `\`${where}\` is ${what}; text, a number, true, false, a list or a table is expected`,
  )
}
