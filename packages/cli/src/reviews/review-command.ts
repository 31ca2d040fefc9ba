import type { ReviewSummary } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { authorOf } from '../desk/author.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { instantText, shortDigest } from '../wording.js'
import { renderReview } from './render-review.js'

/** `bulkhead review [CHILD]`: the queue, or what one component asks for and what deserves a second look. */
export async function reviewCommand(child: string | undefined, flags: StateFlags, session: Session): Promise<number> {
  const { terminal } = session
  await atDesk(flags, session, async (desk) => {
    if (child === undefined) answer(terminal, flags, await desk.request('reviews', {}), renderQueue)
    else answer(terminal, flags, await desk.request('review', { child, author: authorOf(terminal) }), renderReview)
  })
  return exitCodes.done
}

const columns: readonly Column[] = [
  { title: 'child', align: 'left' },
  { title: 'state', align: 'left' },
  { title: 'since', align: 'left' },
  { title: 'trust', align: 'left' },
  { title: 'asks', align: 'right' },
  { title: 'risks', align: 'right' },
  { title: 'reviewer', align: 'left' },
  { title: 'fingerprint', align: 'left' },
]

export function renderQueue(
  { reviews }: { readonly reviews: readonly ReviewSummary[] },
  paint: Paint,
): readonly string[] {
  if (reviews.length === 0) return ['nothing waits for a review']
  const rows = reviews.map((one) => [
    printable(one.child),
    one.state,
    instantText(one.requestedAt),
    one.trust,
    String(one.capabilities),
    String(one.risks),
    printable(one.reviewer ?? ''),
    shortDigest(one.fingerprint),
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body, '', 'bulkhead review CHILD shows what it asks for']
}
