import { wireFromUnknown } from '@bulkhead/vocabulary'
import { GuestExit, GuestMisuse, Poisoned, ResourceExceeded } from '@bulkhead/wasi'
import { trapFramesMax } from './limits.js'
import type { GuestOutcome } from './protocol.js'
import { trapFrames } from './trap-frames.js'

/**
 * What a thrown value says about how the guest ended.
 *
 * @param stopping whether the host has asked for a stop.
 * @param entered whether the guest's own code had been entered by its entry point.
 */
export function outcomeOfThrown(thrown: unknown, stopping: boolean, entered: boolean): GuestOutcome {
  if (thrown instanceof GuestExit) return { kind: 'exited', code: thrown.code & 0xff }
  if (stopping) return { kind: 'stopped' }
  if (thrown instanceof ResourceExceeded) return { kind: 'exceeded', message: thrown.message }
  if (thrown instanceof GuestMisuse) return { kind: 'trapped', message: thrown.message, frames: [] }
  if (thrown instanceof Poisoned) return { kind: 'poisoned', message: thrown.message }
  if (thrown instanceof WebAssembly.RuntimeError) {
    return { kind: 'trapped', message: thrown.message, frames: trapFrames(thrown.stack ?? '', trapFramesMax) }
  }
  if (thrown instanceof RangeError && /call stack/i.test(thrown.message)) {
    return { kind: 'trapped', message: 'call stack exhausted', frames: trapFrames(thrown.stack ?? '', trapFramesMax) }
  }
  if (isReturnedError(thrown)) return { kind: 'returned', ok: false }
  // A guest that exhausts the stack makes the glue throw whatever it was at: after the entry that is the guest's doing.
  if (entered) return { kind: 'trapped', message: messageOf(thrown), frames: [] }
  return { kind: 'unstartable', error: wireFromUnknown(thrown) }
}

/**
 * A function of the guest returned `err`: the glue throws its payload as it is, `undefined` where there is none. Whatever
 * else is thrown, by the engine, the glue or the host, is an `Error`, which no payload can be.
 */
export function isReturnedError(thrown: unknown): boolean {
  return !(thrown instanceof Error)
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
