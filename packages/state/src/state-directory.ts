// Perimeter: the state directory on the disk (SPEC 14).
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/vocabulary'
import { explainRefusal } from './disk-errors.js'
import { replaceWhole } from './durable-file.js'
import { formatVersion, secretBytesMax, secretBytesMin } from './limits.js'
import { acquireLock, type Lock, type PreviousStop } from './lock.js'
import { checkDirectoryIsOurs, closeToOthers } from './ownership.js'
import { loadOrCreateSecret } from './secret-file.js'
import { checkSegments } from './segments.js'

export type OpenOptions = {
  /** Whether a directory that does not exist is made (mode 0700). */
  readonly create?: boolean
}

const versionText = `bulkhead-state ${formatVersion}\n`
const ownNames: ReadonlySet<string> = new Set(['lock', 'tmp', 'version'])

/**
 * The directory in which a runtime keeps what must outlive it. Held by one process at a time, from `open` to `close`; a
 * process that dies without `close` leaves it free for the next one, which learns of it by `previousStop`.
 *
 * @example
 * ```ts
 * const state = await StateDirectory.open('.bulkhead', { create: true })
 * const key = await state.secret('audit.key', 32)
 * await state.replaceFile('counters.json', new TextEncoder().encode('{}'))
 * await state.close()
 * ```
 */
export class StateDirectory implements AsyncDisposable {
  /** Real absolute path. */
  readonly root: string
  /** How the process before this one ended. After `unclean`, look before you trust. */
  readonly previousStop: PreviousStop
  readonly #lock: Lock
  #closing: Promise<void> | undefined

  private constructor(root: string, lock: Lock) {
    this.root = root
    this.previousStop = lock.previousStop
    this.#lock = lock
  }

  /**
   * Opens and locks a state directory.
   *
   * @throws {BulkheadError} `state-not-found` when there is none and `create` is not set; `state-insecure` when it belongs
   *   to another user or others may write in it; `state-locked` when another process uses it, with its pid; `state-version`
   *   when it is of another version, or no state directory at all; `state-unwritable` when the disk refuses.
   */
  static async open(path: string, options: OpenOptions = {}): Promise<StateDirectory> {
    try {
      return await StateDirectory.#open(path, options)
    } catch (error) {
      throw explainRefusal(error, path)
    }
  }

