import { assertNever } from '@bulkhead/vocabulary'
import type { AutoShutdown } from '../supervisor-plan.js'

/**
 * Whether a supervisor ends because a child did. Pure. Asked only about ends that the child came to by itself: what is
 * stopped by an administrative call, or together with its group, ends nobody.
 *
 * @param significantLeft significant siblings that have not ended.
 */
export function endsSupervisor(mode: AutoShutdown, isSignificant: boolean, significantLeft: number): boolean {
  if (!isSignificant) return false
  switch (mode) {
    case 'never':
      return false
    case 'any_significant':
      return true
    case 'all_significant':
      return significantLeft === 0
    default:
      return assertNever(mode)
  }
}
