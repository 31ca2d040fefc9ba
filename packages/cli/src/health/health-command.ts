import type { HealthStatusReport } from '@bulkhead/admin'
import { formatAge } from '@bulkhead/vocabulary'
import { answer } from '../answer.js'
import { atProcess } from '../desk/live.js'
import type { Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { counted } from '../wording.js'

/**
 * `bulkhead health`: whether the running process is ready and live, and why it is not well.
 *
 * @returns 0 while it is ready and live, else 1: degraded is no reason to take a process out or to restart it
 */
export async function healthCommand(
  flags: StateFlags,
  session: Session,
  nowMs: () => number = () => Date.now(),
): Promise<number> {
  const found = await atProcess(flags, session, (live) => live.request('health', {}))
  answer(session.terminal, flags, found, (report, paint) => renderHealth(report, paint, nowMs()))
  return found.ready && found.live ? exitCodes.done : exitCodes.failed
}

const styles = { ok: 'green', degraded: 'yellow', failed: 'red' } as const

/** @param nowMs wall clock */
export function renderHealth(report: HealthStatusReport, paint: Paint, nowMs: number): readonly string[] {
  const { status, since, id, version, node, pid, reasons } = report
  const standing = paint(styles[status], status)
  return [
    `${standing}, ${report.ready ? 'ready' : 'not ready'}, ${report.live ? 'live' : 'not live'}`,
    `process   ${pid}, for ${formatAge(nowMs - since)}; runtime ${printable(id)}, bulkhead ${version}, Node ${node}`,
    `children  ${childrenText(report)}`,
    `security  ${securityText(report)}`,
    `walls     ${wallsText(report)}`,
    `journal   ${journalText(report)}`,
    ...reasons.map((reason) => `  - ${printable(reason)}`),
  ]
}

/** `10 running, 1 backoff` */
export function childrenText({ children }: Pick<HealthStatusReport, 'children'>): string {
  const counts = Object.entries(children).map(([state, count]) => `${count} ${state}`)
  return counts.length === 0 ? 'none' : counts.join(', ')
}

function securityText({ security }: HealthStatusReport): string {
  const { violations, quarantined, isolated, reduced } = security
  const lists = Object.entries({ quarantined, isolated, reduced }).filter(([, names]) => names.length > 0)
  return [
    violations === 0 ? 'no violations' : counted(violations, 'violation'),
    ...lists.map(([what, names]) => `${what}: ${names.join(', ')}`),
  ].join('; ')
}

function wallsText({ walls }: HealthStatusReport): string {
  if (walls === undefined) return 'not looked for yet'
  const up = walls.up.length === 0 ? 'none' : walls.up.join(', ')
  return [up, ...walls.missing.map(({ wall, reason }) => `no ${wall}: ${printable(reason)}`)].join('; ')
}

function journalText({ journal, zombies }: HealthStatusReport): string {
  const how = journal.strict ? 'strict' : 'normal'
  const threads = zombies === 0 ? '' : `; ${counted(zombies, 'thread')} would not end`
  return `${how}, ${journal.stalled ? 'stalled' : 'makes progress'}${threads}`
}
