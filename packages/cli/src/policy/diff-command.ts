import type { PolicyDiffReport } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { versionOf } from './version-number.js'

/** `bulkhead policy diff CHILD [FROM] [TO]`: how two versions differ; by default the current one and the one before. */
export async function diffCommand(
  child: string,
  from: string | undefined,
  to: string | undefined,
  flags: StateFlags,
  session: Session,
): Promise<number> {
  const input = {
    child,
    ...(from === undefined ? {} : { from: versionOf(from) }),
    ...(to === undefined ? {} : { to: versionOf(to) }),
  }
  const report = await atDesk(flags, session, (desk) => desk.request('policy.diff', input))
  answer(session.terminal, flags, report, renderDiff)
  return exitCodes.done
}

export function renderDiff({ from, to, changes }: PolicyDiffReport, paint: Paint): readonly string[] {
  const head = paint('bold', `${printable(from)} → ${printable(to)}`)
  if (changes.length === 0) return [head, 'no difference in what they say']
  return [
    head,
    ...changes.flatMap(({ change, section, text, before }) => {
      const line = `${printable(section)} ${printable(text)}`
      if (change === 'added') return [paint('green', `+ ${line}`)]
      if (change === 'removed') return [paint('red', `- ${line}`)]
      return [paint('red', `- ${printable(section)} ${printable(before ?? '')}`), paint('green', `+ ${line}`)]
    }),
  ]
}
