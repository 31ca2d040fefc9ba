import { portPicksMax } from '../limits.js'
import type { NetworkDesk } from './network-desk.js'
import type { SocketPowers } from './socket-powers.js'

/** The ports that belong to nobody (RFC 6335). */
const firstPort = 49_152
const portCount = 16_384

/**
 * Chooses ports for guests that bind to port 0. It is done here and not by the system, so that what is decided, recorded and
 * shown to the operator is the port that is taken. The last pick is given back also where it may not be had: it is refused
 * where it is asked for, like any other.
 */
export function portPicker(desk: NetworkDesk, fillRandom: (bytes: Uint8Array) => void): SocketPowers['pickPort'] {
  return (protocol, { address }) => {
    const random = new Uint16Array(portPicksMax)
    fillRandom(new Uint8Array(random.buffer))
    const picks = [...random].map((value) => ({ address, port: firstPort + (value % portCount) }))
    const [first = { address, port: firstPort }] = picks
    return picks.find((pick) => desk.permitsBind(protocol, pick)) ?? first
  }
}
