import { fail, WasiFailure } from '../wasi-failure.js'
import type { FileAsk, FileAuthority, Place } from './file-authority.js'
import type { Stopped } from './walk.js'

/** Answers a walk that stopped: what the guest may know, after the decision on what it meant has been recorded. */
export function answerStopped(files: FileAuthority, stopped: Stopped, ask: FileAsk): never {
  if (stopped.kind === 'refused') return files.refuse(stopped.place, ask, stopped.layer, stopped.reason)
  files.require(stopped.place, ask)
  return fail(stopped.code)
}

/** Acts on a granted request. Where the operating system refuses all the same, that is a denial too, of the layer `os`. */
export function acting<T>(files: FileAuthority, place: Place, ask: FileAsk, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof WasiFailure && (thrown.payload === 'access' || thrown.payload === 'not-permitted')) {
      files.recordRefusal(place, ask, 'os', 'the operating system refused')
    }
    throw thrown
  }
}
