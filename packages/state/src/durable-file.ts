// Perimeter: writes to the disk so that a crash at any instant leaves the old content or the new, whole.
import { randomBytes } from 'node:crypto'
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

/** A name that no other process or call uses. */
export function temporaryName(): string {
  return `.tmp-${process.pid}-${randomBytes(8).toString('hex')}`
}

/** Writes a new file of mode 0600 and waits until its bytes are on the disk. Removes it again when that fails. */
export function writeNewFile(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Removes a file, where there is one. */
export function removeFile(path: string): void {
  rmSync(path, { force: true })
}

/** Waits until the names in a directory are on the disk. Without it a rename may be undone by a power cut. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Replaces a file at once: whoever reads sees all of the old or all of the new.
 *
 * @param temporaryDirectory where the new content grows; on the same file system as `path`.
 */
export function replaceWhole(path: string, bytes: Uint8Array, temporaryDirectory: string): void {
  const temporary = join(temporaryDirectory, temporaryName())
  writeNewFile(temporary, bytes)
  try {
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(dirname(path))
}
