import type { Journal } from '@bulkhead/audit'
import type { SupervisionTree } from '@bulkhead/supervisors'
import { BulkheadError, parseChildId } from '@bulkhead/vocabulary'
import type { KeptAccounts } from '../accounts/kept-accounts.js'
import type { TreeRoster } from './tree-roster.js'

export type ReleasePowers = {
  readonly roster: TreeRoster
  readonly supervision: SupervisionTree
  readonly journal: Journal
  readonly accounts: Pick<KeptAccounts, 'flush'>
}

/** An operator's word for a child: by whom, of whom, and why. */
export type ReleaseOrder = { readonly child: string; readonly reason: string; readonly author: string }

/** See `Runtime.release`. */
export async function release(
  { child, reason, author }: ReleaseOrder,
  { roster, supervision, journal, accounts }: ReleasePowers,
): Promise<readonly string[]> {
  const ids = roster.members.has(child) ? [child] : roster.membersOf(child)
  if (!roster.members.has(child) && !roster.children.has(child)) {
    throw new BulkheadError('usage', `the tree has no child \`${child}\``, {
      hint: `it has ${[...roster.children.keys()].map((id) => `\`${id}\``).join(', ')}`,
    })
  }
  const released: string[] = []
  for (const id of ids) {
    // ORDER: on record, then done, then on the disk.
    const held = supervision.child(parseChildId(id))
    if (held === undefined || (held.level === 'thread' && held.state !== 'quarantined')) continue
    await journal.note({ event: 'released', component: `component:${id}`, reason, details: { author } })
    if (supervision.release(parseChildId(id), reason).kind === 'released') released.push(id)
  }
  await accounts.flush()
  return released
}
