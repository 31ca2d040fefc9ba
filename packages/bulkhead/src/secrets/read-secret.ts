// Perimeter: secrets are read from files here, and nowhere else.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/vocabulary'
import { secretBytesMax } from '../limits.js'

const othersBits = 0o007

/**
 * The secret that a file holds: its text, without one line end behind it, which editors and `echo` leave there.
 *
 * @throws {BulkheadError} `secret-unreadable` when it is not there, is no regular file, is empty or too large, is not UTF-8,
 *   or everybody on this machine could read it. No message holds anything of what the file does.
 */
export function readSecret(name: string, file: string): string {
  const bytes = bytesOf(name, file)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '')
    if (text !== '') return text
  } catch {
    throw unreadable(name, file, 'it is not UTF-8', 'a secret is text')
  }
  throw unreadable(name, file, 'it is empty', 'write the secret into it')
}

function bytesOf(name: string, file: string): Uint8Array {
  let descriptor: number | undefined
  try {
    // A pipe in its place must not make the host wait for somebody to write.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = fstatSync(descriptor)
    if (!found.isFile()) throw unreadable(name, file, 'it is no regular file', 'name a file')
    if ((found.mode & othersBits) !== 0) {
      throw unreadable(name, file, 'everybody on this machine may use the file', `chmod o= ${file}`)
    }
    const bytes = Buffer.alloc(secretBytesMax + 1)
    const length = readSync(descriptor, bytes)
    if (length <= secretBytesMax) return bytes.subarray(0, length)
    throw unreadable(name, file, 'it is too large', `at most ${secretBytesMax} bytes`)
  } catch (thrown) {
    if (thrown instanceof BulkheadError) throw thrown
    throw unreadable(name, file, codeOf(thrown), 'paths are relative to the tree file')
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'it cannot be read'
  return code === 'ENOENT' ? 'there is no such file' : code
}

function unreadable(name: string, file: string, why: string, hint: string): BulkheadError {
  return new BulkheadError('secret-unreadable', `the secret \`${name}\` cannot be read from \`${file}\`: ${why}`, {
    details: { secret: name, file },
    hint,
  })
}
