import { fail } from '../wasi-failure.js'
import type { Descriptor } from './descriptor.js'
import type { FileSystem } from './file-system.js'
import { checkText } from './guest-path.js'
import { type GrantedName, keepOnlyIfNamed, withName } from './names.js'
import { withRoomForName } from './scratch-space.js'
import { acting } from './stop.js'

/** `[method]descriptor.create-directory-at`. */
export function createDirectoryAt(system: FileSystem, base: Descriptor, path: string): void {
  withName(system, base, path, 'create', 'exist', (name) =>
    acting(system.files, name.place, 'create', () => {
      withRoomForName(system.files, name.place, () => {
        system.kernel.makeDirectory(name.directory, name.name)
        keepOnlyIfNamed(name, () => system.kernel.removeDirectory(name.directory, name.name))
      })
    }),
  )
}

/** `[method]descriptor.remove-directory-at`. */
export function removeDirectoryAt(system: FileSystem, base: Descriptor, path: string): void {
  withName(system, base, path, 'delete', 'invalid', (name) => {
    refuseOwnDirectory(system, name)
    acting(system.files, name.place, 'delete', () => system.kernel.removeDirectory(name.directory, name.name))
    name.place.mount?.space?.giveName()
  })
}

/** `[method]descriptor.unlink-file-at`. */
export function unlinkFileAt(system: FileSystem, base: Descriptor, path: string): void {
  withName(system, base, path, 'delete', 'is-directory', (name) => {
    // The kernel's own answer for a directory differs between file systems.
    const stat = system.kernel.statAt(name.directory, name.name)
    if (stat?.isDirectory() === true) fail('is-directory')
    if (name.directoryOnly) fail(stat === undefined ? 'no-entry' : 'not-directory')
    acting(system.files, name.place, 'delete', () => system.kernel.unlink(name.directory, name.name))
    if (stat !== undefined) name.place.mount?.space?.unlinked(stat)
  })
}

/**
 * `[method]descriptor.symlink-at`. The target is a text that every later walk resolves by its own rights; an absolute one
 * would mean something else to the host's programs than to the guest, and is refused.
 */
export function symlinkAt(system: FileSystem, target: string, base: Descriptor, path: string): void {
  checkText(target)
  withName(system, base, path, 'create', 'exist', (name) => {
    if (target.startsWith('/')) fail('not-permitted')
    if (name.directoryOnly) fail('no-entry')
    acting(system.files, name.place, 'create', () => {
      withRoomForName(system.files, name.place, () => {
        system.kernel.makeLink(target, name.directory, name.name)
        keepOnlyIfNamed(name, () => system.kernel.unlink(name.directory, name.name))
      })
    })
  })
}

/**
 * `[method]descriptor.readlink-at`. An absolute target is the host's path, which no guest may learn: it is refused, though
 * a walk through the link resolves it from the guest's own root.
 */
export function readlinkAt(system: FileSystem, base: Descriptor, path: string): string {
  return withName(system, base, path, 'look', 'invalid', (name) => {
    if (name.directoryOnly) fail('invalid')
    const target = acting(system.files, name.place, 'read', () => system.kernel.readLink(name.directory, name.name))
    return target.startsWith('/') ? fail('not-permitted') : target
  })
}

/** The runtime's own directories are forbidden by whatever name. */
export function refuseOwnDirectory(system: FileSystem, name: GrantedName): void {
  const stat = system.kernel.statAt(name.directory, name.name)
  if (stat === undefined) return
  if (system.ownDirectories.some(({ device, inode }) => inode === stat.ino && device === stat.dev)) {
    system.files.recordRefusal(name.place, 'delete', 'forbidden', 'this directory belongs to the runtime itself')
    fail('access')
  }
}
