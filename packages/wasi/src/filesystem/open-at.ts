import { createRoundsMax } from '../limits.js'
import { fail, WasiFailure } from '../wasi-failure.js'
import { asDirectory, type Descriptor, DirectoryDescriptor, FileDescriptor } from './descriptor.js'
import type { DirectoryHandle } from './directory-handle.js'
import type { FileAction, FileAsk, Place } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { parseRelativePath } from './guest-path.js'
import { type FileFlags, OpenFile } from './open-file.js'
import { withRoomForName } from './scratch-space.js'
import { acting, answerStopped } from './stop.js'
import { type FoundObject, walkToObject } from './walk.js'

export type PathFlags = { readonly symlinkFollow?: boolean }
export type OpenFlags = {
  readonly create?: boolean
  readonly directory?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
}
export type DescriptorFlags = {
  readonly read?: boolean
  readonly write?: boolean
  readonly fileIntegritySync?: boolean
  readonly dataIntegritySync?: boolean
  readonly requestedWriteSync?: boolean
  readonly mutateDirectory?: boolean
}

/** What an open asks, worked out once from its flags. */
type Wish = {
  readonly open: OpenFlags
  readonly flags: DescriptorFlags
  /** Neither reading nor writing still lets the guest stat it: that is reading. */
  readonly reads: boolean
  readonly writes: boolean
  /** For the record where only one action can be named. */
  readonly first: FileAsk
}

/** `[method]descriptor.open-at`. */
export function openAt(
  system: FileSystem,
  base: Descriptor,
  pathFlags: PathFlags,
  path: string,
  open: OpenFlags,
  flags: DescriptorFlags,
): object {
  const relative = parseRelativePath(path)
  const wish = wishOf(open, flags)
  if (open.create === true && (open.directory === true || relative.directoryOnly)) fail('invalid')
  const follow = pathFlags.symlinkFollow === true && !(open.create === true && open.exclusive === true)
  const question = (place: Place): boolean => mayLearn(system, place, wish)
  for (let round = 0; round < createRoundsMax; round++) {
    const found = walkToObject(system, asDirectory(base).base(), relative, follow, question)
    switch (found.kind) {
      case 'directory':
        return openDirectory(system, found.directory, wish)
      case 'object':
        return openObject(system, found, wish)
      case 'missing': {
        const made = createFile(system, found.parent, found.name, found.place, wish)
        if (made !== undefined) return made
        break
      }
      default:
        return answerStopped(system.files, found, wish.first)
    }
  }
  return fail('busy')
}

function wishOf(open: OpenFlags, flags: DescriptorFlags): Wish {
  const writes = flags.write === true || open.truncate === true
  const reads = flags.read === true || !writes
  const looksOnly = !writes && open.create !== true
  return { open, flags, reads, writes, first: looksOnly ? 'look' : reads ? 'read' : 'write' }
}

/** Whether the whole wish would be granted on the name, so that the guest may learn what is there. */
function mayLearn(system: FileSystem, place: Place, wish: Wish): boolean {
  const { files } = system
  if (wish.reads && !files.permits(place, 'read')) return false
  return !wish.writes || files.permits(place, 'write') || (wish.open.create === true && mayFillNew(system, place))
}

/**
 * A grant to create covers the content that a new file is made with, through the handle that made it, and nothing that
 * was there before. Where a rule or a mount says that nothing may be written it does not.
 */
function mayFillNew({ files }: FileSystem, place: Place): boolean {
  const write = files.decide(place, 'write')
  if (write.verdict === 'granted') return true
  const byRule =
    write.layer === 'forbidden' || write.layer === 'deny' || write.layer === 'mount' || write.layer === 'error'
  return !byRule && files.permits(place, 'create')
}

function openDirectory(system: FileSystem, directory: DirectoryHandle, wish: Wish): object {
  const { files } = system
  try {
    const sight = files.requireSight(directory.place)
    if (wish.writes || wish.open.create === true) {
      files.require(directory.place, wish.writes ? 'write' : 'create')
      fail(wish.open.exclusive === true ? 'exist' : 'is-directory')
    }
    const flags = { read: wish.flags.read === true, mutateDirectory: wish.flags.mutateDirectory === true }
    const descriptor = new DirectoryDescriptor(system, directory, flags, sight)
    return system.descriptors.mint(descriptor)
  } finally {
    directory.release()
  }
}

function openObject(system: FileSystem, found: FoundObject, wish: Wish): object {
  const { files, kernel, ledger } = system
  const { place, stat } = found
  try {
    if (wish.open.create === true && wish.open.exclusive === true) {
      files.require(place, 'create')
      fail('exist')
    }
    const asked = requireWish(system, place, wish)
    if (wish.open.directory === true) fail('not-directory')
    if (stat.isSymbolicLink()) fail('loop')
    if (!stat.isFile()) fail('not-permitted')
    if (wish.writes && stat.nlink > 1n) requireHardLinks(system, place)
    return acting(files, place, wish.first, () => {
      if (wish.open.truncate === true) truncate(system, found)
      ledger.take()
      return mintFile(system, place, () => kernel.reopen(found.handle, accessFlags(system, wish)), wish, asked)
    })
  } finally {
    closeObject(system, found)
  }
}

