import type { Mark } from './processing-mark.js'

/** What happens to a message whose receiver ended while it was processing it (SPEC 10). */
export type DeliveryMode = 'once' | 'redeliver'

/**
 * The fate of the one message that was in processing. All others stay where they are: they were accepted and nobody has
 * begun with them.
 */
export type RecoveryPlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'dead-letter'; readonly reason: 'lost-in-crash' | 'poison' }
  | { readonly kind: 'redeliver'; readonly attempt: number }

/**
 * Decides about the message that a mark names, once the end of the marking worker was seen (DESIGN D9).
 *
 * @param found the head of the marked lane: its position, and how often the message there was begun before, as the host
 * counts it (the mark's own count is a claim of a worker that may want to see a message for ever); `undefined` when the
 * mailbox has no such lane or the lane is empty.
 */
export function planRecovery(
  mark: Mark | undefined,
  found: { readonly position: number; readonly attempt: number } | undefined,
  mode: DeliveryMode,
): RecoveryPlan {
  if (mark === undefined || found === undefined || mark.position !== found.position) return { kind: 'nothing' }
  if (mode === 'once') return { kind: 'dead-letter', reason: 'lost-in-crash' }
  if (found.attempt > 0) return { kind: 'dead-letter', reason: 'poison' }
  return { kind: 'redeliver', attempt: found.attempt + 1 }
}
