import type { HealthEvent } from '@bulkhead/vocabulary'
import { durationText } from './format.js'

/** What a health event says, in one line. Its reason may quote a component: it is only ever set as text. */
export function describeEvent(event: HealthEvent): string {
  const { from, to, reason, delayMs, restartsLeft, tookMs, level } = event
  const parts = [
    from === undefined && to === undefined ? '' : `${from ?? '?'} → ${to ?? '?'}`,
    reason ?? '',
    event.class === undefined ? '' : `class ${event.class}`,
    level === undefined ? '' : `level ${level}`,
    delayMs === undefined ? '' : `again in ${delayMs < 1000 ? `${Math.round(delayMs)} ms` : durationText(delayMs)}`,
    restartsLeft === undefined ? '' : `${restartsLeft} restarts left`,
    tookMs === undefined ? '' : `took ${Math.round(tookMs)} ms`,
  ]
  return parts.filter((part) => part !== '').join(' · ')
}

const gravest = /^(security\.|child\.(quarantined|zombie|isolated)|supervisor\.escalated|journal\.stalled|host\.)/
const grave =
  /\.(degraded|exited|reduced|held|waiting|throttled|failed|rejected|overloaded|exceeded|warning)$|dead-letter/

/** How much an event wants to be looked at. */
export function gravityOf(type: string): 'bad' | 'warn' | 'quiet' {
  return gravest.test(type) ? 'bad' : grave.test(type) ? 'warn' : 'quiet'
}
