// Perimeter: signatures on the disk, beside what they sign.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onOneLine } from '@bulkhead/document'
import { invalidSignature } from './invalid-signature.js'
import { tokenCharactersMax } from './limits.js'

/**
 * The signature of a component: `<file>.sig`, else `component.sig` where the folder holds one wasm only.
 *
 * @returns the token, or `undefined` where there is no such file
 * @throws {BulkheadError} `signature-invalid` for a file that is there and cannot be a signature: it counts as a broken one.
 */
export function readComponentSignature(file: string): string | undefined {
  const own = readToken(`${file}.sig`)
  if (own !== undefined) return own
  const folder = dirname(file)
  const modules = readdirSync(folder).filter((name) => name.endsWith('.wasm'))
  return modules.length === 1 ? readToken(join(folder, 'component.sig')) : undefined
}

/** The detached signature of a policy document, `<file>.sig`. See {@link readComponentSignature}. */
export function readPolicySignature(file: string): string | undefined {
  return readToken(`${file}.sig`)
}

function readToken(path: string): string | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw invalidSignature('form', `the signature \`${onOneLine(path)}\` cannot be read: ${onOneLine(message)}`)
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size > tokenCharactersMax) {
      throw invalidSignature('form', `\`${onOneLine(path)}\` is no file of at most ${tokenCharactersMax} bytes`)
    }
    return readFileSync(descriptor, 'utf8').trim()
  } finally {
    closeSync(descriptor)
  }
}