  static async #open(path: string, options: OpenOptions): Promise<StateDirectory> {
    const root = locate(path, options.create === true)
    checkIsStateDirectory(root)
    for (const name of ['lock', 'tmp']) ensureDirectory(join(root, name))
    const lock = await acquireLock(join(root, 'lock'))
    try {
      closeToOthers(root, statSync(root))
      for (const name of readdirSync(join(root, 'tmp')))
        rmSync(join(root, 'tmp', name), { recursive: true, force: true })
      if (readVersion(root) === undefined) {
        replaceWhole(join(root, 'version'), new TextEncoder().encode(versionText), join(root, 'tmp'))
      }
    } catch (error) {
      await lock.release(lock.previousStop)
      throw error
    }
    return new StateDirectory(root, lock)
  }

  /**
   * The absolute path of a file or directory in here; nothing is made.
   *
   * @throws {BulkheadError} `usage` for a segment that could lead elsewhere.
   */
  path(...segments: readonly string[]): string {
    checkSegments(segments)
    return join(this.root, ...segments)
  }

  /** Makes a directory in here (mode 0700), with those above it, and answers its absolute path. */
  directory(...segments: readonly string[]): string {
    this.#checkOpen()
    const path = this.path(...segments)
    return this.#written(() => {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      return path
    })
  }

  /**
   * Loads a key, or makes it at the first call: `bytes` random bytes, mode 0600.
   *
   * @throws {BulkheadError} `state-insecure` when others may reach the key file; `store-corrupt` when it is not a regular
   *   file of that size.
   */
  async secret(name: string, bytes: number): Promise<Uint8Array> {
    this.#checkOpen()
    if (!Number.isInteger(bytes) || bytes < secretBytesMin || bytes > secretBytesMax) {
      throw new BulkheadError('usage', `a key has ${secretBytesMin} to ${secretBytesMax} bytes, not \`${bytes}\``)
    }
    return this.#written(() => loadOrCreateSecret(this.path(name), bytes, this.#temporary))
  }

  /**
   * Replaces a file at once and durably: when it resolves the new content survives a power cut, and at no instant does
   * anyone see anything but all of the old or all of the new. The directory it stands in must exist.
   *
   * @param name below the state directory, `/` between segments.
   */
  async replaceFile(name: string, bytes: Uint8Array): Promise<void> {
    this.#checkOpen()
    this.#written(() => replaceWhole(this.path(...name.split('/')), bytes, this.#temporary))
  }

  /**
   * Lets the directory go. The next process sees a clean stop. Further calls share the first one's promise.
   *
   * @throws {BulkheadError} `state-unwritable` when the disk refuses: then the directory is free when this process ends,
   *   and the next one sees an unclean stop.
   */
  close(): Promise<void> {
    this.#closing ??= this.#release('clean')
    return this.#closing
  }

  /**
   * Lets the directory go without vouching for what is in it: the next process sees an unclean stop, and looks before it
   * trusts. For a start that fails half-way. After `close` it does nothing.
   */
  abandon(): Promise<void> {
    this.#closing ??= this.#release('unclean')
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #release(stop: PreviousStop): Promise<void> {
    try {
      await this.#lock.release(stop)
    } catch (error) {
      throw explainRefusal(error, this.root)
    }
  }

  get #temporary(): string {
    return join(this.root, 'tmp')
  }

  /** @throws {BulkheadError} `state-unwritable` when the disk refuses what `work` writes. */
  #written<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw explainRefusal(error, this.root)
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new BulkheadError('usage', `the state directory \`${this.root}\` is closed`)
  }
}

/** The real path of a directory that is ours alone to write in. */
function locate(path: string, create: boolean): string {
  const root = realPath(path) ?? (create ? make(path) : undefined)
  if (root === undefined) {
    throw new BulkheadError('state-not-found', `there is no state directory \`${path}\``, { details: { path } })
  }
  const stats = lstatSync(root)
  if (!stats.isDirectory()) throw notAStateDirectory(root, 'it is not a directory')
  checkDirectoryIsOurs(root, stats)
  return root
}

function make(path: string): string | undefined {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return realPath(path)
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * A directory with files of someone else in it is refused: a slip of the pen in a tree file must not turn a home directory
 * into a state directory, with its permissions changed and names taken in it.
 */
function checkIsStateDirectory(root: string): void {
  if (readVersion(root) !== undefined) return
  const strange = readdirSync(root).find((name) => !ownNames.has(name))
  if (strange !== undefined) throw notAStateDirectory(root, `it holds \`${strange}\` and no \`version\``)
}

function readVersion(root: string): string | undefined {
  let text: string
  try {
    text = readFileSync(join(root, 'version'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (text === versionText) return text
  const found = text.slice(0, 40).trim()
  throw new BulkheadError('state-version', `the state directory \`${root}\` is of another version: \`${found}\``, {
    details: { path: root, found, expected: versionText.trim() },
    hint: 'open it with the version that wrote it, or use another directory',
  })
}

function ensureDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const stats = lstatSync(path)
  if (!stats.isDirectory()) throw notAStateDirectory(path, 'it is not a directory')
  checkDirectoryIsOurs(path, stats)
}

function notAStateDirectory(path: string, why: string): BulkheadError {
  return new BulkheadError('state-version', `\`${path}\` is not a state directory: ${why}`, {
    details: { path },
    hint: 'name a directory that does not exist yet, or an empty one',
  })
}
