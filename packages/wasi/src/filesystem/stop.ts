import { fail, WasiFailure } from '../wasi-failure.js'
import type { FileAction, FileAuthority, Place } from './file-authority.js'
import type { Stopped } from './walk.js'

/** Answers a walk that stopped: what the guest may know, after the decision on what it meant has been recorded. */
export function answerStopped(files: FileAuthority, stopped: Stopped, action: FileAction): never {
  if (stopped.kind === 'refused') return files.refuse(stopped.place, action, stopped.layer, stopped.reason)
  files.require(stopped.place, action)
  return fail(stopped.code)
}

/** Acts on a granted request. Where the operating system refuses all the same, that is a denial too, of the layer `os`. */
export function acting<T>(files: FileAuthority, place: Place, action: FileAction, act: () => T): T {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof WasiFailure && (thrown.payload === 'access' || thrown.payload === 'not-permitted')) {
      files.recordRefusal(place, action, 'os', 'the operating system refused')
    }
    throw thrown
  }
}
