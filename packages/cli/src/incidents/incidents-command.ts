import type { IncidentSummary } from '@bulkhead/admin'
import { answer } from '../answer.js'
import { atDesk, type Session } from '../desk/session.js'
import type { StateFlags } from '../desk/state-flags.js'
import { exitCodes } from '../exit-codes.js'
import { wholeNumber } from '../messages/whole-number.js'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { type Column, renderTable } from '../table.js'
import { renderIncident } from './render-incident.js'

export type IncidentsFlags = StateFlags & { readonly child?: string }

/** `bulkhead incidents list`: when and why children were isolated. */
export async function listIncidentsCommand(flags: IncidentsFlags, session: Session): Promise<number> {
  const { child } = flags
  const input = child === undefined ? {} : { child }
  const found = await atDesk(flags, session, (desk) => desk.request('incidents.list', input))
  answer(session.terminal, flags, found, renderIncidents)
  return exitCodes.done
}

/** `bulkhead incidents show ID`: what was known then. */
export async function showIncidentCommand(id: string, flags: StateFlags, session: Session): Promise<number> {
  const what = {
    what: 'the id of an incident',
    hint: '`bulkhead incidents list` lists them',
    max: Number.MAX_SAFE_INTEGER,
  }
  const input = { id: wholeNumber(id, what) }
  const found = await atDesk(flags, session, (desk) => desk.request('incidents.show', input))
  answer(session.terminal, flags, found, renderIncident)
  return exitCodes.done
}

const columns: readonly Column[] = [
  { title: 'id', align: 'right' },
  { title: 'time', align: 'left' },
  { title: 'child', align: 'left' },
  { title: 'from', align: 'left' },
  { title: 'to', align: 'left' },
  { title: 'told', align: 'left' },
  { title: 'why', align: 'left' },
]

function renderIncidents(
  { incidents }: { readonly incidents: readonly IncidentSummary[] },
  paint: Paint,
): readonly string[] {
  if (incidents.length === 0) return ['no child was isolated']
  const rows = incidents.map(({ id, time, child, from, to, hooks, reason }) => [
    String(id),
    printable(time),
    printable(child),
    printable(from),
    printable(to),
    toldOf(hooks),
    printable(reason),
  ])
  const [head = '', ...body] = renderTable(columns, rows)
  return [paint('bold', head), ...body, '', 'bulkhead incidents show ID shows what was known then']
}

function toldOf(hooks: IncidentSummary['hooks']): string {
  if (hooks.length === 0) return '-'
  return hooks.map(({ hook, outcome }) => (outcome === 'done' ? hook : `${hook} ${outcome}`)).join(', ')
}
