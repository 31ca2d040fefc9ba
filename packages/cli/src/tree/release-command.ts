import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'

export type ReleaseFlags = StateFlags & { readonly reason: string }

/**
 * `bulkhead release CHILD --reason TEXT`: holds nothing against a child any more.
 *
 * @returns 1 when nothing was held against it
 */
export async function releaseCommand(child: string, flags: ReleaseFlags, session: Session): Promise<number> {
  const { terminal } = session
  const input = { child, reason: flags.reason, author: authorOf(terminal) }
  const found = await atProcess(flags, session, (live) => live.request('release', input))
  answer(terminal, flags, found, ({ released }) =>
    released.length === 0
      ? [`nothing is held against \`${printable(child)}\``]
      : released.map((id) => `released ${printable(id)}`),
  )
  return found.released.length === 0 ? exitCodes.failed : exitCodes.done
}
