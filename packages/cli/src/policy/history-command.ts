import type { PolicyVersionReport } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { instantText, shortDigest } from '../wording.js'

/** `bulkhead policy history CHILD`: who put which policy in force, newest first. */
export async function historyCommand(child: string, flags: StateFlags, session: Session): Promise<number> {
  const { versions } = await atDesk(flags, session, (desk) => desk.request('policy.history', { child }))
  answer(session.terminal, flags, { child, versions }, renderHistory)
  return exitCodes.done
}

const columns: readonly Column[] = [
  { title: 'version', align: 'right' },
  { title: '', align: 'left' },
  { title: 'time', align: 'left' },
  { title: 'by', align: 'left' },
  { title: 'document', align: 'left' },
  { title: 'hash', align: 'left' },
  { title: 'reason', align: 'left' },
]

type History = { readonly child: string; readonly versions: readonly PolicyVersionReport[] }

export function renderHistory({ child, versions }: History, paint: Paint): readonly string[] {
  if (versions.length === 0) return [`${printable(child)} has no policy of its own: what was approved is the policy`]
  const rows = versions.map((one) => [
    String(one.version),
    one.current ? '*' : '',
    instantText(one.time),
    printable(one.author),
    `${printable(one.file)}${one.signature === undefined ? '' : ` (signed, sequence ${one.signature.sequence})`}`,
    shortDigest(one.hash),
    `${one.rolledBackTo === undefined ? '' : `back to ${one.rolledBackTo} `}${printable(one.reason)}`.trim(),
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body]
}
