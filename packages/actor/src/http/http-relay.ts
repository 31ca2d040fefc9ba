import type { Socket } from 'node:net'
import { type LaneMemory, LaneWriter } from '@bulkhead/lane'
import { encodeFrame, FrameReader } from '../process/frames.js'
import { feedInput } from '../process/input-outlet.js'
import { OutputInlet } from '../process/output-inlet.js'
import type { HttpLanes } from './guest-exchange.js'
import { httpFrameBytesMax } from './limits.js'

/** The two directions between a pair of lanes and a socket: on one side of it stands a host, on the other a bridge. */
export type HttpRelayEnds = {
  /** What lies here goes out. */
  readonly outgoing: LaneMemory
  /** What comes in goes here. */
  readonly incoming: LaneMemory
  /** Something has moved in one of the lanes. */
  readonly onMoved: () => void
  /** What came is no frame. */
  readonly onBreach: (reason: string) => void
}

/** Moves frames between lanes and a socket, in both directions, with the pace of who reads them. */
export class HttpRelay {
  readonly #inlet: OutputInlet
  /** Resolves when everything that lay in the outgoing lane is in the socket, and the lane was closed by who made it. */
  readonly sent: Promise<void>

  constructor(socket: Socket, { outgoing, incoming, onMoved, onBreach }: HttpRelayEnds) {
    const frames = new FrameReader(httpFrameBytesMax)
    const cut = function* (bytes: Uint8Array): Iterable<Uint8Array> {
      frames.push(bytes)
      try {
        for (let frame = frames.next(); frame !== undefined; frame = frames.next()) yield frame
      } catch (thrown) {
        onBreach(thrown instanceof Error ? thrown.message : String(thrown))
      }
    }
    this.#inlet = new OutputInlet(socket, incoming, { cut, onCommit: onMoved })
    this.sent = feedInput(outgoing, socket, { frame: encodeFrame, onAdvance: onMoved, onGone: () => {} })
  }

  /** Resolves when all that came lies in the lane. */
  get received(): Promise<void> {
    return this.#inlet.done
  }

  /** The other side is ending, or has ended: what it left is read at once. */
  drain(): void {
    this.#inlet.drain()
  }
}

/**
 * The host's end. Nobody waits for what is on its way when the process ends: whoever reads the lane reads it to its end, and
 * that comes when all of it lies there.
 */
export function relayToProcess(
  { toGuest, fromGuest }: HttpLanes,
  socket: Socket,
  onBreach: (reason: string) => void,
): HttpRelay {
  const relay = new HttpRelay(socket, { outgoing: toGuest, incoming: fromGuest, onMoved: () => {}, onBreach })
  void relay.received.then(() => new LaneWriter(fromGuest).close())
  return relay
}
