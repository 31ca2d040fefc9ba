import { WasiFailure } from '../wasi-failure.js'
import type { ErrorCode } from './errno.js'
import type { FileAction, Place } from './file-authority.js'
import type { FileSystem } from './file-system.js'

export type FileFlags = {
  readonly read: boolean
  readonly write: boolean
  readonly fileIntegritySync: boolean
  readonly dataIntegritySync: boolean
  readonly requestedWriteSync: boolean
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

  /** Writes all of `bytes`; the kernel may take them in parts. `handle` is the file's own, or its appending twin's. */
  write(handle: number, bytes: Uint8Array, position: number | null): number {
    let written = 0
    this.#writes += 1
    while (written < bytes.byteLength) {
      const count = this.#system.kernel.write(handle, bytes, written, position === null ? null : position + written)
      if (count === 0) break
      written += count
    }
    this.#system.usage.bytesWritten += written
    return written
  }

  redecide(): void {
    if (this.#handle === undefined) return
    const { files } = this.#system
    const lost = this.#asked.find((action) => !files.permits(this.place, action))
    if (lost === undefined) return
    files.authorize(this.place, lost)
    this.#close()
  }

  #close(): void {
    const handle = this.#handle
    if (handle === undefined) return
    this.#handle = undefined
    this.#system.ledger.give()
    this.#system.kernel.close(handle)
    // How often the handle was used, in one record (D11).
    if (this.#reads > 0) this.#system.files.recordUses(this.place, 'read', this.#reads)
    if (this.#writes > 0) this.#system.files.recordUses(this.place, this.#writeAction(), this.#writes)
  }

  #writeAction(): FileAction {
    return this.#asked.includes('write') ? 'write' : 'create'
  }
}
