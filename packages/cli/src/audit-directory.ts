import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'

/**
 * The folder of audit files that the user means: a state directory, or its audit folder itself.
 *
 * @throws {BulkheadError} `usage` when there is no such directory.
 */
export async function auditDirectoryOf(given: string | undefined, directory: string): Promise<string> {
  const named = given ?? '.bulkhead'
  const path = resolve(directory, named)
  if (!(await isDirectory(path))) {
    throw new BulkheadError('usage', `there is no directory \`${named}\``, {
      hint: 'name a state directory, or the audit folder in it',
    })
  }
  const inside = join(path, 'audit')
  return (await isDirectory(inside)) ? inside : path
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
