import type { BigIntStats, Dir } from 'node:fs'
import { systemFailure } from './errno.js'

type NodeFs = typeof import('node:fs')

/** Linux `O_PATH`, which `fs.constants` does not name (the same on x64 and arm64). */
const O_PATH = 0o10000000
const bigint = { bigint: true } as const

/**
 * The system calls of the file walk, by directory handle. Node has no `openat`; on Linux `/proc/self/fd/N/name` is one:
 * the kernel starts at the directory that the handle holds, wherever that has been moved to, and `O_NOFOLLOW` keeps it
 * from following the one name. A `name` is always a single segment that the caller has checked.
 *
 * Every method throws `SystemFailure` for what the kernel refuses.
 */
export class Kernel {
  readonly #fs: NodeFs
  readonly #directoryFlags: number
  readonly #pathFlags: number
  /** Whether anything can be opened by handle here: Linux with `/proc`. */
  readonly opensByHandle: boolean
  /** The process's own descriptors, by its number: the link `/proc/self` would be looked up again in every call. */
  readonly #descriptors: string

  constructor(fs: NodeFs) {
    this.#fs = fs
    const self = ownProcess(fs)
    this.opensByHandle = self !== undefined
    this.#descriptors = `/proc/${self ?? 'self'}/fd`
    this.#pathFlags = O_PATH | fs.constants.O_NOFOLLOW
    this.#directoryFlags = this.#pathFlags | fs.constants.O_DIRECTORY
  }

  get constants(): NodeFs['constants'] {
    return this.#fs.constants
  }

  /** Opens a mount's root by its host path: the one place where a host path is handed to the kernel. */
  openRootAmbient(hostPath: string, kind: 'directory' | 'file'): number {
    return this.#try(() => this.#fs.openSync(hostPath, kind === 'directory' ? this.#directoryFlags : this.#pathFlags))
  }

  /** A handle of the directory, for walking on; a link or another kind of file fails with `not-directory` or `loop`. */
  openDirectory(directory: number, name: string): number {
    try {
      return this.#fs.openSync(this.#at(directory, name), this.#directoryFlags)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** A handle of whatever has this name, a link itself included. It opens nothing: it can neither block nor be read. */
  openPath(directory: number, name: string): number {
    try {
      return this.#fs.openSync(this.#at(directory, name), this.#pathFlags)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** Another handle of what the handle holds. */
  duplicatePath(handle: number): number {
    return this.reopen(handle, O_PATH)
  }

  /** Opens what the handle holds, for use. Never blocks: the caller has seen that it is a regular file or a directory. */
  reopen(handle: number, flags: number): number {
    try {
      return this.#fs.openSync(this.#self(handle), flags | this.#fs.constants.O_NONBLOCK | this.#fs.constants.O_NOCTTY)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** Makes the file; `exist` when the name is taken, by whatever. */
  create(directory: number, name: string, flags: number): number {
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = this.#fs.constants
    try {
      return this.#fs.openSync(
        this.#at(directory, name),
        flags | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
        0o666,
      )
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  close(handle: number): void {
    this.#fs.closeSync(handle)
  }

  stat(handle: number): BigIntStats {
    try {
      return this.#fs.fstatSync(handle, bigint)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** What has this name now, without following it; `undefined` when nothing has. */
  statAt(directory: number, name: string): BigIntStats | undefined {
    try {
      return this.#fs.lstatSync(this.#at(directory, name), { bigint: true, throwIfNoEntry: false })
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** The name by which the kernel knows what the handle holds: the host path, as long as it has not been moved. */
  nameOf(handle: number): string | undefined {
    try {
      return this.#fs.readlinkSync(this.#self(handle))
    } catch {
      return undefined
    }
  }

  readLink(directory: number, name: string): string {
    try {
      return this.#fs.readlinkSync(this.#at(directory, name))
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  openListing(handle: number, entriesPerPiece: number): Dir {
    return this.#try(() => this.#fs.opendirSync(this.#self(handle), { bufferSize: entriesPerPiece }))
  }

  makeDirectory(directory: number, name: string): void {
    this.#try(() => this.#fs.mkdirSync(this.#at(directory, name)))
  }

  removeDirectory(directory: number, name: string): void {
    this.#try(() => this.#fs.rmdirSync(this.#at(directory, name)))
  }

  unlink(directory: number, name: string): void {
    this.#try(() => this.#fs.unlinkSync(this.#at(directory, name)))
  }

  makeLink(target: string, directory: number, name: string): void {
    this.#try(() => this.#fs.symlinkSync(target, this.#at(directory, name)))
  }

  link(from: number, fromName: string, to: number, toName: string): void {
    this.#try(() => this.#fs.linkSync(this.#at(from, fromName), this.#at(to, toName)))
  }

  rename(from: number, fromName: string, to: number, toName: string): void {
    this.#try(() => this.#fs.renameSync(this.#at(from, fromName), this.#at(to, toName)))
  }

  /** Seconds since 1970, of what the handle holds. */
  setTimes(handle: number, accessed: number, modified: number): void {
    this.#try(() => this.#fs.utimesSync(this.#self(handle), accessed, modified))
  }

  /** Of the link itself. */
  setLinkTimes(directory: number, name: string, accessed: number, modified: number): void {
    this.#try(() => this.#fs.lutimesSync(this.#at(directory, name), accessed, modified))
  }

  setSize(handle: number, bytes: number): void {
    this.#try(() => this.#fs.ftruncateSync(handle, bytes))
  }

  sync(handle: number): void {
    this.#try(() => this.#fs.fsyncSync(handle))
  }

  syncData(handle: number): void {
    this.#try(() => this.#fs.fdatasyncSync(handle))
  }

  /** Reads into the whole of `bytes`; the answer is how many came. */
  read(handle: number, bytes: Uint8Array, position: number): number {
    try {
      return this.#fs.readSync(handle, bytes, 0, bytes.byteLength, position)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  /** Writes from `start` on; the answer is how many bytes were taken. A handle opened for appending ignores `position`. */
  write(handle: number, bytes: Uint8Array, start: number, position: number | null): number {
    try {
      return this.#fs.writeSync(handle, bytes, start, bytes.byteLength - start, position)
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  #try<T>(call: () => T): T {
    try {
      return call()
    } catch (thrown) {
      throw systemFailure(thrown)
    }
  }

  #self(handle: number): string {
    return `${this.#descriptors}/${handle}`
  }

  #at(directory: number, name: string): string {
    return `${this.#descriptors}/${directory}/${name}`
  }
}

/** `undefined` where there is no `/proc`: nothing can be opened by handle there. */
function ownProcess(fs: NodeFs): string | undefined {
  try {
    return fs.readlinkSync('/proc/self')
  } catch {
    return undefined
  }
}
