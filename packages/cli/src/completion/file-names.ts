// Perimeter: lists directories, for the completion of file names.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { filesSuggestedMax } from '../limits.js'

/**
 * What may stand where a file is typed, directories with a `/` behind them. What cannot be listed has nothing to suggest.
 *
 * @param typed what stands there so far
 * @param directory what it is relative to
 */
export function fileNames(typed: string, directory: string): readonly string[] {
  const before = typed.slice(0, typed.lastIndexOf('/') + 1)
  const begun = typed.slice(before.length)
  try {
    return readdirSync(resolve(directory, before || '.'), { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
      .slice(0, filesSuggestedMax)
      .map((entry) => `${before}${entry.name}${entry.isDirectory() ? '/' : ''}`)
  } catch {
    return []
  }
}
