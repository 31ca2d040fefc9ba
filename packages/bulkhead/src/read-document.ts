// Perimeter: the one way in which tree files and manifests are read from the disk.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { documentFileBytesMax } from './limits.js'

/**
 * The bytes of a document, at most one more than a document may have, so that the parser can say that it is too large. A
 * pipe with nobody at its other end would hold the process for ever, signals included; a device never ends.
 *
 * @throws what the file system throws; a plain `Error` for what is no regular file.
 */
export function readDocument(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`\`${path}\` is not a regular file`)
    const bytes = new Uint8Array(documentFileBytesMax + 1)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length)
      if (count === 0) break
      length += count
    }
    return bytes.slice(0, length)
  } finally {
    closeSync(descriptor)
  }
}
