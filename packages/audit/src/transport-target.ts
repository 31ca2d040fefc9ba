// Perimeter: looks a module up on the disk.
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * The file of a transport: a path where the name begins with `.` or `/` or `file:`, else a package, or a file of one, as
 * programs in `directory` find it. `pino/file` is pino's own, which is always there.
 *
 * @throws {BulkheadError} `usage` where there is none.
 */
export function transportFile(target: string, directory: string): string {
  const own = createRequire(import.meta.url)
  if (target === 'pino/file') return own.resolve('pino/file.js')
  const path = target.startsWith('file:') ? fileURLToPath(target) : target
  if (path.startsWith('.') || isAbsolute(path)) {
    const file = isAbsolute(path) ? path : join(directory, path)
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file
    throw notFound(target, `there is no file \`${file}\``, 'a path starts in the folder of the tree file')
  }
  try {
    return createRequire(join(directory, 'tree')).resolve(path)
  } catch {
    throw notFound(
      target,
      `no package of this name is found from \`${directory}\``,
      `npm install ${path}; or name its file, as \`./transport.mjs\``,
    )
  }
}

function notFound(target: string, why: string, hint: string): BulkheadError {
  return new BulkheadError('usage', `the audit transport \`${target}\` is not there: ${why}`, { hint })
}
