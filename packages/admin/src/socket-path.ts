// Perimeter: where the socket lies. It stands in the state directory unless its path would be too long for the kernel.
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { checkDirectoryIsOurs, type StateDirectory } from '@bulkhead/state'
import { BulkheadError } from '@bulkhead/vocabulary'
import { pathFileBytesMax, socketPathBytesMax } from './limits.js'

const socketName = 'admin.sock'
const pathFile = 'admin.path'
const elsewherePrefix = 'bulkhead-'

/** Whether the socket is a named pipe: then no mode of a file guards it, only the token. */
export const isPipe = process.platform === 'win32'

/**
 * Makes room for the socket of a new process: what a dead one left is removed (the caller holds the lock of the state
 * directory, so whoever made it is gone), and where the path in the state directory is too long, another directory of our
 * own is made and named in `admin.path`.
 *
 * @throws {BulkheadError} `store-corrupt` when something else than a socket has its name; `state-insecure` when the
 *   directory elsewhere is not ours alone; `platform-unsupported` when no path is short enough.
 */
export async function prepareSocketPath(
  state: StateDirectory,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (isPipe) return pipeName(state.root)
  removeLeftOver(state.root)
  const path = state.path(socketName)
  if (fits(path)) return path
  const directory = directoryElsewhere(state.root, environment)
  const elsewhere = join(directory, socketName)
  removeSocket(elsewhere)
  await state.replaceFile(pathFile, new TextEncoder().encode(`${elsewhere}\n`))
  return elsewhere
}

/** Closes the socket to others. Its directory is closed to them already, so nobody could come in before. */
export function closeSocketToOthers(path: string): void {
  if (!isPipe) chmodSync(path, 0o600)
}

/** Removes what {@link prepareSocketPath} made. */
export function removeSocketOf(state: StateDirectory): void {
  if (!isPipe) removeLeftOver(state.root)
}

/**
 * Where the socket of the process that uses this state directory is, or would be.
 *
 * @param root real path of a state directory
 */
export function socketPathOf(root: string): string {
  if (isPipe) return pipeName(root)
  return readPathFile(root) ?? join(root, socketName)
}

/**
 * A socket is spoken to only when nobody else can have put it there.
 *
 * @returns `missing` when there is none.
 * @throws {BulkheadError} `state-insecure`
 */
export function checkSocketIsOurs(path: string): 'ours' | 'missing' {
  if (isPipe) return 'ours'
  const directory = look(dirname(path))
  const stats = look(path)
  if (directory === undefined || stats === undefined) return 'missing'
  checkDirectoryIsOurs(dirname(path), directory)
  const own = process.getuid?.()
  if (stats.isSocket() && (own === undefined || stats.uid === own) && (stats.mode & 0o077) === 0) return 'ours'
  throw new BulkheadError('state-insecure', `\`${path}\` is not a socket of our own that is closed to others`, {
    details: { path },
    hint: 'stop the process that uses this state directory, remove the file, and start it again',
  })
}

function removeLeftOver(root: string): void {
  const elsewhere = readPathFile(root)
  if (elsewhere !== undefined) removeElsewhere(elsewhere)
  rmSync(join(root, pathFile), { force: true })
  removeSocket(join(root, socketName))
}

/** Only what this file can have made is removed: `…/bulkhead-…/admin.sock` in a directory of our own. */
function removeElsewhere(path: string): void {
  const directory = dirname(path)
  if (basename(path) !== socketName || !basename(directory).startsWith(elsewherePrefix)) return
  const stats = look(directory)
  if (stats === undefined || !stats.isDirectory()) return
  checkDirectoryIsOurs(directory, stats)
  removeSocket(path)
  try {
    rmdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}

function removeSocket(path: string): void {
  const stats = look(path)
  if (stats === undefined) return
  if (!stats.isSocket()) {
    throw new BulkheadError('store-corrupt', `\`${path}\` is not a socket`, {
      details: { path },
      hint: 'remove it: the admin socket goes there',
    })
  }
  rmSync(path, { force: true })
}

function directoryElsewhere(root: string, environment: Readonly<Record<string, string | undefined>>): string {
  const runtime = environment['XDG_RUNTIME_DIR']
  if (runtime !== undefined && isAbsolute(runtime)) {
    const directory = join(runtime, `${elsewherePrefix}${fingerprint(root)}`)
    if (fits(join(directory, socketName))) return ownDirectory(directory)
  }
  // Anybody may make names in a temporary directory: ours is one that nobody can have made before.
  const directory = mkdtempSync(join(tmpdir(), elsewherePrefix))
  if (fits(join(directory, socketName))) return directory
  rmdirSync(directory)
  throw new BulkheadError('platform-unsupported', 'no path is short enough for the admin socket', {
    details: { pathBytesMax: socketPathBytesMax },
    hint: 'use a state directory with a shorter path, or set XDG_RUNTIME_DIR to one',
  })
}

function ownDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const stats = lstatSync(path)
  checkDirectoryIsOurs(path, stats)
  if (!stats.isDirectory()) throw new BulkheadError('state-insecure', `\`${path}\` is not a directory`)
  chmodSync(path, 0o700)
  return path
}

function readPathFile(root: string): string | undefined {
  const path = join(root, pathFile)
  const stats = look(path)
  if (stats === undefined || !stats.isFile() || stats.size > pathFileBytesMax) return undefined
  const text = readFileSync(path, 'utf8').trimEnd()
  return isAbsolute(text) ? text : undefined
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= socketPathBytesMax
}

function pipeName(root: string): string {
  return `\\\\.\\pipe\\${elsewherePrefix}${fingerprint(root)}`
}

function fingerprint(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 16)
}
