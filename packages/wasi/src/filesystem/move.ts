// Renames and hard links: nothing may become more allowed by moving (SPEC 2.2).
import type { BigIntStats } from 'node:fs'
import { allowedActions, sameBelow } from '@bulkhead/capability'
import { fail } from '../wasi-failure.js'
import type { Descriptor } from './descriptor.js'
import { refuseOwnDirectory } from './entries.js'
import type { FileAuthority, Place } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { type GrantedName, withName } from './names.js'
import { neighboursAllowMove } from './neighbours.js'
import type { PathFlags } from './open-at.js'
import { withRoomForName } from './scratch-space.js'
import { sizeUnder } from './size-limit.js'
import { acting } from './stop.js'

/** `[method]descriptor.rename-at`. */
export function renameAt(system: FileSystem, from: Descriptor, fromPath: string, to: Descriptor, toPath: string): void {
  withName(system, from, fromPath, 'delete', 'busy', (source) =>
    withName(system, to, toPath, 'create', 'busy', (target) => rename(system, source, target)),
  )
}

function rename(system: FileSystem, source: GrantedName, target: GrantedName): void {
  const { files, kernel } = system
  if (source.place.mount !== target.place.mount) fail('cross-device')
  const moved = kernel.statAt(source.directory, source.name)
  if (moved === undefined) fail('no-entry')
  if ((source.directoryOnly || target.directoryOnly) && !moved.isDirectory()) fail('not-directory')
  refuseOwnDirectory(system, source)
  const replaced = kernel.statAt(target.directory, target.name)
  if (replaced !== undefined) {
    files.require(target.place, 'delete')
    refuseOwnDirectory(system, target)
  }
  if (!mayMove(system, source.place, target.place, moved)) {
    files.recordRefusal(
      target.place,
      'create',
      'mount',
      `moving \`${source.place.path}\` here would change what is allowed`,
    )
    fail(moved.isDirectory() ? 'cross-device' : 'access')
  }
  refuseNarrower(files, source.place, target.place, moved)
  acting(files, target.place, 'create', () => {
    kernel.rename(source.directory, source.name, target.directory, target.name)
    confirm(system, source, target, moved, () =>
      kernel.rename(target.directory, target.name, source.directory, source.name),
    )
  })
  // What stood under the name counts no more.
  if (replaced !== undefined && replaced.ino !== moved.ino) target.place.mount?.space?.unlinked(replaced)
}

/**
 * `[method]descriptor.link-at`. A link is a second name for good, so its source needs `read` and `write`, and the new name
 * may allow no more than the old.
 */
export function linkAt(
  system: FileSystem,
  from: Descriptor,
  flags: PathFlags,
  fromPath: string,
  to: Descriptor,
  toPath: string,
): void {
  if (flags.symlinkFollow === true) fail('invalid')
  withName(system, from, fromPath, 'read', 'not-permitted', (source) => {
    system.files.require(source.place, 'write')
    withName(system, to, toPath, 'create', 'exist', (target) => link(system, source, target))
  })
}

function link(system: FileSystem, source: GrantedName, target: GrantedName): void {
  const { files, kernel } = system
  if (source.place.mount !== target.place.mount) fail('cross-device')
  const linked = kernel.statAt(source.directory, source.name)
  if (linked === undefined) fail('no-entry')
  if (source.directoryOnly || target.directoryOnly) fail('not-directory')
  if (!linked.isFile() && !linked.isSymbolicLink()) fail('not-permitted')
  if (!mayMove(system, source.place, target.place, linked)) {
    files.recordRefusal(
      target.place,
      'create',
      'mount',
      `\`${source.place.path}\` would be allowed more under this name`,
    )
    fail('access')
  }
  refuseNarrower(files, source.place, target.place, linked)
  acting(files, target.place, 'create', () => {
    withRoomForName(files, target.place, () => {
      kernel.link(source.directory, source.name, target.directory, target.name)
      confirm(system, source, target, linked, () => kernel.unlink(target.directory, target.name))
    })
  })
}

/**
 * A file may move to a name that allows no more than the old one. A directory may move only where every path below it is
 * answered as before; what contains or is a mount point never moves (its name is `busy`).
 * The same holds for every other child that sees the two names in its own mounts.
 */
function mayMove(system: FileSystem, from: Place, to: Place, moved: BigIntStats): boolean {
  const { table, neighbours } = system.files.authority
  const before = allowedActions(table, from)
  for (const action of allowedActions(table, to)) if (!before.has(action)) return false
  if (sizeUnder(system.files, from, to) === 'wider') return false
  if (moved.isDirectory() && !sameBelow(table, from, to)) return false
  if (from.hostPath === undefined || to.hostPath === undefined) return false
  const kind = moved.isDirectory() ? 'directory' : 'file'
  return neighboursAllowMove(neighbours, from.hostPath, to.hostPath, kind)
}

/**
 * A file that is larger than a new one may become there, or that a handle from before lets grow further, does not come in by
 * a new name either. As with a directory the answer makes programs copy, and the copy is bounded.
 */
function refuseNarrower(files: FileAuthority, from: Place, to: Place, moved: BigIntStats): void {
  if (!moved.isFile() || sizeUnder(files, from, to) !== 'narrower') return
  files.recordRefusal(to, 'create', 'quota', `files of \`${from.path}\` may be larger than is allowed here`)
  fail('cross-device')
}

/**
 * Whoever may rename in the source's directory could have put something else under its name between the look and the act.
 * Then, or when a directory was moved meanwhile, what was done is undone.
 */
function confirm(
  system: FileSystem,
  source: GrantedName,
  target: GrantedName,
  meant: BigIntStats,
  undo: () => void,
): void {
  const now = system.kernel.statAt(target.directory, target.name)
  const same = now !== undefined && now.ino === meant.ino && now.dev === meant.dev
  if (same && source.parent.isStillNamed() && target.parent.isStillNamed()) return
  if (now !== undefined) undo()
  fail('busy')
}
