// Perimeter: starts the process that walks a database, and puts its copy in the database's place.
import { execFile } from 'node:child_process'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { errorFromWire, type WireError } from '@bulkhead/vocabulary'
import { syncDirectory } from './durable-file.js'
import { walkMs, walkReportBytesMax } from './limits.js'
import { corruptStore } from './store-damage.js'

type Ending = { readonly output: string; readonly failure: Error | null }

/**
 * Lets a child process read a whole database before this process maps it, and puts a copy of what it read in its place.
 *
 * @param name the store's, for the error
 * @throws {BulkheadError} `store-corrupt` when something is damaged, or the reader died of what it read;
 *   `state-unwritable` when the disk does not take the copy. The database is then as it was.
 */
export async function replaceByCopy(directory: string, name: string): Promise<void> {
  const copy = join(directory, 'copy')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { mode: 0o700 })
  const entry = createRequire(import.meta.url).resolve('@bulkhead/state/walk')
  const { output, failure } = await run(process.execPath, [entry, name, directory, copy])
  if (failure !== null) throw corruptStore(name, directory, 'cannot be read: its reader died of it', { cause: failure })
  const { error } = JSON.parse(output) as { readonly error?: WireError }
  if (error !== undefined) throw errorFromWire(error)
  renameSync(join(copy, 'data.mdb'), join(directory, 'data.mdb'))
  syncDirectory(directory)
  rmSync(copy, { recursive: true, force: true })
}

function run(program: string, args: readonly string[]): Promise<Ending> {
  const options = { timeout: walkMs, killSignal: 'SIGKILL', maxBuffer: walkReportBytesMax, env: {} } as const
  return new Promise((resolve) => {
    execFile(program, args, options, (failure, output) => resolve({ output, failure }))
  })
}
