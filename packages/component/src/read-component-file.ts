// Perimeter: the one read of a component's bytes. What is hashed here is what is built, cached and run.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BulkheadError } from '@bulkhead/vocabulary'
import { componentBytesMax } from './limits.js'
import { tooLarge } from './recognise.js'

/**
 * Reads a file whole. It is opened without waiting and looked at before it is read: a pipe with nobody at the other end
 * would hold the process for ever.
 *
 * @throws {BulkheadError} `component-not-found`, `component-invalid` for what is no regular file, `component-too-large`.
 */
export async function readComponentFile(file: string): Promise<Uint8Array> {
  const handle = await openFile(file)
  try {
    const { size, ...kind } = await statOf(handle)
    if (!kind.regular) throw new BulkheadError('component-invalid', `\`${file}\` is not a regular file`)
    if (size > componentBytesMax) throw tooLarge(size)
    const bytes = await handle.readFile()
    if (bytes.length > componentBytesMax) throw tooLarge(bytes.length)
    return bytes
  } finally {
    await handle.close()
  }
}

async function statOf(handle: FileHandle): Promise<{ readonly size: number; readonly regular: boolean }> {
  const stat = await handle.stat()
  return { size: stat.size, regular: stat.isFile() }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no file' : `cannot read (${code ?? 'unknown error'})`
    throw new BulkheadError('component-not-found', `${why} \`${file}\``, { details: { file }, cause })
  }
}
