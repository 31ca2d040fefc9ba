import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { renderEffective } from './render-effective.js'
import { versionOf } from './version-number.js'

export type ShowFlags = StateFlags & { readonly text?: boolean; readonly version?: string }

/** `bulkhead policy show CHILD`: everything that decides what a child may do, or the text of its policy. */
export async function showCommand(child: string, flags: ShowFlags, session: Session): Promise<number> {
  await atDesk(flags, session, async (desk) => {
    if (flags.text !== true && flags.version === undefined) {
      const report = await desk.request('policy.show', { child })
      answer(session.terminal, flags, report, renderEffective)
      return
    }
    const version = flags.version === undefined ? {} : { version: versionOf(flags.version) }
    const found = await desk.request('policy.text', { child, ...version })
    // A document goes out byte for byte, so that it can be written to a file and signed.
    answer(session.terminal, flags, found, ({ text }) => [text.replace(/\n$/, '')])
  })
  return exitCodes.done
}
