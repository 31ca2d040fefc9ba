// Perimeter: the key that artifacts are authenticated with.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { cacheKeyBytes } from './limits.js'

const FILE = 'cache.key'

/**
 * The key of an artifact cache, from `cache.key` in the directory; made when it is not there. Whoever can write this
 * file can have code run: it must belong to us and to nobody else.
 *
 * @throws {BulkheadError} `store-corrupt` when the file has another length, another owner, or other users may touch it.
 */
export function loadOrCreateCacheKey(directory: string): Uint8Array {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  refuseOpenDirectory(directory)
  const file = join(directory, FILE)
  return readKey(file) ?? createKey(file)
}

/** Whoever may write in the directory may replace the key and every artifact. */
function refuseOpenDirectory(directory: string): void {
  const { mode } = statSync(directory)
  if (process.platform === 'win32' || (mode & 0o022) === 0) return
  throw new BulkheadError('store-corrupt', `other users may write in the cache directory \`${directory}\``, {
    details: { directory },
    hint: `close it: chmod go-w '${directory}', and remove what is in it`,
  })
}

/** The key appears whole or not at all, and the first of two processes wins: a link fails where a name exists. */
function createKey(file: string): Uint8Array {
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, randomBytes(cacheKeyBytes), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  } finally {
    unlinkSync(draft)
  }
  const key = readKey(file)
  if (key === undefined) throw refused(file, 'vanished while it was made')
  return key
}

function readKey(file: string): Uint8Array | undefined {
  let descriptor: number
  try {
    // Not through a link, and without waiting where somebody put a pipe under this name.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw refused(file, 'is a symbolic link')
    throw thrown
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw refused(file, 'is not a regular file')
    if (process.platform !== 'win32') {
      if ((stat.mode & 0o077) !== 0) throw refused(file, 'can be read or written by other users')
      if (stat.uid !== process.getuid?.()) throw refused(file, 'belongs to another user')
    }
    const key = readFileSync(descriptor)
    if (key.length !== cacheKeyBytes) throw refused(file, `has ${key.length} bytes, not ${cacheKeyBytes}`)
    return key
  } finally {
    closeSync(descriptor)
  }
}

function refused(file: string, what: string): BulkheadError {
  return new BulkheadError('store-corrupt', `the cache key \`${file}\` ${what}`, {
    details: { file },
    hint: `remove it: rm '${file}'; components are then built again`,
  })
}
