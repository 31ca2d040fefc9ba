import type { AdministrativeRecord } from '@bulkhead/audit'
import type { HealthEventDraft } from '@bulkhead/vocabulary'

const isolating: ReadonlySet<HealthEventDraft['type']> = new Set([
  'child.reduced',
  'child.isolated',
  'child.quarantined',
  'child.half-open',
])

/** What the audit log says of a change of a child's rung; nothing of other events. A release is recorded before it is done. */
export function isolationRecord(draft: HealthEventDraft): AdministrativeRecord | undefined {
  const { type, child, incarnation, from, to, reason, level } = draft
  const isDescent = type === 'child.healthy' && level !== undefined
  if (child === undefined || !(isDescent || isolating.has(type))) return undefined
  return {
    event: 'isolation-changed',
    component: `component:${child}`,
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(reason === undefined ? {} : { reason }),
    details: { change: type, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  }
}
