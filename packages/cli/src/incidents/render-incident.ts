import type { IncidentReport } from '@bulkhead/admin'
import { printable } from '../printable.js'
import type { Paint } from '../sgr.js'
import { counted } from '../wording.js'

/** An incident as people read it: first what happened, then what was known. All of it in full with `--json`. */
export function renderIncident({ id, hooks, bundle }: IncidentReport, paint: Paint): readonly string[] {
  const { child, incarnation, from, to, reason, time, tenant, digest, codeDigest, policy, truncated } = bundle
  const heading = (text: string): string => paint('bold', text)
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['child', `${child} (incarnation ${incarnation})`],
    ['tenant', tenant],
    ['time', time],
    ['rung', `${from} → ${to}`],
    ['why', reason],
    ['component', digest],
    ['code', codeDigest],
    ['policy', `version ${policy.version}${policy.hash === undefined ? '' : `, ${policy.hash}`}`],
    ['cut', truncated.length === 0 ? undefined : truncated.join(', ')],
  ]
  return [
    heading(`incident ${id}`),
    ...facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(9)} ${printable(value)}`])),
    ...section(
      'who was told',
      hooks.map(({ hook, outcome, reason }) => `${hook} ${outcome}${after(reason)}`),
    ),
    ...section(
      'counts',
      Object.entries(bundle.ledger).map(([name, count]) => `${name} ${count}`),
    ),
    ...section(
      'what waited',
      bundle.mailbox.map(({ subject, bytes, sender }) => {
        return `${subject} from ${sender}, ${counted(bytes, 'byte')}`
      }),
    ),
    ...section('events', bundle.events.map(lineOf)),
    ...section('audit records', bundle.audit.map(lineOf)),
    ...section('end of its output', bundle.log === '' ? [] : bundle.log.trimEnd().split('\n')),
  ]

  function section(title: string, lines: readonly string[]): readonly string[] {
    return lines.length === 0 ? [] : ['', heading(title), ...lines.map((line) => `  ${printable(line)}`)]
  }
}

function after(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${reason}`
}

/** What is the same in all of them, or only proves them, is left out. */
const left: ReadonlySet<string> = new Set([
  'v',
  'seq',
  'prev',
  'hash',
  'supervisor',
  'child',
  'component',
  'digest',
  'trust',
  'approval',
  'attested',
  'tenant',
])

/** `2026-01-02T03:04:05.006Z access-denied filesystem read /etc/passwd …` */
function lineOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry)
  return Object.entries(entry)
    .filter(([name]) => !left.has(name))
    .map(([name, value]) => (named.has(name) ? valueText(name, value) : `${name}=${valueText(name, value)}`))
    .join(' ')
}

/** Values that say what they are. */
const named: ReadonlySet<string> = new Set(['time', 'type', 'event', 'kind', 'action', 'resource', 'verdict', 'reason'])

function valueText(name: string, value: unknown): string {
  return name === 'time' && typeof value === 'number' ? new Date(value).toISOString() : String(value)
}
