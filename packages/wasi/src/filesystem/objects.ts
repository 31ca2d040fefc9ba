import { fail } from '../wasi-failure.js'
import { asDirectory, type Descriptor } from './descriptor.js'
import type { DirectoryHandle } from './directory-handle.js'
import type { FileAsk } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { parseRelativePath } from './guest-path.js'
import { closeObject, type PathFlags } from './open-at.js'
import { answerStopped } from './stop.js'
import { type FoundObject, walkToObject } from './walk.js'

/** What to do with either kind of object; what is run for a directory decides about it by itself. */
export type ObjectActs<T> = {
  readonly onDirectory: (directory: DirectoryHandle) => T
  readonly onObject: (found: FoundObject) => T
}

/** Walks to the object, decides `ask` on it unless it is a directory, and runs the act while the handle is held. */
export function withObject<T>(
  system: FileSystem,
  base: Descriptor,
  flags: PathFlags,
  path: string,
  ask: FileAsk,
  acts: ObjectActs<T>,
): T {
  const { files } = system
  const relative = parseRelativePath(path)
  const follow = flags.symlinkFollow === true
  const found = walkToObject(system, asDirectory(base).base(), relative, follow, (place) => files.permits(place, ask))
  switch (found.kind) {
    case 'directory':
      try {
        return acts.onDirectory(found.directory)
      } finally {
        found.directory.release()
      }
    case 'object':
      try {
        files.require(found.place, ask)
        return acts.onObject(found)
      } finally {
        closeObject(system, found)
      }
    case 'missing':
      found.parent.release()
      files.require(found.place, ask)
      return fail('no-entry')
    default:
      return answerStopped(files, found, ask)
  }
}
