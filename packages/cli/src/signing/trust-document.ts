import { resolve } from 'node:path'
import { parseTrust, type Trust } from '@bulkhead/trust'
import { readInput } from '../read-input.js'
import type { Terminal } from '../terminal.js'

/** The trust document that `--trust` names; by default `trust.toml` in the working directory. */
export async function trustDocument(flags: { readonly trust?: string }, terminal: Terminal): Promise<Trust> {
  const path = flags.trust ?? 'trust.toml'
  return parseTrust(await readInput(path, terminal), { file: resolve(terminal.directory, path) })
}
