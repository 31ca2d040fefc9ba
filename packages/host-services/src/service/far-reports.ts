import { deniedReportsMax } from '../limits.js'
import type { FarDenial } from './channel-authority.js'
import type { FromService } from './protocol.js'

/**
 * Tells the host of the denials of one channel: at most so many are on their way at once, so that a worker which asks and
 * asks fills no queue of ours.
 */
export function farReports(
  channel: number,
  denialsTaken: SharedArrayBuffer,
  post: (message: FromService) => void,
): (denial: FarDenial) => boolean {
  const taken = new Int32Array(denialsTaken)
  let sent = Atomics.load(taken, 0)
  return (denial) => {
    if (((sent - Atomics.load(taken, 0)) | 0) >= deniedReportsMax) return false
    sent = (sent + 1) | 0
    post({ type: 'denied', channel, denial })
    return true
  }
}
