// Perimeter: the state directory as a store needs it, for a thread of the process that holds the directory.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { replaceWhole } from './durable-file.js'
import { checkSegments } from './segments.js'
import type { StateDirectory } from './state-directory.js'

/** What a store needs of the state directory. */
export type StorePlace = Pick<StateDirectory, 'previousStop' | 'path' | 'directory' | 'replaceFile'>

/**
 * The place of a store in another thread of the process whose `StateDirectory` is open and stays open meanwhile: the lock is
 * the process's, so that the thread takes none.
 *
 * @param holder `root` and `previousStop` of the directory that is open.
 */
export function storePlaceAt(holder: Pick<StateDirectory, 'root' | 'previousStop'>): StorePlace {
  const path = (...segments: readonly string[]): string => {
    checkSegments(segments)
    return join(holder.root, ...segments)
  }
  return {
    previousStop: holder.previousStop,
    path,
    directory: (...segments) => {
      const made = path(...segments)
      mkdirSync(made, { recursive: true, mode: 0o700 })
      return made
    },
    replaceFile: async (name, bytes) => replaceWhole(path(...name.split('/')), bytes, join(holder.root, 'tmp')),
  }
}
