// When a tree is ready: what was to start has started. It does not become unready again by what happens to one child, which
// is what supervision is for; a load balancer that took the whole process out for it would make one fault everybody's.

import type { ChildState, SupervisorState } from '@bulkhead/supervisors'
import type { ApprovalState } from '@bulkhead/vocabulary'
import type { TreeView } from '../administration/tree-view.js'
import type { HealthCounts } from './health-counts.js'

/** A supervisor that has not yet begun with its work. */
const notStarted: ReadonlySet<SupervisorState> = new Set(['declared', 'reconcile', 'starting'])
const over: ReadonlySet<SupervisorState> = new Set(['escalating', 'stopping', 'stopped'])
/** The tree does not want it to run now, or only an operator can change that it does not. */
const notAwaited: ReadonlySet<ChildState> = new Set([
  'dormant',
  'completed',
  'stopped',
  'failed',
  'quarantined',
  'removed',
])

/** Nobody has said yet that it may run, or somebody has said that it may not. */
const undecided: ReadonlySet<ApprovalState> = new Set(['pending', 'reviewing', 'denied'])

/** Everything below a supervisor that keeps it from being ready, in words; none: it is. */
export function unreadiness(root: TreeView, counts: HealthCounts): readonly string[] {
  const ended = over.has(root.state) ? [`the tree is ${root.state}`] : []
  return [...ended, ...ofSupervisor(root, counts)]
}

function ofSupervisor({ name, state, children }: TreeView, counts: HealthCounts): readonly string[] {
  const own = notStarted.has(state) ? [`supervisor \`${name}\` has not started yet: ${state}`] : []
  const below = children.flatMap((member): readonly string[] => {
    if (member.kind === 'supervisor') return ofSupervisor(member, counts)
    const { id, state, reason, approval } = member
    if (counts.wasReady(id) || notAwaited.has(state) || (state === 'waiting' && undecided.has(approval))) return []
    return [`\`${id}\` has not been ready yet: ${state}${reason === undefined ? '' : `, ${reason}`}`]
  })
  return [...own, ...below]
}
