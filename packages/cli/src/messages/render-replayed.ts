import type { ReplayReport } from '@bulkhead/admin'
import { lettersNamedMax } from '../limits.js'
import type { Paint } from '../sgr.js'
import { counted } from '../wording.js'

const words: Readonly<Record<ReplayReport['outcome'], string>> = {
  sent: 'sent again',
  'no-subscriber': 'nobody is subscribed to its topic now; it is kept',
  overloaded: 'its receiver has no room now; it is kept',
  'not-found': 'there is no such dead letter (any more)',
  'answers-nobody': 'nobody waits for this answer any more; it is kept',
}

/** How many letters were sent again, and what became of each of the others. */
export function renderReplayed(
  { letters }: { readonly letters: readonly ReplayReport[] },
  paint: Paint,
): readonly string[] {
  const others = letters.filter(({ outcome }) => outcome !== 'sent')
  const lines = others.slice(0, lettersNamedMax).map(({ id, outcome }) => `${id}: ${paint('yellow', words[outcome])}`)
  const rest = others.length - lines.length
  const sent = letters.length - others.length
  const counts =
    sent === letters.length ? counted(sent, 'dead letter') : `${sent} of ${counted(letters.length, 'dead letter')}`
  return [`sent ${counts} again`, ...lines, ...(rest === 0 ? [] : [`${rest} more were not sent`])]
}
