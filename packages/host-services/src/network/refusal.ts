import type { Decision } from '@bulkhead/vocabulary'

export type Refused = Extract<Decision, { readonly verdict: 'denied' }>

/** Refused by a rule of its own, not for want of one: no name that leads to the address helps. */
export function isRefusal(decision: Decision): decision is Refused {
  if (decision.verdict === 'granted') return false
  return decision.rule !== undefined || ['forbidden', 'deny', 'error'].includes(decision.layer)
}
