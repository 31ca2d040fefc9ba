import { GuestMisuse } from '../endings.js'
import { pieceBytes } from '../limits.js'
import type { InterfaceImplementation } from '../link.js'
import { clampLength } from './lengths.js'
import type { Poller } from './poller.js'
import type { InputStream, OutputStream, StreamClasses } from './stream-classes.js'

type StreamPowers = {
  readonly classes: StreamClasses
  readonly poller: Poller
  readonly readBytesPerCallMax: number
}

/** `wasi:io/streams`: one set of functions over whatever a stream is made of. */
export function ioStreams(powers: StreamPowers): InterfaceImplementation {
  return {
    name: 'wasi:io/streams',
    functions: { ...inputFunctions(powers), ...outputFunctions(powers) },
  }
}

function inputFunctions({ classes, poller, readBytesPerCallMax }: StreamPowers): InterfaceImplementation['functions'] {
  const read = (stream: InputStream, length: bigint): Uint8Array =>
    stream.read(clampLength(length, readBytesPerCallMax))
  const skip = (stream: InputStream, length: bigint): bigint =>
    BigInt(stream.read(clampLength(length, pieceBytes)).byteLength)
  /**
   * Waits for bytes, not for none: a length of 0 is answered at once. What the network has is asked for before it is waited
   * for: mostly it is there.
   */
  const blocking =
    <T extends Uint8Array | bigint>(act: (stream: InputStream, length: bigint) => T) =>
    (stream: InputStream, length: bigint): T => {
      if (length === 0n) return act(stream, length)
      if (stream.interest === undefined) poller.wait(stream)
      for (;;) {
        const came = act(stream, length)
        if (typeof came === 'bigint' ? came > 0n : came.byteLength > 0) return came
        poller.wait(stream)
      }
    }
  return {
    '[method]input-stream.read': read,
    '[method]input-stream.blocking-read': blocking(read),
    '[method]input-stream.skip': skip,
    '[method]input-stream.blocking-skip': blocking(skip),
    '[method]input-stream.subscribe': (stream: InputStream) =>
      classes.pollable.mint({ ready: stream.ready, interest: stream.interest, drop() {} }),
  }
}

function outputFunctions({ classes, poller }: StreamPowers): InterfaceImplementation['functions'] {
  return {
    '[method]output-stream.check-write': (stream: OutputStream) => BigInt(checkWrite(stream)),
    '[method]output-stream.write': (stream: OutputStream, bytes: Uint8Array) => {
      usePermit(stream, bytes.byteLength)
      stream.write(bytes)
    },
    '[method]output-stream.blocking-write-and-flush': (stream: OutputStream, bytes: Uint8Array) =>
      writeAll(poller, stream, bytes),
    // Nothing of what was written waits for a flush: it is on its way.
    '[method]output-stream.flush': (stream: OutputStream) => void stream.capacity(),
    '[method]output-stream.blocking-flush': (stream: OutputStream) => {
      stream.capacity()
      flush(poller, stream)
    },
    '[method]output-stream.subscribe': (stream: OutputStream) =>
      classes.pollable.mint({ ready: stream.ready, interest: stream.interest, drop() {} }),
    '[method]output-stream.write-zeroes': (stream: OutputStream, length: bigint) => {
      const count = clampLength(length, Number.MAX_SAFE_INTEGER)
      usePermit(stream, count)
      writeZeroes(count, (zeroes) => stream.write(zeroes))
    },
    '[method]output-stream.blocking-write-zeroes-and-flush': (stream: OutputStream, length: bigint) =>
      writeZeroes(clampLength(length, Number.MAX_SAFE_INTEGER), (zeroes) => writeAll(poller, stream, zeroes)),
    '[method]output-stream.splice': (stream: OutputStream, source: InputStream, length: bigint) =>
      splice(stream, source, length),
    '[method]output-stream.blocking-splice': (stream: OutputStream, source: InputStream, length: bigint) => {
      if (length > 0n) {
        poller.wait(stream)
        poller.wait(source)
      }
      return splice(stream, source, length)
    },
  }
}

function checkWrite(stream: OutputStream): number {
  stream.permitted = stream.capacity()
  return stream.permitted
}

/** WIT: a write beyond what `check-write` permitted traps. */
function usePermit(stream: OutputStream, count: number): void {
  if (count > stream.permitted) {
    throw new GuestMisuse(`a write of ${count} bytes where check-write permitted ${stream.permitted}`)
  }
  stream.permitted -= count
}

function writeAll(poller: Poller, stream: OutputStream, bytes: Uint8Array): void {
  // A stream that is closed says so also for no bytes.
  stream.capacity()
  for (let written = 0; written < bytes.byteLength; ) {
    // Also when there is room: the wait is where a call that goes on for long learns of a new policy (D3).
    poller.wait(stream)
    const count = Math.min(stream.capacity(), bytes.byteLength - written)
    stream.write(bytes.subarray(written, written + count))
    written += count
  }
  stream.permitted = 0
  if (stream.flushInterest !== undefined) flush(poller, stream)
}

/** Waits until everything is taken over; what went wrong meanwhile is told now. */
function flush(poller: Poller, stream: OutputStream): void {
  poller.wait({ ready: stream.flushed, interest: stream.flushInterest })
  stream.capacity()
}

const zeroPiece = new Uint8Array(pieceBytes)

function writeZeroes(count: number, write: (zeroes: Uint8Array) => void): void {
  for (let left = count; left > 0; left -= pieceBytes)
    write(left < pieceBytes ? zeroPiece.subarray(0, left) : zeroPiece)
}

function splice(stream: OutputStream, source: InputStream, length: bigint): bigint {
  const count = Math.min(clampLength(length, pieceBytes), stream.capacity())
  if (count === 0) return 0n
  const bytes = source.read(count)
  if (bytes.byteLength > 0) stream.write(bytes)
  return BigInt(bytes.byteLength)
}
