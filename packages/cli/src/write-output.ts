// Perimeter: files that a command writes because it was asked to. Nothing is overwritten by accident.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import type { Terminal } from './terminal.js'

/** @throws {BulkheadError} `usage` when the file exists and `force` was not given, or cannot be written. */
export async function writeOutput(
  path: string,
  text: string,
  flags: { readonly force?: boolean },
  terminal: Terminal,
): Promise<void> {
  try {
    await writeFile(resolve(terminal.directory, path), text, { flag: flags.force === true ? 'w' : 'wx' })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') {
      throw new BulkheadError('usage', `\`${path}\` exists already`, { hint: 'choose another name, or add --force' })
    }
    throw new BulkheadError('usage', `\`${path}\` cannot be written: ${message}`, { cause })
  }
}
