import { fail } from '../wasi-failure.js'
import type { DirectoryHandle } from './directory-handle.js'
import type { Sight } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import type { OpenFile } from './open-file.js'

/** What stands behind a guest's `descriptor`: a regular file or a directory, never anything else. */
export type Descriptor = FileDescriptor | DirectoryDescriptor

export class FileDescriptor {
  readonly kind = 'file'
  readonly file: OpenFile

  constructor(file: OpenFile) {
    this.file = file
  }

  redecide(): void {
    this.file.redecide()
  }

  drop(): void {
    this.file.release()
  }
}

export type DirectoryFlags = { readonly read: boolean; readonly mutateDirectory: boolean }

/** A directory with the stack of handles through which it was reached, so that `..` needs no look-up. */
export class DirectoryDescriptor {
  readonly kind = 'directory'
  readonly flags: DirectoryFlags
  readonly #system: FileSystem
  readonly #directory: DirectoryHandle
  readonly #weight: number
  #sight: Sight
  #revoked = false

  /** @throws `insufficient-memory` when its depth does not fit the limit any more. */
  constructor(system: FileSystem, directory: DirectoryHandle, flags: DirectoryFlags, sight: Sight) {
    this.#weight = directory.depth
    system.ledger.take(this.#weight)
    this.#system = system
    this.#directory = directory.retain()
    this.flags = flags
    this.#sight = sight
  }

  /** @throws `access` when the policy that allowed it is gone. */
  directory(): DirectoryHandle {
    if (this.#revoked) fail('access')
    return this.#directory
  }

  /** The directory, for an operation below it. @throws `no-entry` when it has been moved since (SPEC 2.2). */
  base(): DirectoryHandle {
    const directory = this.directory()
    if (!directory.isStillNamed()) fail('no-entry')
    return directory
  }

  get isRevoked(): boolean {
    return this.#revoked
  }

  get sight(): Sight {
    return this.#sight
  }

  redecide(): void {
    if (this.#revoked) return
    const { files } = this.#system
    const { place } = this.#directory
    if (files.permits(place, 'read')) this.#sight = 'whole'
    else if (files.isAncestor(place)) this.#sight = 'ancestor'
    else {
      files.authorize(place, 'read')
      this.#revoked = true
    }
  }

  drop(): void {
    this.#system.ledger.give(this.#weight)
    this.#directory.release()
  }
}

/** @throws `not-directory` for a file. */
export function asDirectory(descriptor: Descriptor): DirectoryDescriptor {
  return descriptor.kind === 'directory' ? descriptor : fail('not-directory')
}

/** @throws `is-directory` for a directory. */
export function asFile(descriptor: Descriptor): OpenFile {
  return descriptor.kind === 'file' ? descriptor.file : fail('is-directory')
}
