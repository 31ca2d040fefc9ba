import type { AdminCommands, OutputOf } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { printable } from '../printable.js'
import { exitCodeOfBindings, renderBinding } from '../render-binding.js'
import type { Paint } from '../sgr.js'
import { shortDigest } from '../wording.js'

export type ApproveFlags = StateFlags & {
  readonly narrow: readonly string[]
  readonly fingerprint?: string
  readonly reason?: string
}

export type DenyFlags = StateFlags & { readonly fingerprint?: string; readonly reason: string }

type Decided = OutputOf<AdminCommands, 'approve'>

/** `bulkhead approve CHILD`: lets a component run with what it asks for, or with what `--narrow` leaves of it. */
export async function approveCommand(child: string, flags: ApproveFlags, session: Session): Promise<number> {
  const input = {
    child,
    reason: flags.reason ?? '',
    author: authorOf(session.terminal),
    ...(flags.fingerprint === undefined ? {} : { fingerprint: flags.fingerprint }),
    ...(flags.narrow.length === 0 ? {} : { narrow: [...flags.narrow] }),
  }
  return report(await atDesk(flags, session, (desk) => desk.request('approve', input)), flags, session)
}

/** `bulkhead deny CHILD --reason …`: refuses a component; it stays refused until it is approved, or changes. */
export async function denyCommand(child: string, flags: DenyFlags, session: Session): Promise<number> {
  const input = {
    child,
    reason: flags.reason,
    author: authorOf(session.terminal),
    ...(flags.fingerprint === undefined ? {} : { fingerprint: flags.fingerprint }),
  }
  return report(await atDesk(flags, session, (desk) => desk.request('deny', input)), flags, session)
}

function report(decided: Decided, flags: StateFlags, { terminal }: Session): number {
  answer(terminal, flags, decided, renderDecided)
  return exitCodeOfBindings([decided.bound])
}

export function renderDecided({ child, fingerprint, decision, bound }: Decided, paint: Paint): readonly string[] {
  const verdict = paint(decision === 'approved' ? 'green' : 'red', decision)
  return [`${verdict}  ${printable(child)}  ${shortDigest(fingerprint)}`, renderBinding(bound, paint)]
}
