import type { BigIntStats } from 'node:fs'
import { fail } from '../wasi-failure.js'
import type { Descriptor } from './descriptor.js'
import type { Place } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { withObject } from './objects.js'
import { type PathFlags, requireHardLinks } from './open-at.js'
import type { Datetime } from './stat.js'
import { acting } from './stop.js'
import type { FoundObject } from './walk.js'

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
  if (descriptor.kind === 'file' && kernel.stat(descriptor.file.handle()).nlink > 1n) requireHardLinks(system, place)
  setHeldTimes(system, place, handle, accessed, modified)
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
  withObject(system, base, flags, path, 'write', {
    onDirectory: ({ place }) => {
      system.files.require(place, 'write')
      setHeldTimes(system, place, place.handle, accessed, modified)
    },
    onObject: (found) => setObjectTimes(system, found, accessed, modified),
  })
}

function setObjectTimes(system: FileSystem, found: FoundObject, accessed: NewTimestamp, modified: NewTimestamp): void {
  const { files, kernel } = system
  const { place, stat } = found
  const directory = found.parent.place.handle
  if (stat.isSymbolicLink() && directory !== undefined) {
    const [access, modification] = bothTimes(system, stat, accessed, modified)
    acting(files, place, 'write', () => kernel.setLinkTimes(directory, found.name, access, modification))
    return
  }
  if (!stat.isFile()) fail('not-permitted')
  if (stat.nlink > 1n) requireHardLinks(system, place)
  setHeldTimes(system, place, found.handle, accessed, modified)
}

function setHeldTimes(
  system: FileSystem,
  place: Place,
  handle: number | undefined,
  accessed: NewTimestamp,
  modified: NewTimestamp,
): void {
  const { files, kernel } = system
  if (handle === undefined) fail('not-permitted')
  const [access, modification] = bothTimes(system, kernel.stat(handle), accessed, modified)
  acting(files, place, 'write', () => kernel.setTimes(handle, access, modification))
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
