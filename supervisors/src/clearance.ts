import type { Admission, ChildPlan } from './child-port.js'
import type { Trust } from './planning/restart-spec.js'

/** What is known of a child's right to run at the moment at which it is about to start. Read once, and decided by once. */
export type Clearance = { readonly admission: Admission; readonly trust: Trust }

/** A plan whose word cannot be had is not a plan that says yes: the child waits, and is trusted with nothing. */
export function readClearance({ admission, trust }: Pick<ChildPlan, 'admission' | 'trust'>): Clearance {
  try {
    return {
      admission: admission === undefined ? { kind: 'open' } : admission.state(),
      trust: typeof trust === 'function' ? trust() : trust,
    }
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return { admission: { kind: 'waiting', reason: `its admission cannot be told: ${message}` }, trust: 'unknown' }
  }
}
