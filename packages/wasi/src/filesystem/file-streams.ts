import { fileStreamFailed, type InputStream, type OutputStream, streamClosed } from '../io/stream-classes.js'
import { fileWritePermitBytes } from '../limits.js'
import { WasiFailure } from '../wasi-failure.js'
import { checkedOffset, readPiece } from './contents.js'
import { asFile, type Descriptor } from './descriptor.js'
import type { ErrorCode } from './errno.js'
import type { FileSystem } from './file-system.js'
import type { OpenFile } from './open-file.js'

/** `[method]descriptor.read-via-stream`. */
export function readViaStream(system: FileSystem, descriptor: Descriptor, offset: bigint): object {
  const file = asFile(descriptor)
  file.readable()
  return system.streams.input.mint(new FileInput(system, file, offset))
}

/** `[method]descriptor.write-via-stream`. */
export function writeViaStream(system: FileSystem, descriptor: Descriptor, offset: bigint): object {
  const file = asFile(descriptor)
  file.writable()
  const start = checkedOffset(offset)
  return system.streams.output.mint(new FileOutput(system, file, start))
}

/** `[method]descriptor.append-via-stream`. */
export function appendViaStream(system: FileSystem, descriptor: Descriptor): object {
  const file = asFile(descriptor)
  file.writable()
  return system.streams.output.mint(new FileOutput(system, file, 'end'))
}

/** A file is always ready: the disk is not waited for in `poll`. */
const always = (): boolean => true

class FileInput implements InputStream {
  readonly #system: FileSystem
  readonly #file: OpenFile
  #position: bigint
  readonly ready = always

  constructor(system: FileSystem, file: OpenFile, offset: bigint) {
    system.ledger.take()
    this.#system = system
    this.#file = file.retain()
    this.#position = offset
  }

  readonly read = (max: number): Uint8Array => {
    if (max === 0) return new Uint8Array(0)
    const bytes = asStreamError(this.#system, () => readPiece(this.#system, this.#file, BigInt(max), this.#position))
    if (bytes.byteLength === 0) streamClosed()
    this.#position += BigInt(bytes.byteLength)
    return bytes
  }

  redecide(): void {
    this.#file.redecide()
  }

  drop(): void {
    this.#system.ledger.give()
    this.#file.release()
  }
}

class FileOutput implements OutputStream {
  readonly #system: FileSystem
  readonly #file: OpenFile
  /** The kernel appends only through a descriptor that was opened for it: then the stream has one of its own. */
  #appending: number | undefined
  #position: number
  permitted = 0
  readonly ready = always
  readonly flushed = always

  constructor(system: FileSystem, file: OpenFile, start: number | 'end') {
    system.ledger.take()
    this.#system = system
    this.#file = file
    this.#position = start === 'end' ? 0 : start
    try {
      this.#appending = start === 'end' ? openAppending(system, file) : undefined
    } catch (thrown) {
      system.ledger.give()
      throw thrown
    }
    file.retain()
  }

  readonly capacity = (): number => {
    asStreamError(this.#system, () => this.#file.writable())
    return fileWritePermitBytes
  }

  readonly write = (bytes: Uint8Array): void => {
    asStreamError(this.#system, () => {
      const own = this.#file.writable()
      // The file takes all of it, or as much as its rule lets it grow by; then the next piece is what is refused.
      for (let done = 0; done < bytes.byteLength; ) {
        const piece = done === 0 ? bytes : bytes.subarray(done)
        const count =
          this.#appending === undefined
            ? this.#file.write(own, piece, this.#position)
            : this.#file.write(this.#appending, piece, null)
        if (count === 0) return
        done += count
        this.#position += count
      }
    })
  }

  redecide(): void {
    this.#file.redecide()
    if (this.#file.isRevoked) this.#closeAppending()
  }

  drop(): void {
    this.#system.ledger.give()
    this.#closeAppending()
    this.#file.release()
  }

  #closeAppending(): void {
    const handle = this.#appending
    this.#appending = undefined
    if (handle !== undefined) this.#system.kernel.close(handle)
  }
}

function openAppending({ kernel }: FileSystem, file: OpenFile): number {
  const { O_WRONLY, O_APPEND } = kernel.constants
  return kernel.reopen(file.handle(), O_WRONLY | O_APPEND)
}

/** A file's error, as a stream tells it. */
function asStreamError<T>(system: FileSystem, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof WasiFailure && typeof thrown.payload === 'string') {
      return fileStreamFailed(system.streams, thrown.payload as ErrorCode)
    }
    throw thrown
  }
}
