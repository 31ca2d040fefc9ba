import type { Socket } from 'node:net'
import { type LaneMemory, LaneReader, LaneWriter } from '@bulkhead/lane'

/** How records of a lane travel in a socket, and who is told that one has gone. */
export type Feeding = {
  readonly frame?: (record: Uint8Array) => Uint8Array
  readonly onAdvance?: () => void
  /** The socket takes no more; when left out the lane is closed for its writer. */
  readonly onGone?: () => void
}

/** Moves what lies in a lane into a socket, and ends the socket with the lane. Never throws: a reader that is gone reads nothing. */
export async function feedInput(
  lane: LaneMemory,
  socket: Socket,
  { frame = (record) => record, onAdvance = () => {}, onGone = () => new LaneWriter(lane).close() }: Feeding = {},
): Promise<void> {
  const reader = new LaneReader(lane, { onAdvance })
  socket.on('error', () => {})
  // Its input may have more to give, or never end: nobody waits for that.
  socket.once('close', onGone)
  while (!reader.closed && !socket.destroyed) {
    await reader.readable({ keepAlive: false })
    for (let record = reader.read(); record !== undefined; record = reader.read()) {
      if (!socket.destroyed && !socket.write(frame(record))) await room(socket)
    }
  }
  socket.end()
}

/** Resolves when the socket takes more, or never will. */
function room(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      socket.off('drain', go)
      socket.off('close', go)
      resolve()
    }
    socket.once('drain', go)
    socket.once('close', go)
  })
}
