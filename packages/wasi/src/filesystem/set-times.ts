import type { BigIntStats } from 'node:fs'
import { fail } from '../wasi-failure.js'
import { asDirectory, type Descriptor } from './descriptor.js'
import type { FileSystem } from './file-system.js'
import { parseRelativePath } from './guest-path.js'
import { closeObject, type PathFlags, requireHardLinks } from './open-at.js'
import type { Datetime } from './stat.js'
import { acting, answerStopped } from './stop.js'
import { type FoundObject, walkToObject } from './walk.js'

export type NewTimestamp =
  | { readonly tag: 'no-change' }
  | { readonly tag: 'now' }
  | { readonly tag: 'timestamp'; readonly val: Datetime }

/** `[method]descriptor.set-times`: `write` on what is open. */
export function setTimes(
  system: FileSystem,
  descriptor: Descriptor,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): void {
  const { files, kernel } = system
  const place = descriptor.kind === 'file' ? descriptor.file.place : descriptor.directory().place
  files.require(place, 'write')
  const handle = descriptor.kind === 'file' ? descriptor.file.handle() : descriptor.directory().place.handle
  if (handle === undefined) return fail('not-permitted')
  const stat = kernel.stat(handle)
  if (descriptor.kind === 'file' && stat.nlink > 1n) requireHardLinks(system, place)
  const [access, modification] = bothTimes(system, stat, accessed, modified)
  acting(files, place, 'write', () => kernel.setTimes(handle, access, modification))
}

/** `[method]descriptor.set-times-at`. */
export function setTimesAt(
  system: FileSystem,
  base: Descriptor,
  flags: PathFlags,
  path: string,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): void {
  const { files, kernel } = system
  const relative = parseRelativePath(path)
  const follow = flags.symlinkFollow === true
  const found = walkToObject(system, asDirectory(base).base(), relative, follow, (place) =>
    files.permits(place, 'write'),
  )
  switch (found.kind) {
    case 'directory':
      try {
        const { place } = found.directory
        files.require(place, 'write')
        const { handle } = place
        if (handle === undefined) return fail('not-permitted')
        const [access, modification] = bothTimes(system, kernel.stat(handle), accessed, modified)
        return acting(files, place, 'write', () => kernel.setTimes(handle, access, modification))
      } finally {
        found.directory.release()
      }
    case 'object':
      try {
        return setObjectTimes(system, found, accessed, modified)
      } finally {
        closeObject(system, found)
      }
    case 'missing':
      found.parent.release()
      files.require(found.place, 'write')
      return fail('no-entry')
    default:
      return answerStopped(files, found, 'write')
  }
}

function setObjectTimes(system: FileSystem, found: FoundObject, accessed: NewTimestamp, modified: NewTimestamp): void {
  const { files, kernel } = system
  const { place, stat } = found
  files.require(place, 'write')
  const [access, modification] = bothTimes(system, stat, accessed, modified)
  if (stat.isSymbolicLink()) {
    const directory = found.parent.place.handle
    if (directory === undefined) return fail('not-permitted')
    return acting(files, place, 'write', () => kernel.setLinkTimes(directory, found.name, access, modification))
  }
  if (!stat.isFile()) return fail('not-permitted')
  if (stat.nlink > 1n) requireHardLinks(system, place)
  return acting(files, place, 'write', () => kernel.setTimes(found.handle, access, modification))
}

/** Node takes times as a double of seconds: microseconds survive, nanoseconds do not (TRAPS T13). */
function bothTimes(
  system: FileSystem,
  stat: BigIntStats,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): readonly [number, number] {
  return [seconds(system, accessed, stat.atimeNs), seconds(system, modified, stat.mtimeNs)]
}

function seconds({ wallMs }: FileSystem, time: NewTimestamp, currentNs: bigint): number {
  if (time.tag === 'now') return wallMs() / 1000
  if (time.tag === 'no-change') return Number(currentNs / 1000n) / 1e6
  const { seconds: whole, nanoseconds } = time.val
  if (nanoseconds >= 1_000_000_000) return fail('invalid')
  if (whole > BigInt(Number.MAX_SAFE_INTEGER)) return fail('overflow')
  return Number(whole) + nanoseconds / 1e9
}
