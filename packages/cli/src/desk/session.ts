import type { Terminal } from '../terminal.js'
import type { Desk, OpenDesk } from './desk.js'
import type { OpenLive } from './live.js'
import { openPatiently } from './open-patiently.js'
import { type StateFlags, stateDirectoryOf } from './state-flags.js'

/** Everything that a command about a state directory may touch. */
export type Session = { readonly terminal: Terminal; readonly openDesk: OpenDesk; readonly openLive: OpenLive }

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
