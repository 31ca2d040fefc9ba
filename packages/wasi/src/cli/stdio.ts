import type { Usage } from '../filesystem/file-system.js'
import { type InputStream, type OutputStream, type StreamClasses, streamClosed } from '../io/stream-classes.js'
import type { Waiter } from '../io/waiter.js'
import { pieceBytes } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import type { ByteSink, ByteSource, HostPowers } from '../powers.js'

type StdioPowers = Pick<HostPowers, 'stdin' | 'stdout' | 'stderr'> & {
  readonly streams: StreamClasses
  readonly waiter: Waiter
  readonly usage: Usage
}

/** `wasi:cli/stdin`, `stdout` and `stderr`: each call gives a fresh handle on the same stream. */
export function cliStdio({ stdin, stdout, stderr, streams, waiter, usage }: StdioPowers): InterfaceImplementation[] {
  const input = new StandardInput(stdin, usage)
  const { output } = streams
  return [
    { name: 'wasi:cli/stdin', functions: { 'get-stdin': () => streams.input.mint(input.handle()) } },
    {
      name: 'wasi:cli/stdout',
      functions: { 'get-stdout': () => output.mint(new StandardOutput(stdout, waiter, usage)) },
    },
    {
      name: 'wasi:cli/stderr',
      functions: { 'get-stderr': () => output.mint(new StandardOutput(stderr, waiter, usage)) },
    },
  ]
}

/** The source only reads, so looking whether it is ready means keeping what came; all handles share that. */
class StandardInput {
  readonly #source: ByteSource
  readonly #usage: Usage
  #held: Uint8Array | undefined
  #closed = false

  constructor(source: ByteSource, usage: Usage) {
    this.#source = source
    this.#usage = usage
  }

  handle(): InputStream {
    return { read: (max) => this.#read(max), ready: () => this.#ready(), drop() {} }
  }

  #ready(): boolean {
    return this.#closed || this.#held !== undefined || this.#fill(pieceBytes)
  }

  #read(max: number): Uint8Array {
    if (max === 0) return new Uint8Array(0)
    if (this.#held === undefined && !this.#closed) this.#fill(max)
    const held = this.#held
    if (held === undefined) return this.#closed ? streamClosed() : new Uint8Array(0)
    const taken = held.subarray(0, max)
    this.#held = taken.byteLength < held.byteLength ? held.subarray(max) : undefined
    this.#usage.bytesRead += taken.byteLength
    return taken
  }

  /** Whether there is something to say now: bytes, or that none will come. */
  #fill(max: number): boolean {
    const came = this.#source.read(max)
    if (came === 'empty') return false
    if (came === 'closed') this.#closed = true
    else if (came.byteLength > 0) this.#held = came
    return this.#closed || this.#held !== undefined
  }
}

class StandardOutput implements OutputStream {
  readonly #sink: ByteSink
  readonly #waiter: Waiter
  readonly #usage: Usage
  permitted = 0

  constructor(sink: ByteSink, waiter: Waiter, usage: Usage) {
    this.#sink = sink
    this.#waiter = waiter
    this.#usage = usage
  }

  readonly capacity = (): number => this.#sink.capacity()
  readonly ready = (): boolean => this.#sink.capacity() > 0
  readonly flushed = (): boolean => this.#sink.flushed()

  /** All of it. A permit may be older than the room, because the stream has other handles: then this waits for room. */
  readonly write = (bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.byteLength; ) {
      this.#waiter.wait(this.ready)
      const count = Math.min(this.#sink.capacity(), bytes.byteLength - written)
      this.#sink.write(bytes.subarray(written, written + count))
      written += count
      this.#usage.bytesWritten += count
    }
  }

  drop(): void {}
}
