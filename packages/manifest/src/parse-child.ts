import { deepFreeze, type Entry, Inspection, isTable, readObject } from '@bulkhead/document'
import { BulkheadError } from '@bulkhead/vocabulary'
import { childSpec } from './child-spec.js'
import type { ChildSpec, SupervisorSpec, Tree } from './tree.js'

/** The keys of `[children.NAME]` and their values, as a tree file has them: `{ component: './a.wasm', args: ['a'] }`. */
export type ChildEntry = { readonly component: string } & { readonly [key: string]: unknown }

/**
 * Reads the entry of a child that is added to a tree which was read before: the same keys, checks and defaults as in its
 * file. Relative paths start where those of the file do.
 *
 * @param id as the table would be called: without its tenant, which its supervisor says
 * @throws {DocumentError} with every finding, each with the path of its key; also for what no document can hold.
 * @throws {BulkheadError} `usage` where there is no entry
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
  const document = readObject({ children: { [id]: entry } }, { file: 'new child' })
  const inspection = new Inspection(document)
  const { children } = document.value
  const value = isTable(children) ? children[id] : undefined
  if (value === undefined) throw new BulkheadError('usage', `\`${id}\` has no entry`, { hint: 'give its `component`' })
  const top: Entry = { value, path: ['children', id], inspection }
  const scope = { directory, childIds: new Map(), supervisorNames: new Map() }
  const spec = childSpec(id, top, scope, supervisor.defaults)
  inspection.throwIfAny()
  if (spec === undefined) throw new BulkheadError('internal', `the entry of \`${id}\` was neither read nor refused`)
  return deepFreeze(spec)
}
