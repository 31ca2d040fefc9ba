import type { AdminClient, LiveCommands } from '@bulkhead/admin'
import type { Session } from './session.js'
import { type StateFlags, stateDirectoryOf } from './state-flags.js'

/** The process that runs a tree: messages pass, and children stand somehow, only there. */
export type Live = Pick<AdminClient<LiveCommands>, 'request' | 'stream' | 'close'>

/**
 * Connects to the process that uses a state directory. A power: handed to `main`, so that tests bring their own.
 *
 * @throws {BulkheadError} `runtime-unreachable` when there is none; nobody waits for one to come.
 */
export type OpenLive = (stateDirectory: string) => Promise<Live>

/** Asks the process that the flags mean, and lets go of it whatever happens. */
export async function atProcess<Result>(
  flags: StateFlags,
  { terminal, openLive }: Session,
  work: (live: Live) => Promise<Result>,
): Promise<Result> {
  const live = await openLive(await stateDirectoryOf(flags, terminal))
  try {
    return await work(live)
  } finally {
    await live.close()
  }
}
