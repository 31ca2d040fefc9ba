import type { Decision } from '@bulkhead/vocabulary'
import { WasiFailure } from '../wasi-failure.js'
import type { ErrorCode } from './errno.js'
import type { FileAction, Place } from './file-authority.js'
import type { FileSystem } from './file-system.js'
import { refuseSpace, type ScratchSpace } from './scratch-space.js'
import { refuseSize, sizeLimitOf } from './size-limit.js'

export type FileFlags = {
  readonly read: boolean
  readonly write: boolean
  readonly fileIntegritySync: boolean
  readonly dataIntegritySync: boolean
  readonly requestedWriteSync: boolean
}

/** The decisions that an open file is used by, of what it is open for, and the policy version that they are of. */
type Leave = {
  readonly version: number
  readonly read: Decision | undefined
  readonly write: Decision | undefined
}

/**
 * An open regular file: what descriptors and the streams made from them share. It remembers what was asked when it was
 * opened; when the policy moves this is decided again, and what fails closes the file under all of its users.
 */
export class OpenFile {
  readonly place: Place
  readonly flags: FileFlags
  readonly #system: FileSystem
  readonly #asked: readonly FileAction[]
  #handle: number | undefined
  #leave: Leave
  #references = 1
  #reads = 0
  #writes = 0

  /** Takes over `handle` and its room in the ledger. */
  constructor(system: FileSystem, place: Place, handle: number, flags: FileFlags, asked: readonly FileAction[]) {
    this.#system = system
    this.place = place
    this.#handle = handle
    this.flags = flags
    this.#asked = asked
    this.#leave = this.#decide()
    place.mount?.space?.opened(system.kernel.stat(handle).ino)
  }

  retain(): OpenFile {
    this.#references += 1
    return this
  }

  release(): void {
    this.#references -= 1
    if (this.#references === 0) this.#close()
  }

  /** The kernel's descriptor. @throws `access` when the policy that allowed it is gone. */
  handle(): number {
    if (this.#handle === undefined) throw new WasiFailure<ErrorCode>('access')
    return this.#handle
  }

  get isRevoked(): boolean {
    return this.#handle === undefined
  }

  /** @throws `bad-descriptor` when it was not opened for this. */
  readable(): number {
    if (!this.flags.read) throw new WasiFailure<ErrorCode>('bad-descriptor')
    return this.handle()
  }

  /** @throws `bad-descriptor` when it was not opened for this. */
  writable(): number {
    if (!this.flags.write) throw new WasiFailure<ErrorCode>('bad-descriptor')
    return this.handle()
  }

  /** Fills as much of `bytes` as there is from `position` on. */
  read(bytes: Uint8Array, position: number): number {
    const count = this.#system.kernel.read(this.readable(), bytes, position)
    this.#reads += 1
    this.#system.usage.bytesRead += count
    return count
  }

  /**
   * Writes what the file's rule lets it grow by, all of `bytes` where it sets no limit; the kernel may take them in parts.
   * `handle` is the file's own, or its appending twin's, for which `position` is `null`.
   *
   * @throws `file-too-large` when nothing fits any more.
   */
  write(handle: number, bytes: Uint8Array, position: number | null): number {
    const fitting = Math.min(bytes.byteLength, this.#room(handle, position))
    if (fitting <= 0 && bytes.byteLength > 0) this.refuseSize()
    const { space } = this.place.mount ?? {}
    if (space !== undefined) return this.#writeScratch(space, handle, bytes.subarray(0, fitting), position)
    return this.#write(handle, bytes, fitting, position)
  }

  /** As much as the mount has room for. @throws `insufficient-space` when nothing fits any more. */
  #writeScratch(space: ScratchSpace, handle: number, bytes: Uint8Array, position: number | null): number {
    const size = Number(this.#system.kernel.stat(handle).size)
    const from = position ?? size
    const fitting = Math.min(bytes.byteLength, space.largest(size) - from)
    if (fitting <= 0 && bytes.byteLength > 0) refuseSpace(this.#system.files, this.place, this.#writeAction(), space)
    const written = this.#write(handle, bytes, fitting, position)
    if (written > 0) space.resized(size, Math.max(size, from + written))
    return written
  }

  #write(handle: number, bytes: Uint8Array, fitting: number, position: number | null): number {
    const piece = fitting < bytes.byteLength ? bytes.subarray(0, fitting) : bytes
    let written = 0
    this.#writes += 1
    while (written < fitting) {
      const count = this.#system.kernel.write(handle, piece, written, position === null ? null : position + written)
      if (count === 0) break
      written += count
    }
    this.#system.usage.bytesWritten += written
    return written
  }

  /** How many bytes may stand from `position` on, or after the present end. */
  #room(handle: number, position: number | null): number {
    const limit = this.sizeLimit
    if (limit === Number.POSITIVE_INFINITY) return limit
    return limit - (position ?? Number(this.#system.kernel.stat(handle).size))
  }

  /** The largest size that may be given to it, in bytes, by the newest rules. */
  get sizeLimit(): number {
    return sizeLimitOf(this.#leave.write)
  }

  refuseSize(): never {
    return refuseSize(this.#system.files, this.place, this.#writeAction(), this.#leave.write)
  }

  redecide(): void {
    if (this.#handle === undefined) return
    const { files } = this.#system
    const lost = this.#asked.find((action) => !files.permits(this.place, action))
    if (lost === undefined) {
      this.#leave = this.#decide()
      return
    }
    files.authorize(this.place, lost)
    this.#close()
  }

  #close(): void {
    const handle = this.#handle
    if (handle === undefined) return
    this.#handle = undefined
    this.#system.ledger.give()
    const { space } = this.place.mount ?? {}
    if (space !== undefined) {
      const { ino, size } = this.#system.kernel.stat(handle)
      space.closed(ino, Number(size))
    }
    this.#system.kernel.close(handle)
    // How often the handle was used, in one record (D11).
    const { files } = this.#system
    const { read, write, version } = this.#leave
    if (this.#reads > 0 && read !== undefined) files.recordUses(this.place, 'read', read, version, this.#reads)
    if (this.#writes > 0 && write !== undefined)
      files.recordUses(this.place, this.#writeAction(), write, version, this.#writes)
  }

  #decide(): Leave {
    const { files } = this.#system
    const read = this.flags.read ? files.decide(this.place, 'read') : undefined
    const write = this.flags.write ? files.decide(this.place, this.#writeAction()) : undefined
    return { read, write, version: files.authority.version }
  }

  #writeAction(): FileAction {
    return this.#asked.includes('write') ? 'write' : 'create'
  }
}
