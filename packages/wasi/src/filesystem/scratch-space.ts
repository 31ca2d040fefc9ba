// What a scratch mount may hold. It is made empty for one guest and nobody else writes there, so that counting in the
// guest's own thread is enough.
import type { BigIntStats } from 'node:fs'
import { formatBytes } from '@bulkhead/vocabulary'
import { fail } from '../wasi-failure.js'
import type { FileAction, FileAuthority, Place } from './file-authority.js'

/** What a name costs, and the piece in which contents are counted: what file systems allocate, in bytes. */
const blockBytes = 4_096

/** The bytes that a file of this size counts for: a hole counts as if it were filled. */
function counted(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes
}

/**
 * Counts names and contents against the size of the mount. What was unlinked while it is open goes on counting until the
 * last handle is closed.
 */
export class ScratchSpace {
  readonly bytesMax: number
  #used = 0
  readonly #open = new Map<bigint, { handles: number; isUnlinked: boolean }>()

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  /** Room for one more name; taken before it is made. */
  takeName(): boolean {
    return this.#take(blockBytes)
  }

  giveName(): void {
    this.#used -= blockBytes
  }

  /** How large a file of `size` bytes may become, in bytes. */
  largest(size: number): number {
    return counted(size) + Math.max(0, this.bytesMax - this.#used)
  }

  /** A file has changed its size; growth was asked for with `largest`. */
  resized(from: number, to: number): void {
    this.#used += counted(to) - counted(from)
  }

  opened(inode: bigint): void {
    const file = this.#open.get(inode)
    if (file === undefined) this.#open.set(inode, { handles: 1, isUnlinked: false })
    else file.handles += 1
  }

  /** `size`: how large it is at its close. */
  closed(inode: bigint, size: number): void {
    const file = this.#open.get(inode)
    if (file === undefined) return
    file.handles -= 1
    if (file.handles > 0) return
    this.#open.delete(inode)
    if (file.isUnlinked) this.resized(size, 0)
  }

  /** The name of what `was` says is gone. */
  unlinked(was: BigIntStats): void {
    this.giveName()
    // Only files have contents that were counted, and only with their last name.
    if (!was.isFile() || was.nlink > 1n) return
    const file = this.#open.get(was.ino)
    if (file === undefined) this.resized(Number(was.size), 0)
    else file.isUnlinked = true
  }

  #take(bytes: number): boolean {
    if (this.#used + bytes > this.bytesMax) return false
    this.#used += bytes
    return true
  }
}

/** Makes a new name where there is room for one: what `make` throws leaves the room as it was. */
export function withRoomForName<T>(files: FileAuthority, place: Place, make: () => T): T {
  const space = place.mount?.space
  if (space === undefined) return make()
  if (!space.takeName()) refuseSpace(files, place, 'create', space)
  try {
    return make()
  } catch (thrown) {
    space.giveName()
    throw thrown
  }
}

/** Records that the mount is full and refuses with the interface's own error. */
export function refuseSpace(files: FileAuthority, place: Place, action: FileAction, space: ScratchSpace): never {
  const reason = `\`${place.mount?.guestPath}\` is scratch of ${formatBytes(space.bytesMax)}, and full`
  files.recordRefusal(place, action, 'quota', reason)
  return fail('insufficient-space')
}
