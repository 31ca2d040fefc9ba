// Perimeter: starts the process that walks a database.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { BulkheadError } from '@bulkhead/vocabulary'
import { walkMs, walkReportBytesMax } from './limits.js'

/** What the walk found; no damage means that every value was read and fits its checksum. */
export type WalkReport = { readonly damage?: { readonly table: string; readonly key: string; readonly what: string } }

type Ending = { readonly output: string; readonly failure: Error | null }

/**
 * Lets a child process read a whole database before this process maps it.
 *
 * @param name the store's, for the error
 * @throws {BulkheadError} `store-corrupt` when a value is damaged, or the reader died of what it read.
 */
export async function walkStore(directory: string, name: string): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@bulkhead/state/walk')
  const { output, failure } = await run(process.execPath, [entry, directory])
  if (failure !== null) throw corruptStore(name, directory, 'cannot be read', failure)
  const { damage } = JSON.parse(output) as WalkReport
  if (damage === undefined) return
  const { table, key, what } = damage
  throw corruptStore(
    name,
    directory,
    `is damaged: the value of \`${key}\` in its table \`${table}\` ${what}`,
    undefined,
    {
      table,
      key,
    },
  )
}

/** The database of a store as a whole is not to be believed. */
export function corruptStore(
  store: string,
  path: string,
  what: string,
  cause?: unknown,
  where: { readonly table?: string; readonly key?: string } = {},
): BulkheadError {
  return new BulkheadError('store-corrupt', `the store \`${store}\` ${what}`, {
    details: { store, path, ...where },
    hint: `restore ${path} from a copy, or remove it and lose what it held`,
    cause,
  })
}

function run(program: string, args: readonly string[]): Promise<Ending> {
  const options = { timeout: walkMs, killSignal: 'SIGKILL', maxBuffer: walkReportBytesMax, env: {} } as const
  return new Promise((resolve) => {
    execFile(program, args, options, (failure, output) => resolve({ output, failure }))
  })
}
