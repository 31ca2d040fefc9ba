import type { IoError } from '../io/stream-classes.js'
import type { InterfaceImplementation } from '../link.js'
import { advise, read, setSize, sync, write } from './contents.js'
import type { Descriptor } from './descriptor.js'
import { type DirectoryListing, readDirectory } from './directory-listing.js'
import { createDirectoryAt, readlinkAt, removeDirectoryAt, symlinkAt, unlinkFileAt } from './entries.js'
import { appendViaStream, readViaStream, writeViaStream } from './file-streams.js'
import type { FileSystem } from './file-system.js'
import { linkAt, renameAt } from './move.js'
import { type DescriptorFlags, type OpenFlags, openAt, type PathFlags } from './open-at.js'
import { type NewTimestamp, setTimes, setTimesAt } from './set-times.js'
import { metadataHashAt, metadataHashOf, stat, statAt, typeOf } from './stat.js'

/** `wasi:filesystem/types`, function by function. */
export function filesystemTypes(system: FileSystem): InterfaceImplementation {
  return {
    name: 'wasi:filesystem/types',
    functions: {
      '[method]descriptor.read-via-stream': (d: Descriptor, offset: bigint) => readViaStream(system, d, offset),
      '[method]descriptor.write-via-stream': (d: Descriptor, offset: bigint) => writeViaStream(system, d, offset),
      '[method]descriptor.append-via-stream': (d: Descriptor) => appendViaStream(system, d),
      '[method]descriptor.advise': (d: Descriptor) => advise(d),
      '[method]descriptor.sync-data': (d: Descriptor) => sync(system, d, 'data'),
      '[method]descriptor.get-flags': flagsOf,
      '[method]descriptor.get-type': typeOf,
      '[method]descriptor.set-size': (d: Descriptor, size: bigint) => setSize(system, d, size),
      '[method]descriptor.set-times': (d: Descriptor, accessed: NewTimestamp, modified: NewTimestamp) =>
        setTimes(system, d, accessed, modified),
      '[method]descriptor.read': (d: Descriptor, length: bigint, offset: bigint) => read(system, d, length, offset),
      '[method]descriptor.write': (d: Descriptor, bytes: Uint8Array, offset: bigint) => write(d, bytes, offset),
      '[method]descriptor.read-directory': (d: Descriptor) => readDirectory(system, d),
      '[method]descriptor.sync': (d: Descriptor) => sync(system, d, 'everything'),
      '[method]descriptor.create-directory-at': (d: Descriptor, path: string) => createDirectoryAt(system, d, path),
      '[method]descriptor.stat': (d: Descriptor) => stat(system, d),
      '[method]descriptor.stat-at': (d: Descriptor, flags: PathFlags, path: string) => statAt(system, d, flags, path),
      '[method]descriptor.set-times-at': (
        d: Descriptor,
        flags: PathFlags,
        path: string,
        accessed: NewTimestamp,
        modified: NewTimestamp,
      ) => setTimesAt(system, d, flags, path, accessed, modified),
      '[method]descriptor.link-at': (d: Descriptor, flags: PathFlags, path: string, to: Descriptor, toPath: string) =>
        linkAt(system, d, flags, path, to, toPath),
      '[method]descriptor.open-at': (
        d: Descriptor,
        pathFlags: PathFlags,
        path: string,
        open: OpenFlags,
        flags: DescriptorFlags,
      ) => openAt(system, d, pathFlags, path, open, flags),
      '[method]descriptor.readlink-at': (d: Descriptor, path: string) => readlinkAt(system, d, path),
      '[method]descriptor.remove-directory-at': (d: Descriptor, path: string) => removeDirectoryAt(system, d, path),
      '[method]descriptor.rename-at': (d: Descriptor, path: string, to: Descriptor, toPath: string) =>
        renameAt(system, d, path, to, toPath),
      '[method]descriptor.symlink-at': (d: Descriptor, target: string, path: string) =>
        symlinkAt(system, target, d, path),
      '[method]descriptor.unlink-file-at': (d: Descriptor, path: string) => unlinkFileAt(system, d, path),
      '[method]descriptor.is-same-object': (d: Descriptor, other: Descriptor) => isSameObject(system, d, other),
      '[method]descriptor.metadata-hash': (d: Descriptor) => metadataHashOf(system, d),
      '[method]descriptor.metadata-hash-at': (d: Descriptor, flags: PathFlags, path: string) =>
        metadataHashAt(system, d, flags, path),
      '[method]directory-entry-stream.read-directory-entry': (listing: DirectoryListing) => listing.next(),
      'filesystem-error-code': (error: IoError) => error.fileCode,
    },
  }
}

function flagsOf(descriptor: Descriptor): Required<DescriptorFlags> {
  if (descriptor.kind === 'file') {
    descriptor.file.handle()
    return { ...descriptor.file.flags, mutateDirectory: false }
  }
  descriptor.directory()
  const unused = { write: false, fileIntegritySync: false, dataIntegritySync: false, requestedWriteSync: false }
  return { ...unused, ...descriptor.flags }
}

/** Revoked handles are the same as nothing: this function has no error to say more. */
function isSameObject({ kernel }: FileSystem, one: Descriptor, other: Descriptor): boolean {
  if (one === other) return true
  if (one.kind !== other.kind) return false
  if (one.kind === 'file' && other.kind === 'file') {
    if (one.file.isRevoked || other.file.isRevoked) return false
    return sameInode(kernel.stat(one.file.handle()), kernel.stat(other.file.handle()))
  }
  if (one.kind !== 'directory' || other.kind !== 'directory') return false
  if (one.isRevoked || other.isRevoked) return false
  const left = one.directory().place
  const right = other.directory().place
  if (left.handle === undefined || right.handle === undefined)
    return left.path === right.path && left.handle === right.handle
  return sameInode(kernel.stat(left.handle), kernel.stat(right.handle))
}

type Inode = { readonly dev: bigint; readonly ino: bigint }

function sameInode(one: Inode, other: Inode): boolean {
  return one.ino === other.ino && one.dev === other.dev
}
