import type { Dir, Dirent } from 'node:fs'
import { directoryEntriesPerPiece } from '../limits.js'
import { fail } from '../wasi-failure.js'
import { asDirectory, type Descriptor } from './descriptor.js'
import type { DirectoryHandle } from './directory-handle.js'
import { systemFailure } from './errno.js'
import type { FileSystem } from './file-system.js'
import { joinPath } from './guest-path.js'
import { type DescriptorType, kindOf } from './stat.js'

export type DirectoryEntry = { readonly type: DescriptorType; readonly name: string }

/** `[method]descriptor.read-directory`. */
export function readDirectory(system: FileSystem, descriptor: Descriptor): object {
  const directory = asDirectory(descriptor).base()
  system.files.requireSight(directory.place)
  return system.listings.mint(new DirectoryListing(system, directory))
}

/**
 * What stands behind a `directory-entry-stream`. It shows the names that lead to something granted, mount points among
 * them, and nothing else; without `.` and `..`. Names that are not UTF-8 have no WASI form and are left out.
 */
export class DirectoryListing {
  readonly #system: FileSystem
  readonly #directory: DirectoryHandle
  readonly #dir: Dir | undefined
  /** Mount points and their parents: shown first, and instead of what they hide. */
  readonly #mounted: string[]
  /** What was read and not shown yet, the next one last. */
  #piece: Dirent[] = []
  #state: 'open' | 'revoked' | 'dropped' = 'open'

  constructor(system: FileSystem, directory: DirectoryHandle) {
    const { handle, node } = directory.place
    system.ledger.take()
    try {
      this.#dir = handle === undefined ? undefined : system.kernel.openListing(handle, directoryEntriesPerPiece)
    } catch (thrown) {
      system.ledger.give()
      throw thrown
    }
    this.#system = system
    this.#directory = directory.retain()
    this.#mounted = [...(node?.children.values() ?? [])].filter(({ path }) => this.#leads(path)).map(({ name }) => name)
  }

  /** `[method]directory-entry-stream.read-directory-entry`. */
  next(): DirectoryEntry | undefined {
    if (this.#state !== 'open') fail('access')
    const { node } = this.#directory.place
    const mounted = this.#mounted.pop()
    if (mounted !== undefined) {
      const isFile = node?.children.get(mounted)?.mount?.kind === 'file'
      return { type: isFile ? 'regular-file' : 'directory', name: mounted }
    }
    for (let entry = this.#read(); entry !== undefined; entry = this.#read()) {
      const { name } = entry
      if (node?.children.has(name) === true || name.includes('\ufffd')) continue
      const leads = this.#leads(joinPath(this.#directory.path, name))
      // The question may have moved the policy, and that may have closed this listing.
      if (this.#isRevoked()) fail('access')
      if (leads) return { type: kindOf(entry), name }
    }
    return undefined
  }

  redecide(): void {
    const { files } = this.#system
    const { place } = this.#directory
    if (this.#state !== 'open' || files.permits(place, 'read') || files.isAncestor(place)) return
    files.authorize(place, 'read')
    this.#state = 'revoked'
    this.#close()
  }

  drop(): void {
    if (this.#state === 'open') this.#close()
    this.#state = 'dropped'
    this.#directory.release()
  }

  #isRevoked(): boolean {
    return this.#state === 'revoked'
  }

  #leads(path: string): boolean {
    return this.#system.files.leadsToGrant(path)
  }

  #read(): Dirent | undefined {
    if (this.#piece.length === 0) this.#readPiece()
    return this.#piece.pop()
  }

  /** To look where the directory is costs more than a name: that is done once for a piece. */
  #readPiece(): void {
    const entries: Dirent[] = []
    try {
      while (entries.length < directoryEntriesPerPiece) {
        const entry = this.#dir?.readSync() ?? null
        if (entry === null) break
        entries.push(entry)
      }
    } catch (thrown) {
      throw systemFailure(thrown)
    }
    // After the reading: what a directory holds where it was moved to was not granted (SPEC 2.2).
    if (entries.length > 0 && !this.#directory.isStillNamed()) fail('no-entry')
    this.#piece = entries.reverse()
  }

  #close(): void {
    this.#system.ledger.give()
    this.#dir?.closeSync()
  }
}
