import type { OperatorGrantReport } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { instantText, shortDigest } from '../wording.js'

/** `bulkhead grants [CHILD]`: what operators granted beside the documents. */
export async function grantsCommand(child: string | undefined, flags: StateFlags, session: Session): Promise<number> {
  const found = await atDesk(flags, session, (desk) => desk.request('grants', child === undefined ? {} : { child }))
  answer(session.terminal, flags, found, renderGrants)
  return exitCodes.done
}

const columns: readonly Column[] = [
  { title: 'child', align: 'left' },
  { title: 'capability', align: 'left' },
  { title: 'pattern', align: 'left' },
  { title: 'by', align: 'left' },
  { title: 'since', align: 'left' },
  { title: 'until', align: 'left' },
  { title: 'component', align: 'left' },
  { title: 'reason', align: 'left' },
]

export function renderGrants(
  { grants }: { readonly grants: readonly OperatorGrantReport[] },
  paint: Paint,
): readonly string[] {
  if (grants.length === 0) return ['no operator granted anything']
  const rows = grants.map((one) => [
    printable(one.child),
    printable(`${one.kind}.${one.action}`),
    printable(one.pattern),
    printable(one.grantedBy),
    instantText(one.time),
    one.expiresAt === undefined ? 'revoked' : instantText(one.expiresAt),
    shortDigest(one.digest),
    printable(one.reason ?? ''),
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body]
}
