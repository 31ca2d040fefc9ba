// The tree that the live page is shown with: docs/examples/misbehaving, in a directory that is thrown away, and one child more
// that waits for a review.
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildExample } from '../docs/examples/misbehaving/build.mjs'

const example = fileURLToPath(new URL('../docs/examples/misbehaving/', import.meta.url))

/**
 * Runs something in the directory of the tree, and removes the directory.
 *
 * @template T
 * @param {(folder: string) => Promise<T>} use
 */
export async function withLiveTree(use) {
  await buildExample()
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-')))
  try {
    cpSync(example, folder, { recursive: true, filter: (path) => !path.endsWith('.bulkhead') })
    const tree = join(folder, 'bulkhead.toml')
    writeFileSync(tree, withNewcomer(readFileSync(tree, 'utf8')))
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} tree */
function withNewcomer(tree) {
  const newcomer = [
    '[children.newcomer]',
    'component = "guests/ledger.wasm"',
    'manifest = "guests/ledger.component.toml"',
  ]
  return `${tree}\n${newcomer.join('\n')}\n`
}
