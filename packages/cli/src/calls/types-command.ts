import { writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { declarations, resolveComponent } from '@bulkhead/component'
import { BulkheadError } from '@bulkhead/vocabulary'
import { exitCodes } from '../exit-codes.js'
import type { Terminal } from '../terminal.js'

export type TypesFlags = { readonly out?: string; readonly name?: string }

/** `bulkhead types FILE [-o OUT]`: TypeScript types of the functions that a component exports. */
export async function typesCommand(reference: string, flags: TypesFlags, terminal: Terminal): Promise<number> {
  const file = resolveComponent(reference, { from: terminal.directory })
  const text = await declarations(file, flags.name ?? basename(file, '.wasm'))
  if (flags.out === undefined) terminal.stdout.write(text)
  else write(resolve(terminal.directory, flags.out), text)
  return exitCodes.done
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown)
    throw new BulkheadError('usage', `\`${path}\` cannot be written: ${why}`, {
      hint: 'name a file in a directory of yours',
    })
  }
}
