import type { BigIntStats } from 'node:fs'
import type { Descriptor } from './descriptor.js'
import type { DirectoryHandle } from './directory-handle.js'
import type { Sight } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { type MetadataHash, metadataHash, virtualHash } from './metadata-hash.js'
import { withObject } from './objects.js'
import type { PathFlags } from './open-at.js'

export type Datetime = { readonly seconds: bigint; readonly nanoseconds: number }
export type DescriptorType =
  | 'unknown'
  | 'directory'
  | 'symbolic-link'
  | 'regular-file'
  | 'fifo'
  | 'socket'
  | 'block-device'
  | 'character-device'
export type DescriptorStat = {
  readonly type: DescriptorType
  readonly linkCount: bigint
  readonly size: bigint
  readonly dataAccessTimestamp: Datetime | undefined
  readonly dataModificationTimestamp: Datetime | undefined
  readonly statusChangeTimestamp: Datetime | undefined
}

/** `[method]descriptor.stat`: of what is open; asks nothing beyond what opened it. */
export function stat(system: FileSystem, descriptor: Descriptor): DescriptorStat {
  if (descriptor.kind === 'file') return describe(system.kernel.stat(descriptor.file.handle()))
  return describeDirectory(system, descriptor.directory(), descriptor.sight)
}

/** `[method]descriptor.stat-at`. */
export function statAt(system: FileSystem, base: Descriptor, flags: PathFlags, path: string): DescriptorStat {
  return lookAt(
    system,
    base,
    flags,
    path,
    (found) => describe(found),
    (directory, sight) => describeDirectory(system, directory, sight),
  )
}

/** `[method]descriptor.metadata-hash`. */
export function metadataHashOf(system: FileSystem, descriptor: Descriptor): MetadataHash {
  if (descriptor.kind === 'file') return metadataHash(system.hashKey, system.kernel.stat(descriptor.file.handle()))
  return hashDirectory(system, descriptor.directory())
}

/** `[method]descriptor.metadata-hash-at`. */
export function metadataHashAt(system: FileSystem, base: Descriptor, flags: PathFlags, path: string): MetadataHash {
  return lookAt(
    system,
    base,
    flags,
    path,
    (found) => metadataHash(system.hashKey, found),
    (directory) => hashDirectory(system, directory),
  )
}

/** `[method]descriptor.get-type`. */
export function typeOf(descriptor: Descriptor): DescriptorType {
  if (descriptor.kind === 'directory') return descriptor.directory() && 'directory'
  descriptor.file.handle()
  return 'regular-file'
}

/** A read-only look at an object by its path: `read` on it, or the sight of an ancestor of something granted. */
function lookAt<T>(
  system: FileSystem,
  base: Descriptor,
  flags: PathFlags,
  path: string,
  ofObject: (stat: BigIntStats) => T,
  ofDirectory: (directory: DirectoryHandle, sight: Sight) => T,
): T {
  return withObject(system, base, flags, path, 'look', {
    onDirectory: (directory) => ofDirectory(directory, system.files.requireSight(directory.place)),
    onObject: (found) => ofObject(found.stat),
  })
}

function describeDirectory(system: FileSystem, directory: DirectoryHandle, sight: Sight): DescriptorStat {
  const { handle } = directory.place
  return handle === undefined || sight === 'ancestor' ? bareDirectory : describe(system.kernel.stat(handle))
}

function hashDirectory(system: FileSystem, directory: DirectoryHandle): MetadataHash {
  const { handle, path } = directory.place
  return handle === undefined
    ? virtualHash(system.hashKey, path)
    : metadataHash(system.hashKey, system.kernel.stat(handle))
}

/** All that is told of a directory that is only a way to something granted. */
const bareDirectory: DescriptorStat = {
  type: 'directory',
  linkCount: 1n,
  size: 0n,
  dataAccessTimestamp: undefined,
  dataModificationTimestamp: undefined,
  statusChangeTimestamp: undefined,
}

function describe(stat: BigIntStats): DescriptorStat {
  return {
    type: kindOf(stat),
    linkCount: stat.nlink,
    size: stat.size,
    dataAccessTimestamp: datetime(stat.atimeNs),
    dataModificationTimestamp: datetime(stat.mtimeNs),
    statusChangeTimestamp: datetime(stat.ctimeNs),
  }
}

/** What the kernel says of an object, or a directory entry of itself. */
export function kindOf(
  entry: Pick<
    BigIntStats,
    'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'
  >,
): DescriptorType {
  if (entry.isFile()) return 'regular-file'
  if (entry.isDirectory()) return 'directory'
  if (entry.isSymbolicLink()) return 'symbolic-link'
  if (entry.isFIFO()) return 'fifo'
  if (entry.isSocket()) return 'socket'
  if (entry.isBlockDevice()) return 'block-device'
  return entry.isCharacterDevice() ? 'character-device' : 'unknown'
}

/** A time before 1970 has no WASI form. */
function datetime(nanoseconds: bigint): Datetime | undefined {
  if (nanoseconds < 0n) return undefined
  return { seconds: nanoseconds / 1_000_000_000n, nanoseconds: Number(nanoseconds % 1_000_000_000n) }
}
