// The worker's ends of stdin, stdout and stderr: lanes seen as non-blocking byte sources and sinks. Waiting is the poll's
// business; the host bumps the wake word whenever it commits input or frees room.

import { type LaneMemory, LaneReader, LaneWriter } from '@bulkhead/lane'
import type { ByteSink, ByteSource } from '@bulkhead/wasi'
import { stdioChunkBytesMax } from './limits.js'

/** A program that was given no input reads the end of file at once. */
export const emptySource: ByteSource = { read: () => 'closed' }

export function laneSource(memory: LaneMemory): ByteSource {
  const reader = new LaneReader(memory)
  let rest: Uint8Array = new Uint8Array(0)
  return {
    read: (max) => {
      if (rest.length === 0) {
        // `closed` is read before the lane is: what was committed before the close must not be lost.
        const closed = reader.closed
        const record = reader.read()
        if (record === undefined) return closed ? 'closed' : 'empty'
        rest = record
      }
      const piece = rest.subarray(0, max)
      rest = rest.subarray(piece.length)
      return piece
    },
  }
}

export function laneSink(memory: LaneMemory): ByteSink {
  const writer = new LaneWriter(memory)
  return {
    capacity: () => Math.min(writer.capacity(), stdioChunkBytesMax),
    write: (bytes) => {
      for (let at = 0; at < bytes.length; at += stdioChunkBytesMax) {
        writer.tryWrite(bytes.subarray(at, at + stdioChunkBytesMax))
      }
    },
    flushed: () => true,
  }
}
