import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'

/** `bulkhead shutdown`: ends the running process in order, as SIGTERM does. It is answered before the process has ended. */
export async function shutdownCommand(flags: StateFlags, session: Session): Promise<number> {
  const found = await atProcess(flags, session, (live) =>
    live.request('shutdown', { author: authorOf(session.terminal) }),
  )
  answer(session.terminal, flags, found, () => ['the process stops its children, and ends'])
  return exitCodes.done
}
