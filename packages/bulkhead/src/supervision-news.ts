// What of the news of supervision concerns more than supervision.

import type { HealthEventDraft } from '@bulkhead/vocabulary'

/** Whether a child has ended and will not come back: it is not waited for with what lies in its mailbox. */
export function isForGood({ type, to }: HealthEventDraft): boolean {
  return type === 'child.removed' || (type === 'child.stopped' && (to === 'completed' || to === 'failed'))
}

/** After these a member of a pool is sent to no more, or again. */
export const outOf: ReadonlySet<HealthEventDraft['type']> = new Set([
  'child.quarantined',
  'child.half-open',
  'child.ready',
])

/** After these a policy that the child shares may begin or cease to be in force. */
export const changesShares: ReadonlySet<HealthEventDraft['type']> = new Set([
  'child.starting',
  'child.quarantined',
  'child.stopped',
  'child.removed',
])
