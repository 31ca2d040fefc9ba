import { setTimeout } from 'node:timers/promises'
import { BulkheadError } from '@bulkhead/vocabulary'
import { deskPatienceMs, deskRetryMs } from '../limits.js'
import type { Terminal } from '../terminal.js'
import type { Desk, OpenDesk } from './desk.js'
import { type StateFlags, stateDirectoryOf } from './state-flags.js'

/** Everything that a command about a state directory may touch. */
export type Session = { readonly terminal: Terminal; readonly openDesk: OpenDesk }

/** Opens the desk that the flags mean, and closes it whatever happens. */
export async function atDesk<Result>(
  flags: StateFlags,
  { terminal, openDesk }: Session,
  work: (desk: Desk) => Promise<Result>,
): Promise<Result> {
  const desk = await openPatiently(await stateDirectoryOf(flags, terminal), openDesk)
  try {
    return await work(desk)
  } finally {
    await desk.close()
  }
}

/**
 * Two commands on a directory that no process uses come one after the other: the second finds it held by somebody who does
 * not answer, for as long as the first takes. So does who comes while a process starts or stops.
 */
async function openPatiently(stateDirectory: string, openDesk: OpenDesk): Promise<Desk> {
  const end = performance.now() + deskPatienceMs
  for (;;) {
    try {
      return await openDesk(stateDirectory)
    } catch (thrown) {
      const busy = thrown instanceof BulkheadError && thrown.code === 'runtime-unreachable'
      if (!busy || performance.now() >= end) throw thrown
      await setTimeout(deskRetryMs)
    }
  }
}
