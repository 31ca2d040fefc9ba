import { fail } from '../wasi-failure.js'
import { asDirectory, type Descriptor } from './descriptor.js'
import type { ErrorCode } from './errno.js'
import type { FileAsk } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { parseRelativePath } from './guest-path.js'
import { answerStopped } from './stop.js'
import { type FoundName, walkToName } from './walk.js'

/** A name in a directory that is on disk, granted for what is about to be done to it. */
export type GrantedName = FoundName & { readonly directory: number }

/**
 * Walks to the name, decides `ask` on it, and runs `act` while the directory is held. The name itself has not been
 * looked at when the decision falls.
 *
 * @param selfCode what to answer for a path that names no entry (`.`, `..`): the directory is one already.
 */
export function withName<T>(
  system: FileSystem,
  base: Descriptor,
  path: string,
  ask: FileAsk,
  selfCode: ErrorCode,
  act: (name: GrantedName) => T,
): T {
  const { files } = system
  const relative = parseRelativePath(path)
  if (relative.endsInDot) fail('invalid')
  const found = walkToName(system, asDirectory(base).base(), relative, (place) => files.permits(place, ask))
  switch (found.kind) {
    case 'directory':
      try {
        files.require(found.directory.place, ask)
        return fail(selfCode)
      } finally {
        found.directory.release()
      }
    case 'name':
      try {
        files.require(found.place, ask)
        return act(granted(found))
      } finally {
        found.parent.release()
      }
    default:
      return answerStopped(files, found, ask)
  }
}

/** @throws `no-entry` where the directory is only virtual or is not at its path any more, `busy` for a mount point's name. */
function granted(found: FoundName): GrantedName {
  const directory = found.parent.place.handle
  if (found.node !== undefined) fail('busy')
  if (directory === undefined || !found.parent.isStillNamed()) return fail('no-entry')
  return { ...found, directory }
}

/**
 * After something was made: if its directory was moved at that moment, `undo` takes it back. Nothing that a guest makes
 * stays at a path that was not decided.
 */
export function keepOnlyIfNamed(name: GrantedName, undo: () => void): void {
  if (name.parent.isStillNamed()) return
  undo()
  fail('no-entry')
}
