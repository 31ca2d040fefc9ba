// Perimeter: the one way in which commands read the documents that they are named.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { documentBytesMax } from './limits.js'
import type { Terminal } from './terminal.js'

/**
 * The bytes of a document; one byte more than it may have at most, so that its reader can say that it is too large.
 * A pipe with nobody at its other end would hold the command for ever, and a device never ends: both are refused.
 *
 * @throws {BulkheadError} `usage` when it cannot be read.
 */
export async function readInput(
  path: string,
  terminal: Terminal,
  bytesMax: number = documentBytesMax,
): Promise<Uint8Array> {
  try {
    return await readUpTo(resolve(terminal.directory, path), bytesMax + 1)
  } catch (cause) {
    throw new BulkheadError('usage', `\`${path}\` cannot be read: ${(cause as Error).message}`, { cause })
  }
}

async function readUpTo(path: string, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) throw new Error('it is not a regular file')
    const bytes = new Uint8Array(bytesMax)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.slice(0, length)
  } finally {
    await handle.close()
  }
}

/** Text of a document that must be UTF-8 because its bytes are signed or kept. */
export function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new BulkheadError('document-invalid', `\`${path}\` is not UTF-8`, { hint: 'save it as UTF-8' })
  }
}
