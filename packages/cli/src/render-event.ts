import { formatDuration, type HealthEvent } from '@bulkhead/vocabulary'
import { padEndToWidth } from './display-width.js'
import { printable } from './printable.js'
import type { Paint, Style } from './sgr.js'

const typeColumns = 20
const styles: Readonly<Partial<Record<HealthEvent['type'], Style>>> = {
  'child.ready': 'green',
  'child.restarted': 'green',
  'child.restarting': 'yellow',
  'child.waiting': 'yellow',
  'child.degraded': 'yellow',
  'approval.requested': 'yellow',
  'message.dead-lettered': 'yellow',
  'mailbox.overloaded': 'yellow',
  'quota.warning': 'yellow',
  'policy.rejected': 'red',
  'child.quarantined': 'red',
  'child.zombie': 'red',
  'security.violation': 'red',
  'security.forged-handle': 'red',
  'security.type-violation': 'red',
  'security.digest-mismatch': 'red',
  'quota.exceeded': 'red',
  'incident.recorded': 'red',
  'incident.failed': 'red',
  'journal.stalled': 'red',
  'audit.transport-failed': 'yellow',
  'supervisor.escalated': 'red',
}

/**
 * One health event as one line: time, type, who, and what is to be known about it.
 *
 * @example
 * ```
 * 09:41:00.312 child.restarting     flaky  in 200 ms, 2 restarts left: exit code 1
 * ```
 */
export function renderEvent(event: HealthEvent, paint: Paint): string {
  const style = styles[event.type]
  const padded = padEndToWidth(event.type, typeColumns)
  const type = style === undefined ? padded : paint(style, padded)
  const detail = detailOf(event)
  const who = printable(event.child ?? event.supervisor)
  return `${paint('dim', clockTime(event.time))} ${type} ${who}${detail === '' ? '' : `  ${detail}`}`
}

/** Wall clock time of day in UTC, to the millisecond. */
export function clockTime(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(11, 23)
}

function detailOf(event: HealthEvent): string {
  const parts: string[] = []
  if (event.from !== undefined && event.to !== undefined) parts.push(`${event.from} → ${event.to}`)
  const delay = delayOf(event)
  if (delay !== undefined) parts.push(delay)
  if (event.restartsLeft !== undefined) parts.push(countOf(event.restartsLeft))
  if (event.tookMs !== undefined) parts.push(`ready again after ${formatDuration(event.tookMs)}`)
  if (event.level !== undefined) parts.push(`level ${event.level}`)
  if (event.class !== undefined) parts.push(event.class)
  const facts = parts.join(', ')
  if (event.reason === undefined) return facts
  const reason = printable(event.reason)
  return facts === '' ? reason : `${facts}: ${reason}`
}

/** When a child comes back by itself. */
function delayOf({ type, delayMs }: HealthEvent): string | undefined {
  const isQuarantine = type === 'child.quarantined'
  if (delayMs === undefined) return isQuarantine ? 'until it is released' : undefined
  return `${isQuarantine ? 'tried again ' : ''}in ${formatDuration(delayMs)}`
}

function countOf(restartsLeft: number): string {
  return restartsLeft === 1 ? '1 restart left' : `${restartsLeft} restarts left`
}
