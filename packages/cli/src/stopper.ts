import { exitCodes } from './exit-codes.js'
import type { StopSignal, Terminal } from './terminal.js'

/** For what goes on until it is stopped: the first signal ends it in order, a second one the process. */
export function stopper(
  terminal: Terminal,
  end: () => void,
): { readonly asked: () => boolean; readonly close: () => void } {
  let asked = false
  const stop = (signal?: StopSignal): void => {
    if (asked && signal !== undefined) {
      terminal.exitNow(signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated)
    }
    asked = true
    end()
  }
  terminal.stdout.onBroken(stop)
  return { asked: () => asked, close: terminal.onSignal(stop) }
}
