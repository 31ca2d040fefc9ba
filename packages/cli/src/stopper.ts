import { exitCodes } from './exit-codes.js'
import type { StopSignal, Terminal } from './terminal.js'

/** For what goes on until it is stopped: the first signal ends it in order, a second one the process. */
export function stopper(
  terminal: Terminal,
  end: () => void,
): {
  readonly asked: () => boolean
  /** What a command exits with that says how it was stopped: 130 or 143, and 0 where only its reader had gone. */
  readonly exitCode: () => number
  readonly close: () => void
} {
  let asked = false
  let exitCode: number = exitCodes.done
  const stop = (signal?: StopSignal): void => {
    if (asked && signal !== undefined) terminal.exitNow(codeOf(signal))
    if (signal !== undefined) exitCode = codeOf(signal)
    asked = true
    end()
  }
  terminal.stdout.onBroken(stop)
  return { asked: () => asked, exitCode: () => exitCode, close: terminal.onSignal(stop) }
}

function codeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}
