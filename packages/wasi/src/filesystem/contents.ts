import { fail } from '../wasi-failure.js'
import { asFile, type Descriptor } from './descriptor.js'
import type { FileSystem } from './file-system.js'
import { requireHardLinks } from './open-at.js'
import type { OpenFile } from './open-file.js'
import { refuseSpace } from './scratch-space.js'

/** Beyond this a double is no longer exact, and no file system goes there. */
const maxOffset = BigInt(Number.MAX_SAFE_INTEGER)
const empty = new Uint8Array(0)

/** Above this many bytes a read first asks how many there are, so that a large buffer for a small file costs nothing. */
const askSizeAbove = 64 * 1024

/** `[method]descriptor.read`: the bytes, and whether the file ends there. */
export function read(
  system: FileSystem,
  descriptor: Descriptor,
  length: bigint,
  offset: bigint,
): [Uint8Array, boolean] {
  const bytes = readPiece(system, asFile(descriptor), length, offset)
  return [bytes, bytes.byteLength === 0 && length > 0n]
}

/**
 * At most `length` bytes, and at most what one call may return. Empty at the end of the file. The bytes are good until the
 * next read: the glue copies them into the guest's memory at once.
 */
export function readPiece(system: FileSystem, file: OpenFile, length: bigint, offset: bigint): Uint8Array {
  const handle = file.readable()
  const max = system.limits.readBytesPerCallMax
  let wanted = length > BigInt(max) ? max : Number(length)
  if (wanted === 0 || offset > maxOffset) return empty
  const position = Number(offset)
  if (wanted > askSizeAbove) {
    const left = system.kernel.stat(handle).size - offset
    if (left < BigInt(wanted)) wanted = Math.max(Number(left), askSizeAbove)
  }
  const bytes = system.scratch.take(wanted)
  return bytes.subarray(0, file.read(bytes, position))
}

/** `[method]descriptor.write`: how many bytes were written. */
export function write(descriptor: Descriptor, bytes: Uint8Array, offset: bigint): bigint {
  const file = asFile(descriptor)
  const handle = file.writable()
  return BigInt(file.write(handle, bytes, checkedOffset(offset)))
}

/** `[method]descriptor.set-size`. */
export function setSize(system: FileSystem, descriptor: Descriptor, size: bigint): void {
  const file = asFile(descriptor)
  system.files.require(file.place, 'write')
  const handle = file.writable()
  if (size > maxOffset) fail('file-too-large')
  if (Number(size) > file.sizeLimit) file.refuseSize()
  const { nlink, size: before } = system.kernel.stat(handle)
  if (nlink > 1n) requireHardLinks(system, file.place)
  const space = file.place.mount?.space
  if (space !== undefined && Number(size) > space.largest(Number(before))) {
    refuseSpace(system.files, file.place, 'write', space)
  }
  system.kernel.setSize(handle, Number(size))
  space?.resized(Number(before), Number(size))
}

/** `[method]descriptor.advise`: nothing that a guest advises changes what we do. */
export function advise(descriptor: Descriptor): void {
  if (descriptor.kind === 'directory') descriptor.directory()
  else descriptor.file.handle()
}

/** `[method]descriptor.sync` and `sync-data`. */
export function sync({ kernel }: FileSystem, descriptor: Descriptor, what: 'everything' | 'data'): void {
  const flush = (handle: number): void => (what === 'data' ? kernel.syncData(handle) : kernel.sync(handle))
  if (descriptor.kind === 'file') {
    flush(descriptor.file.handle())
    return
  }
  const { handle } = descriptor.directory().place
  if (handle === undefined) return
  // The walk's handle opens nothing, so it cannot be flushed either.
  const reading = kernel.reopen(handle, kernel.constants.O_RDONLY)
  try {
    flush(reading)
  } finally {
    kernel.close(reading)
  }
}

export function checkedOffset(offset: bigint): number {
  return offset > maxOffset ? fail('file-too-large') : Number(offset)
}
