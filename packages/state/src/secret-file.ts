// Perimeter: keys on the disk.
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, linkSync, openSync, readSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { syncDirectory, temporaryName, writeNewFile } from './durable-file.js'
import { checkKeyIsOurs } from './ownership.js'

/** Loads the key at `path`, or makes one of `bytes` random bytes. Of several makers at once one wins, and all get its key. */
export function loadOrCreateSecret(path: string, bytes: number, temporaryDirectory: string): Uint8Array {
  const existing = loadSecret(path, bytes)
  if (existing !== undefined) return existing
  const temporary = join(temporaryDirectory, temporaryName())
  writeNewFile(temporary, randomBytes(bytes))
  try {
    linkSync(temporary, path)
    syncDirectory(dirname(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  const made = loadSecret(path, bytes)
  if (made === undefined) throw corrupt(path, 'vanished while it was made')
  return made
}

/** The checks are made on the open descriptor, not on a name that could be exchanged between look and read. */
function loadSecret(path: string, bytes: number): Uint8Array | undefined {
  const descriptor = openExisting(path)
  if (descriptor === undefined) return undefined
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) throw corrupt(path, 'is not a regular file')
    checkKeyIsOurs(path, stats)
    if (stats.size !== bytes) throw corrupt(path, `holds ${stats.size} bytes where ${bytes} are expected`)
    const key = new Uint8Array(bytes)
    for (let offset = 0; offset < bytes; ) {
      const count = readSync(descriptor, key, offset, bytes - offset, offset)
      if (count === 0) throw corrupt(path, 'shrank while it was read')
      offset += count
    }
    return key
  } finally {
    closeSync(descriptor)
  }
}

function openExisting(path: string): number | undefined {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw corrupt(path, 'is a symbolic link')
    throw error
  }
}

function corrupt(path: string, what: string): BulkheadError {
  return new BulkheadError('store-corrupt', `the key \`${path}\` ${what}`, {
    details: { path },
    hint: 'remove it and a new one is made; what the old one sealed is then no longer believed',
  })
}
