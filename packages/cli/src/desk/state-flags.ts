import { resolve } from 'node:path'
import { parseTree } from '@bulkhead/manifest'
import { BulkheadError } from '@bulkhead/vocabulary'
import { readInput } from '../read-input.js'
import type { Terminal } from '../terminal.js'

/** How commands name the state directory that they are about. */
export type StateFlags = { readonly state?: string; readonly tree?: string; readonly json?: boolean }

/**
 * The state directory that the user means: `--state`, else that of the tree file `--tree`, else `./.bulkhead`.
 *
 * @throws {BulkheadError} `usage` when both are given.
 */
export async function stateDirectoryOf(flags: StateFlags, terminal: Terminal): Promise<string> {
  const { state, tree } = flags
  if (state !== undefined && tree !== undefined) {
    throw new BulkheadError('usage', '--state and --tree both name a state directory', { hint: 'give one of them' })
  }
  if (tree === undefined) return resolve(terminal.directory, state ?? '.bulkhead')
  return parseTree(await readInput(tree, terminal), { file: resolve(terminal.directory, tree) }).stateDirectory
}
