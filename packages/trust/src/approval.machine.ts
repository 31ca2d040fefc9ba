import type { ApprovalState } from '@bulkhead/vocabulary'
import { setup, transition } from 'xstate'

/** What can happen to the question whether a component may run. */
export type ApprovalEvent =
  /** It is trusted: nobody need be asked. */
  | { readonly type: 'trust' }
  /** Dev mode: nobody is asked. */
  | { readonly type: 'bypass' }
  | { readonly type: 'begin' }
  | { readonly type: 'approve' }
  | { readonly type: 'deny' }
  /** Anything that the fingerprint is over is another one now, or the level went down. */
  | { readonly type: 'change' }

/**
 * The approval machine (SPEC 6). A denial sticks: only an explicit approval or a change of what was denied leads out of it;
 * neither trust nor dev mode does.
 */
export const approvalMachine = setup({ types: { events: {} as ApprovalEvent } }).createMachine({
  id: 'approval',
  initial: 'pending',
  states: {
    pending: {
      on: {
        trust: 'auto-approved',
        bypass: 'bypassed',
        begin: 'reviewing',
        approve: 'approved',
        deny: 'denied',
        change: 'pending',
      },
    },
    reviewing: { on: { begin: 'reviewing', approve: 'approved', deny: 'denied', change: 'pending' } },
    approved: { on: { approve: 'approved', deny: 'denied', change: 'pending' } },
    denied: { on: { approve: 'approved', deny: 'denied', change: 'pending' } },
    'auto-approved': { on: { deny: 'denied', change: 'pending' } },
    bypassed: { on: { trust: 'auto-approved', approve: 'approved', deny: 'denied', change: 'pending' } },
  },
})

/** The state after an event, or `undefined` when the event cannot happen in this state. */
export function nextApprovalState(state: ApprovalState, event: ApprovalEvent): ApprovalState | undefined {
  const before = approvalMachine.resolveState({ value: state })
  if (!before.can(event)) return undefined
  return transition(approvalMachine, before, event)[0].value
}
