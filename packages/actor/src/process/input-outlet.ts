import type { Socket } from 'node:net'
import { type LaneMemory, LaneReader, LaneWriter } from '@bulkhead/lane'

/** Moves what lies in a lane into a socket, and ends the socket with the lane. Never throws: a reader that is gone reads nothing. */
export async function feedInput(lane: LaneMemory, socket: Socket): Promise<void> {
  const reader = new LaneReader(lane)
  socket.on('error', () => {})
  // Its input may have more to give, or never end: nobody waits for that.
  socket.once('close', () => new LaneWriter(lane).close())
  while (!reader.closed && !socket.destroyed) {
    await reader.readable({ keepAlive: false })
    for (let record = reader.read(); record !== undefined; record = reader.read()) {
      if (!socket.destroyed && !socket.write(record)) await room(socket)
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
