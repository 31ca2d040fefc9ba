import type { MemberOutcome } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Style } from '../sgr.js'

export type Order = 'start' | 'stop' | 'restart'

type Told = { readonly words: string; readonly style?: Style; readonly isDone?: true }

const told: Readonly<Record<MemberOutcome['outcome'], Told>> = {
  started: { words: 'started', style: 'green', isDone: true },
  restarted: { words: 'is stopped in order and started again', style: 'green', isDone: true },
  stopped: { words: 'stopped', isDone: true },
  sleeps: { words: 'sleeps; the next message wakes it', isDone: true },
  'runs-already': { words: 'runs already', isDone: true },
  'comes-back': { words: 'is down and comes back by itself', style: 'yellow' },
  waiting: { words: 'waits', style: 'yellow' },
  quarantined: { words: 'is quarantined: bulkhead release', style: 'red' },
  failed: { words: 'failed', style: 'red' },
  zombie: { words: 'was killed, and its end was not seen', style: 'red' },
  gone: { words: 'is not there any more', style: 'yellow' },
}

/**
 * `bulkhead start | stop | restart CHILD`: a child with all its members, or a supervisor with all below it.
 *
 * @returns 1 when one of them is not as it was ordered
 */
export async function orderCommand(order: Order, child: string, flags: StateFlags, session: Session): Promise<number> {
  const found = await atProcess(flags, session, (live) =>
    live.request(`child.${order}`, { child, author: authorOf(session.terminal) }),
  )
  answer(session.terminal, flags, found, ({ members }, paint) => {
    if (members.length === 0) return [`\`${printable(child)}\` has no members`]
    return members.map(({ child: member, outcome, why }) => {
      const { words, style } = told[outcome]
      const reason = why === undefined ? '' : `: ${printable(why)}`
      return `${printable(member)}  ${style === undefined ? words : paint(style, words)}${reason}`
    })
  })
  return found.members.every(({ outcome }) => told[outcome].isDone === true) ? exitCodes.done : exitCodes.failed
}