/** Gives back the handle of an object and the directory in which it was found. */
export function closeObject(system: FileSystem, found: FoundObject): void {
  system.ledger.give()
  system.kernel.close(found.handle)
  found.parent.release()
}

/** Another name of the same file may lie outside every grant, so writing through this one needs the operator's word. */
export function requireHardLinks({ files }: FileSystem, place: Place): void {
  if (place.mount?.hardlinks === true) return
  files.recordRefusal(
    place,
    'write',
    'mount',
    'the file has more than one hard link, and the mount has no `hardlinks = true`',
  )
  fail('access')
}

function requireWish({ files }: FileSystem, place: Place, wish: Wish): FileAction[] {
  const asked: FileAction[] = []
  if (wish.reads) asked.push('read')
  if (wish.writes) asked.push('write')
  for (const action of asked) files.require(place, action === 'read' ? wish.first : action)
  return asked
}

/** Truncation is never part of an open: it happens to the checked object, through a handle of its own. */
function truncate({ kernel }: FileSystem, { handle, place }: FoundObject): void {
  const writing = kernel.reopen(handle, kernel.constants.O_WRONLY)
  try {
    const size = Number(kernel.stat(writing).size)
    kernel.setSize(writing, 0)
    place.mount?.space?.resized(size, 0)
  } finally {
    kernel.close(writing)
  }
}

/** Makes the missing file; `undefined` when something took the name meanwhile and the walk has to be done again. */
function createFile(
  system: FileSystem,
  parent: DirectoryHandle,
  name: string,
  place: Place,
  wish: Wish,
): object | undefined {
  const { files, kernel, ledger } = system
  try {
    if (wish.open.create !== true) {
      requireWish(system, place, wish)
      fail('no-entry')
    }
    const asked = requireCreation(system, place, wish)
    const directory = parent.place.handle
    if (directory === undefined || !parent.isStillNamed()) return fail('no-entry')
    return acting(files, place, 'create', () => {
      ledger.take()
      const open = (): number => {
        const handle = kernel.create(directory, name, accessFlags(system, wish))
        if (!parent.isStillNamed()) undoCreation(system, handle, directory, name)
        return handle
      }
      return withRoomForName(files, place, () => mintFile(system, place, open, wish, asked))
    })
  } catch (thrown) {
    if (wish.open.exclusive !== true && thrown instanceof WasiFailure && thrown.payload === 'exist') return undefined
    throw thrown
  } finally {
    parent.release()
  }
}

function requireCreation(system: FileSystem, place: Place, wish: Wish): FileAction[] {
  const { files } = system
  const asked: FileAction[] = ['create']
  if (wish.reads) asked.push('read')
  if (wish.writes && (files.permits(place, 'write') || !mayFillNew(system, place))) asked.push('write')
  for (const action of asked) files.require(place, action)
  return asked
}

/** The directory was moved while we created in it: the new file is nobody's, and goes. */
function undoCreation({ kernel }: FileSystem, handle: number, directory: number, name: string): never {
  const made = kernel.stat(handle)
  kernel.close(handle)
  const now = kernel.statAt(directory, name)
  if (now !== undefined && now.ino === made.ino && now.dev === made.dev) kernel.unlink(directory, name)
  return fail('no-entry')
}

/** Room in the ledger has been taken for what `open` opens. */
function mintFile(
  system: FileSystem,
  place: Place,
  open: () => number,
  wish: Wish,
  asked: readonly FileAction[],
): object {
  let handle: number
  try {
    handle = open()
  } catch (thrown) {
    system.ledger.give()
    throw thrown
  }
  const file = new OpenFile(system, place, handle, fileFlags(wish.flags), asked)
  return system.descriptors.mint(new FileDescriptor(file))
}

function fileFlags(flags: DescriptorFlags): FileFlags {
  return {
    read: flags.read === true,
    write: flags.write === true,
    fileIntegritySync: flags.fileIntegritySync === true,
    dataIntegritySync: flags.dataIntegritySync === true,
    requestedWriteSync: flags.requestedWriteSync === true,
  }
}

function accessFlags({ kernel }: FileSystem, { flags }: Wish): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_SYNC, O_DSYNC } = kernel.constants
  const mode = flags.write === true ? (flags.read === true ? O_RDWR : O_WRONLY) : O_RDONLY
  const sync = flags.fileIntegritySync === true ? O_SYNC : flags.dataIntegritySync === true ? O_DSYNC : 0
  return mode | sync
}
