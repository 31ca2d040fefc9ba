import { resolve } from 'node:path'
import { createRuntime, type Runtime } from 'bulkhead'
import { exitCodes } from './exit-codes.js'
import { humanRunLog } from './human-run-log.js'
import { jsonRunLog } from './json-run-log.js'
import type { StopSignal, Terminal } from './terminal.js'

export type RunFlags = { readonly log: 'human' | 'json' }

/**
 * `bulkhead run TREE`: starts the tree and stays until every child has ended or reached its `expect`, or until a signal
 * asks it to stop. A second signal ends the process without waiting for the children.
 *
 * @returns 0 when each child ended as its `expect` says, and after an orderly stop; else 1.
 */
export async function runCommand(tree: string, flags: RunFlags, terminal: Terminal): Promise<number> {
  const log = flags.log === 'json' ? jsonRunLog(terminal) : humanRunLog(terminal)
  const stop = stopRequest(terminal)
  let runtime: Runtime | undefined
  try {
    runtime = await createRuntime({
      tree: resolve(terminal.directory, tree),
      onProgress: log.progress,
      onHealth: log.health,
      onOutput: log.output,
      onDenied: log.denied,
    })
    const settlement = await Promise.race([runtime.settled, stop.requested])
    await runtime.stop()
    log.end(settlement?.children ?? runtime.children(), settlement?.asExpected)
    return settlement === undefined || settlement.asExpected ? exitCodes.done : exitCodes.failed
  } finally {
    await runtime?.stop()
    stop.close()
  }
}

/** Resolves to nothing when a signal came, or when nobody reads the log any more. */
function stopRequest(terminal: Terminal): { readonly requested: Promise<undefined>; readonly close: () => void } {
  let request: (nothing: undefined) => void = () => {}
  const requested = new Promise<undefined>((resolved) => {
    request = resolved
  })
  let asked = false
  const close = terminal.onSignal((signal) => {
    if (asked) terminal.exitNow(codeOf(signal))
    asked = true
    request(undefined)
  })
  terminal.stdout.onBroken(() => request(undefined))
  return { requested, close }
}

function codeOf(signal: StopSignal): number {
  return signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.terminated
}
